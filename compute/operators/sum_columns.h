#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "compute/column/data_type.h"
#include "compute/operators/metric_values.h"
#include "compute/operators/sum_accumulators.h"

namespace sextant {

/// How the sums of many cells become a column of values without a question per cell: as they are,
/// or as one quotient of two numbers that doubles hold. What is beyond goes one by one, through the
/// Append of the accumulators, which is the truth.
struct SumColumnForm {
  enum class Kind { kInteger, kQuotient, kOneByOne };

  Kind kind = Kind::kOneByOne;
  bool by_count = false;  // divided by the count too: a mean
  uint64_t unit = 1;      // kQuotient: what sums are counted in, 10^scale or 10^6
};

/// Values are of `form`, and sums of type `Sum`.
SumColumnForm ColumnFormOf(const SumFormat& format, MetricValues::Form form, bool sums_are_floats);

/// The accumulator of a cell: sums[cell] of an array, or of what makes it of what a cell keeps.
template <typename Sums>
using SumIn = std::remove_cvref_t<decltype(std::declval<const Sums&>()[0])>;

/// Writes the sum of each of `cells`, and whether it has one; returns whether all are exact, or
/// must be written one by one. So do the others. Of ProvenSum or a WideSum of int64.
template <typename Sums>
bool CopySums(const Sums& all_sums, std::span<const uint32_t> cells, int64_t* __restrict values,
              uint8_t* __restrict valid) {
  using Sum = SumIn<Sums>;
  const Sums sums = all_sums;  // its members stay in registers
  uint64_t lost = 0;
  for (size_t k = 0; k < cells.size(); ++k) {
    const Sum& one = sums[cells[k]];
    values[k] = static_cast<int64_t>(one.sum);
    if constexpr (!std::is_same_v<Sum, ProvenSum>) {
      lost |= (one.sum != values[k] ? 1 : 0) | static_cast<uint64_t>(one.wraps);
    }
    valid[k] = one.count != 0 ? 1 : 0;  // else the sum is 0
  }
  return lost == 0;
}

/// Writes sum / (unit * count), or sum / unit, of each of `cells`.
template <bool kByCount, typename Sums>
bool DivideSums(const Sums& all_sums, std::span<const uint32_t> cells, uint64_t unit,
                double* __restrict values, uint8_t* __restrict valid) {
  using Sum = SumIn<Sums>;
  const Sums sums = all_sums;
  constexpr uint64_t kExact = uint64_t{1} << 53;  // doubles hold integers up to it
  const uint64_t max_count = kExact / unit;
  uint64_t lost = max_count == 0 ? 1 : 0;
  for (size_t k = 0; k < cells.size(); ++k) {
    const Sum& one = sums[cells[k]];
    const auto sum = static_cast<int64_t>(one.sum);
    const uint64_t has_sample = one.count != 0 ? 1 : 0;  // else the sum is 0, divided by anything
    const uint64_t divisor = kByCount ? (one.count + (1 - has_sample)) * unit : unit;
    lost |= static_cast<uint64_t>(sum) + kExact > 2 * kExact ? 1 : 0;
    if constexpr (kByCount) lost |= one.count > max_count ? 1 : 0;
    if constexpr (!std::is_same_v<Sum, ProvenSum>) {
      lost |= (one.sum != sum ? 1 : 0) | static_cast<uint64_t>(one.wraps);
    }
    values[k] = static_cast<double>(sum) / static_cast<double>(static_cast<int64_t>(divisor));
    valid[k] = static_cast<uint8_t>(has_sample);
  }
  return lost == 0;
}

/// Writes the float sum of each of `cells`, or its mean. Of FiniteSum or FloatSum.
template <bool kByCount, typename Sums>
bool CopyFloatSums(const Sums& all_sums, std::span<const uint32_t> cells, double* __restrict values,
                   uint8_t* __restrict valid) {
  using Sum = SumIn<Sums>;
  const Sums sums = all_sums;
  bool is_finite = true;
  for (size_t k = 0; k < cells.size(); ++k) {
    const Sum& one = sums[cells[k]];
    is_finite &= std::isfinite(one.sum);
    if constexpr (std::is_same_v<Sum, FloatSum>) is_finite &= one.special == 0;
    const uint64_t has_sample = one.count != 0 ? 1 : 0;
    const uint64_t divisor = one.count + (1 - has_sample);
    values[k] = kByCount ? one.sum / static_cast<double>(divisor) : one.sum;
    valid[k] = static_cast<uint8_t>(has_sample);
  }
  return is_finite;
}

/// Appends the values of `cells`; `sums` is copied. Errors: OUT_OF_RANGE (SUM_OVERFLOW),
/// RESOURCE_EXHAUSTED.
template <typename Sums>
absl::Status AppendSumColumn(const SumFormat& format, const Sums& sums,
                             std::span<const uint32_t> cells, MetricValues& values) {
  using Sum = SumIn<Sums>;
  constexpr bool kIsFloat = std::is_same_v<typename Sum::Value, double>;
  constexpr bool kIsWide = std::is_same_v<typename Sum::Value, Wide>;
  const SumColumnForm form = ColumnFormOf(format, values.form, kIsFloat);
  const size_t first = values.size();
  bool is_exact = false;
  if constexpr (!kIsWide) {
    if (form.kind == SumColumnForm::Kind::kQuotient) {
      SEXTANT_ASSIGN_OR_RETURN(const std::span<double> slots, values.AddFloats(cells.size()));
      uint8_t* const valid = values.valid.data() + first;
      if constexpr (kIsFloat) {
        is_exact = form.by_count ? CopyFloatSums<true>(sums, cells, slots.data(), valid)
                                 : CopyFloatSums<false>(sums, cells, slots.data(), valid);
      } else {
        is_exact = form.by_count ? DivideSums<true>(sums, cells, form.unit, slots.data(), valid)
                                 : DivideSums<false>(sums, cells, form.unit, slots.data(), valid);
      }
    } else if (!kIsFloat && form.kind == SumColumnForm::Kind::kInteger) {
      SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(cells.size()));
      if constexpr (!kIsFloat) {
        is_exact = CopySums(sums, cells, slots.data(), values.valid.data() + first);
      }
    }
  }
  if (is_exact) return absl::OkStatus();
  if (values.size() != first) values.Shorten(first);
  for (const uint32_t cell : cells) {
    const Sum& one = sums[cell];
    SEXTANT_RETURN_IF_ERROR(one.count != 0 ? one.Append(format, values) : values.AppendMissing());
  }
  return absl::OkStatus();
}

}  // namespace sextant
