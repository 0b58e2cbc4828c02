#include "compute/operators/sum_accumulators.h"

#include "compute/kernels/exact_division.h"
#include "compute/operators/cell_overflow.h"
#include "compute/operators/sum_columns.h"

namespace sextant {

absl::Status SumOverflow(const SumFormat& format, const char* limit) {
  return CellOverflow(format.metric, "sum", limit);
}

namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;

/// 10^38: decimals are smaller.
int128_t DecimalLimit() {
  int128_t limit = 1;
  for (int digit = 0; digit < 38; ++digit) limit *= 10;
  return limit;
}

}  // namespace

SumColumnForm ColumnFormOf(const SumFormat& format, MetricValues::Form form, bool sums_are_floats) {
  using Kind = SumColumnForm::Kind;
  if (sums_are_floats) return {Kind::kQuotient, format.is_average, 1};
  if (format.value_type.kind == TypeKind::kDuration) {
    return {Kind::kQuotient, format.is_average, uint64_t{kMicrosecondsPerSecond}};
  }
  if (!format.is_average && form == MetricValues::Form::kInteger) return {Kind::kInteger};
  constexpr int kMaxScale = 15;  // 10^15 < 2^53
  if (form != MetricValues::Form::kFloat || format.value_type.scale > kMaxScale) return {};
  uint64_t unit = 1;
  for (int digit = 0; digit < format.value_type.scale; ++digit) unit *= 10;
  return {Kind::kQuotient, format.is_average, unit};
}

absl::Status AppendExact(const SumFormat& format, int128_t sum, uint64_t count,
                         MetricValues& values) {
  const bool is_duration = format.value_type.kind == TypeKind::kDuration;
  if (is_duration) {
    const uint64_t divisor = format.is_average ? count : 1;
    return values.AppendFloat(DivideExactly(sum, divisor * kMicrosecondsPerSecond));
  }
  if (format.is_average)
    return values.AppendFloat(DivideDecimal(sum, count, format.value_type.scale));
  switch (values.form) {
    case MetricValues::Form::kWide:
      if (sum >= DecimalLimit() || sum <= -DecimalLimit()) return SumOverflow(format, "38 digits");
      return values.AppendWide(WideOfInt128(sum));
    case MetricValues::Form::kFloat:
      return values.AppendFloat(DivideDecimal(sum, 1, format.value_type.scale));
    default:
      if (sum != static_cast<int64_t>(sum)) return SumOverflow(format, "bigint");
      return values.AppendInteger(static_cast<int64_t>(sum));
  }
}

}  // namespace sextant
