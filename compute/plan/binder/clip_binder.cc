#include "compute/plan/binder/clip_binder.h"

#include "absl/strings/str_cat.h"
#include "compute/plan/binder/literal_binder.h"
#include "compute/plan/binder/type_name.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr int kMaxStrideDays = 36'525;
constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

bool HasOneValue(AggregateKind kind) {
  return HasValue(kind) && kind != AggregateKind::kCorr && kind != AggregateKind::kRegrSlope &&
         kind != AggregateKind::kRegrR2 && kind != AggregateKind::kTopValues;
}

}  // namespace

absl::Status CheckClip(const Clip& clip) {
  if (!(clip.low >= 0 && clip.low <= clip.high && clip.high <= 1)) {
    return FieldError("clip", absl::StrCat("found the quantiles ", clip.low, " and ", clip.high,
                                           "; allowed: 0 <= low <= high <= 1"));
  }
  if (clip.stride_days < 0 || clip.stride_days > kMaxStrideDays) {
    return FieldError("clip.stride",
                      absl::StrCat("found ", clip.stride_days, " days; allowed: 1 to ",
                                   kMaxStrideDays, ", or the whole range"));
  }
  return absl::OkStatus();
}

absl::StatusOr<BoundClip> BindClip(const Clip& clip, const BoundAggregate& samples,
                                   const std::string& path) {
  const std::string field = absl::StrCat(path, ".clip");
  if (samples.pin.kind != TimePin::Kind::kAt) {
    ErrorDetail detail;
    detail.field = field;
    detail.reason = "CLIP_WITHOUT_INSTANT";
    detail.metadata = {{"metric", samples.metric}};
    return WithDetail(
        absl::FailedPreconditionError(absl::StrCat(
            field, ": metric '", samples.metric,
            "' is not pinned by `at`, and outliers are found among the samples of some days; "
            "allowed: a metric with `at`, or `clip: false` in its definition")),
        detail);
  }
  if (clip.stride_days == 0 && samples.pin.frame != nullptr) {
    return FieldError("clip.stride",
                      absl::StrCat("found the whole range, and metric '", samples.metric,
                                   "' has samples of other times, by `cumulative` or `compare_to`; "
                                   "allowed: a number of days"));
  }
  const DataType& type = samples.value.type;
  const bool is_number = IsNumber(type.kind) || type.kind == TypeKind::kDuration;
  if (!HasOneValue(samples.kind) || !is_number) {
    return FieldError(field, absl::StrCat("metric '", samples.metric,
                                          "' has no number per sample; allowed: aggregates of one "
                                          "number or difference of times each"));
  }
  if (HasWideKey(type)) {
    return FieldError(field, absl::StrCat("metric '", samples.metric, "' is of ", TypeName(type),
                                          "; allowed: numeric of at most 18 digits, or a cast to "
                                          "float8"));
  }
  return BoundClip{.value = samples.value,
                   .filter = samples.filter,
                   .low = clip.low,
                   .high = clip.high,
                   .stride_us = clip.stride_days * kDayUs};
}

}  // namespace sextant
