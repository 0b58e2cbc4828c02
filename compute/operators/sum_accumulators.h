#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "compute/column/data_type.h"
#include "compute/operators/metric_values.h"

namespace sextant {

/// How a metric's sums become values.
struct SumFormat {
  std::string metric;
  bool is_average = false;
  DataType value_type;
  DataType result_type;
};

/// OUT_OF_RANGE (SUM_OVERFLOW): the sum is beyond `limit`.
absl::Status SumOverflow(const SumFormat& format, const char* limit);

/// Appends an exact sum of `count` values, or their mean.
absl::Status AppendExact(const SumFormat& format, int128_t sum, uint64_t count,
                         MetricValues& values);

/// The same of a sum of finite floats.
inline absl::Status AppendFloatSum(const SumFormat& format, double sum, uint64_t count,
                                   MetricValues& values) {
  if (!std::isfinite(sum)) return SumOverflow(format, "double precision");
  return values.AppendFloat(format.is_average ? sum / static_cast<double>(count) : sum);
}

/// Where nothing can go wrong: integers whose bounds and number prove that int64 holds their sum,
/// and floats whose bounds prove them finite, as FloatSum adds them.
template <typename ValueType>
struct PlainSum {
  using Value = ValueType;
  Value sum = 0;
  uint64_t count = 0;

  void Add(Value value) {
    sum += value;
    ++count;
  }
  void Merge(const PlainSum& next) {
    sum += next.sum;
    count += next.count;
  }
  absl::Status Append(const SumFormat& format, MetricValues& values) const {
    if constexpr (std::is_same_v<Value, double>) {
      return AppendFloatSum(format, sum, count, values);
    } else {
      return AppendExact(format, sum, count, values);
    }
  }
};
using ProvenSum = PlainSum<int64_t>;
using FiniteSum = PlainSum<double>;

/// Exact in 128 bits. Only decimals of more than 18 digits can overflow them, and may come back:
/// what counts is whether all of them together do.
template <typename ValueType>
struct WideSum {
  using Value = ValueType;
  int128_t sum = 0;
  uint64_t count = 0;
  int64_t wraps = 0;  // times that 2^128 must be added to `sum`

  void Add(const Value& value) {
    int128_t addend;
    if constexpr (std::is_same_v<Value, Wide>) {
      addend = Int128OfWide(value);
    } else {
      addend = value;
    }
    AddExactly(addend);
    ++count;
  }
  void Merge(const WideSum& next) {
    AddExactly(next.sum);
    wraps += next.wraps;
    count += next.count;
  }
  absl::Status Append(const SumFormat& format, MetricValues& values) const {
    if (wraps != 0) return SumOverflow(format, "38 digits");
    return AppendExact(format, sum, count, values);
  }

 private:
  void AddExactly(int128_t addend) {
    if (__builtin_add_overflow(sum, addend, &sum)) wraps += addend < 0 ? -1 : 1;
  }
};

/// 0 of a finite value, else the value.
inline double SpecialOf(double value) { return std::isfinite(value) ? 0 : value; }

/// In row order; the ranges' sums are added in order (rule 4). `special` is 0 until an infinity or
/// a NaN comes in; from then on it is the answer, whatever the finite values add up to, as it is in
/// PostgreSQL where it comes first.
struct FloatSum {
  using Value = double;
  double sum = 0;
  double special = 0;
  uint64_t count = 0;

  void Add(double value) {
    sum += value;
    special += SpecialOf(value);
    ++count;
  }
  void Merge(const FloatSum& next) {
    sum += next.sum;
    special += next.special;
    count += next.count;
  }
  absl::Status Append(const SumFormat& format, MetricValues& values) const {
    if (special != 0) return values.AppendFloat(special);  // its mean is the same
    return AppendFloatSum(format, sum, count, values);
  }
};

}  // namespace sextant
