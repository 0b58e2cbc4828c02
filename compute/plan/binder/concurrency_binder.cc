#include "compute/plan/binder/concurrency_binder.h"

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"

namespace sextant {

absl::StatusOr<AggregateCall> ConcurrencyCall(const Metric& metric, const std::string& path) {
  if (metric.pin.kind != TimePin::Kind::kDuring) {
    return FieldError(absl::StrCat(path, ".concurrency"),
                      absl::StrCat("found ",
                                   metric.pin.kind == TimePin::Kind::kNone
                                       ? "no span of time"
                                       : "another time than a span that rows run in",
                                   "; allowed: during: [start, end]"));
  }
  const char* const part = !metric.domain.empty()      ? "domain"
                           : metric.clip               ? "clip"
                           : metric.is_zero_when_empty ? "empty"
                                                       : nullptr;
  if (part != nullptr) {
    return FieldError(absl::StrCat(path, ".", part),
                      absl::StrCat("found it beside concurrency, whose rows have no values, and "
                                   "which is 0 where none runs; allowed: beside an aggregate of "
                                   "values"));
  }
  AggregateCall call;
  call.kind = *metric.concurrency == Metric::Concurrency::kMax ? AggregateKind::kConcurrencyMax
                                                               : AggregateKind::kConcurrencyMean;
  return call;
}

}  // namespace sextant
