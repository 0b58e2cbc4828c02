// date, timestamp and timestamptz: counted from 2000-01-01 on the wire, from 1970-01-01 here.

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "compute/memory/check.h"
#include "storage/postgres/column_decoder.h"

namespace sextant {
namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr int64_t kEpochShiftDays = 10957;  // from 1970-01-01 to 2000-01-01
constexpr int64_t kEpochShiftUs = kEpochShiftDays * 86'400 * kMicrosecondsPerSecond;
// An instant is an int64 of microseconds: this side of the year 294247. A day too, so that its
// midnight is an instant; a further day is left for zones.
constexpr int64_t kLargestInstantUs = std::numeric_limits<int64_t>::max() - kEpochShiftUs;
constexpr int64_t kLargestDay = std::numeric_limits<int64_t>::max() / 86'400'000'000 - 1;

constexpr char kInfinite[] =
    "infinity has no place on a time axis; replace it in a query, for example by "
    "nullif(column, 'infinity')";
constexpr char kTooFar[] = "a time after the year 294246";

class DateDecoder final : public ColumnDecoder {
 public:
  using ColumnDecoder::ColumnDecoder;

  absl::Status Decode(const FieldBatch& batch, ColumnBuilder& builder) override {
    std::array<int64_t, kMaxRawRows> values;
    for (size_t i = 0; i < batch.fields.size(); ++i) {
      const char* const field = batch.fields[i];
      values[i] = 0;
      if (field == nullptr) continue;
      if (FieldLength(field) != 4) return WrongLength(batch.row(i), FieldLength(field), 4);
      const int32_t days = LoadBigEndian<int32_t>(field);
      const bool is_infinite = days == std::numeric_limits<int32_t>::max() ||
                               days == std::numeric_limits<int32_t>::min();
      if (is_infinite) return Unstorable(batch.row(i), kInfinite);
      values[i] = days + kEpochShiftDays;
      if (values[i] > kLargestDay || values[i] < -kLargestDay) {
        return Unstorable(batch.row(i), kTooFar);
      }
    }
    const BatchValidity valid(batch.fields);
    return static_cast<IntegerColumnBuilder&>(builder).Append(
        std::span(values.data(), batch.fields.size()), valid.words());
  }
};

class TimestampDecoder final : public ColumnDecoder {
 public:
  TimestampDecoder(std::string column_name, absl::TimeZone zone)
      : ColumnDecoder(std::move(column_name)),
        zone_(zone),
        is_local_(zone != absl::UTCTimeZone()) {}

  absl::Status Decode(const FieldBatch& batch, ColumnBuilder& builder) override {
    const size_t num_rows = batch.fields.size();
    std::array<int64_t, kMaxRawRows> values;
    for (size_t i = 0; i < num_rows; ++i) {
      const char* const field = batch.fields[i];
      values[i] = 0;
      if (field == nullptr) continue;
      if (FieldLength(field) != 8) return WrongLength(batch.row(i), FieldLength(field), 8);
      const int64_t microseconds = LoadBigEndian<int64_t>(field);
      if (microseconds > kLargestInstantUs || microseconds == kMinusInfinity) {
        return Unstorable(batch.row(i), WhyNot(microseconds));
      }
      values[i] = microseconds + kEpochShiftUs;
    }
    if (is_local_) {
      if (absl::Status status = ToInstants(batch, values); !status.ok()) return status;
    }
    const BatchValidity valid(batch.fields);
    return static_cast<IntegerColumnBuilder&>(builder).Append(std::span(values.data(), num_rows),
                                                              valid.words());
  }

 private:
  static constexpr int64_t kMinusInfinity = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kPlusInfinity = std::numeric_limits<int64_t>::max();

  static const char* WhyNot(int64_t microseconds) {
    return microseconds == kPlusInfinity || microseconds == kMinusInfinity ? kInfinite : kTooFar;
  }

  absl::Status ToInstants(const FieldBatch& batch, std::span<int64_t> values) const {
    for (size_t i = 0; i < batch.fields.size(); ++i) {
      if (batch.fields[i] == nullptr) continue;
      if (!ToInstant(values[i])) return Unstorable(batch.row(i), kTooFar);
    }
    return absl::OkStatus();
  }

  // As PostgreSQL's AT TIME ZONE: a skipped local time is read with the offset before the change, a
  // repeated one with the offset after it.
  bool ToInstant(int64_t& microseconds) const {
    int64_t seconds = microseconds / kMicrosecondsPerSecond;
    int64_t fraction_us = microseconds % kMicrosecondsPerSecond;
    if (fraction_us < 0) {
      fraction_us += kMicrosecondsPerSecond;
      --seconds;
    }
    const absl::CivilSecond local = absl::CivilSecond(1970, 1, 1) + seconds;
    const absl::TimeZone::TimeInfo info = zone_.At(local);
    const absl::Time instant =
        info.kind == absl::TimeZone::TimeInfo::REPEATED ? info.post : info.pre;
    const int64_t unix_seconds = absl::ToUnixSeconds(instant);
    return !__builtin_mul_overflow(unix_seconds, kMicrosecondsPerSecond, &microseconds) &&
           !__builtin_add_overflow(microseconds, fraction_us, &microseconds);
  }

  const absl::TimeZone zone_;
  const bool is_local_;
};

}  // namespace

std::unique_ptr<ColumnDecoder> MakeTimestampDecoder(const PlannedColumn& column, WireType wire) {
  const std::string& name = column.field.name;
  if (wire == WireType::kDate) return std::make_unique<DateDecoder>(name);
  if (wire == WireType::kTimestamp) return std::make_unique<TimestampDecoder>(name, column.zone);
  SEXTANT_CHECK(wire == WireType::kTimestamptz);
  return std::make_unique<TimestampDecoder>(name, absl::UTCTimeZone());
}

}  // namespace sextant
