#pragma once

#include <cstdint>

#include "compute/operators/aggregate.h"
#include "compute/operators/value_reader.h"

namespace sextant {

/// Digits after the point of an integer that stands for a number: those of a decimal, 6 of a
/// duration (seconds of microseconds), else 0.
int NumberScale(const DataType& type);
/// The number as float64, rounded once for scales of up to 18 digits.
double NumberOf(int64_t integer, int scale);
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
