#pragma once

#include <cstdint>
#include <span>

#include "compute/column/table.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What a read left behind.
struct ReadOutcome {
  bool all_valid = true;
  /// Values that could not be computed from operands that are there: differences that overflow
  /// (rule 5).
  uint64_t excluded = 0;
};

/// Reads a value of rows: a column, or the difference of two, into an array of one physical type.
/// Const after construction; safe for any number of threads.
class ValueReader {
 public:
  enum class Form {
    kInteger,  // int64: integers, bool, date, timestamp, duration, decimals as scaled, differences
    kFloat,    // double
    kWide,     // Wide
    kCode,     // code of a dictionary
    kBytes,    // bytes in the column
  };

  ValueReader(const BoundValue& value, const Table& table);
  /// A difference of columns of which nothing is known. REQUIRES: difference.minus.
  explicit ValueReader(const BoundValue& difference);

  Form form() const { return form_; }
  const DataType& type() const { return value_.type; }
  ColumnIndex column() const { return value_.column; }
  bool is_difference() const { return value_.minus.has_value(); }
  /// False when bounds prove that every difference fits: then `excluded` is 0.
  bool may_exclude() const { return may_exclude_; }
  /// kInteger: every value v has |v| <= max_magnitude(), saturated to uint64.
  uint64_t max_magnitude() const { return max_magnitude_; }

  /// Form kInteger. Writes the values of `rows`, and 1 or 0 to `valid`; slots that are not valid
  /// hold anything.
  ReadOutcome ReadIntegers(const Chunk& chunk, std::span<const uint32_t> rows, int64_t* values,
                           uint8_t* valid) const;
  /// Form kFloat.
  ReadOutcome ReadFloats(const Chunk& chunk, std::span<const uint32_t> rows, double* values,
                         uint8_t* valid) const;
  /// Form kWide.
  ReadOutcome ReadWides(const Chunk& chunk, std::span<const uint32_t> rows, Wide* values,
                        uint8_t* valid) const;
  /// Form kCode.
  ReadOutcome ReadCodes(const Chunk& chunk, std::span<const uint32_t> rows, uint32_t* codes,
                        uint8_t* valid) const;
  /// Forms kInteger, kFloat and kCode: the int64 key that predicates and min/max compare.
  ReadOutcome ReadKeys(const Chunk& chunk, std::span<const uint32_t> rows, int64_t* keys,
                       uint8_t* valid) const;
  /// Validity alone, of any form; a difference that overflows is not valid.
  ReadOutcome ReadValidity(const Chunk& chunk, std::span<const uint32_t> rows,
                           uint8_t* valid) const;

 private:
  void BoundDifference(const Table& table);
  ReadOutcome ReadOperandValidity(const Chunk& chunk, std::span<const uint32_t> rows,
                                  uint8_t* valid) const;
  ReadOutcome SubtractIntegers(const Chunk& chunk, std::span<const uint32_t> rows,
                               int64_t* differences, uint8_t* valid) const;
  ReadOutcome SubtractFloats(const Chunk& chunk, std::span<const uint32_t> rows,
                             double* differences, uint8_t* valid) const;

  const BoundValue value_;
  Form form_ = Form::kInteger;
  bool may_exclude_ = false;
  uint64_t max_magnitude_ = ~uint64_t{0};
};

}  // namespace sextant
