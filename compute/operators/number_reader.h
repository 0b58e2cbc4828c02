#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "compute/operators/aggregate.h"
#include "compute/operators/value_reader.h"

namespace sextant {

/// Digits after the point of an integer that stands for a number: those of a decimal, 6 of a
/// duration (seconds of microseconds), else 0.
int NumberScale(const DataType& type);
/// The number as float64, rounded once: of an integer and a power of ten that doubles may not hold.
double RoundedNumberOf(int64_t integer, int scale);
/// Powers of ten that are exact as doubles, for scales of kInteger forms.
inline constexpr std::array<double, 19> kExactPowersOfTen = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
/// The number as float64, rounded once for scales of up to 18 digits.
inline double NumberOf(int64_t integer, int scale) {
  if (scale == 0) return static_cast<double>(integer);
  // Both are exact, so the division is the one rounding.
  constexpr int64_t kLargestExact = int64_t{1} << 53;
  if (integer >= -kLargestExact && integer <= kLargestExact && scale <= 18) {
    return static_cast<double>(integer) / kExactPowersOfTen[static_cast<size_t>(scale)];
  }
  return RoundedNumberOf(integer, scale);
}
/// The value of a decimal of more than 18 digits: as DivideDecimal rounds.
double NumberOf(Wide decimal, int scale);

/// Reads numbers of rows, durations in seconds, as float64: what PostgreSQL's casts to double
/// precision give. Const after construction; safe for any number of threads.
class NumberReader {
 public:
  /// REQUIRES: `value` is a number, a bool or a duration.
  NumberReader(const BoundValue& value, const Table& table);

  /// Writes the numbers of the batch's rows, and 1 or 0 to `valid`; slots that are not valid hold
  /// anything.
  void Read(const SampleBatch& batch, double* numbers, uint8_t* valid) const;

 private:
  const ValueReader reader_;
  const int scale_;
};

}  // namespace sextant
