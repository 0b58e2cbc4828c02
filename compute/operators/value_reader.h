#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/plan/bound_query.h"

namespace sextant {

class ExpressionStep;

/// What a read left behind.
struct ReadOutcome {
  bool all_valid = true;
  /// Values that could not be computed: differences that overflow, expressions that are NULL and of
  /// which a step failed (rule 5).
  uint64_t excluded = 0;
};

/// Reads a value of rows: a column, the difference of two, or an expression, into an array of one
/// physical type. At most kBatchRows rows at a time, ascending; some may repeat. Const after
/// construction; safe for any number of threads.
class ValueReader {
 public:
  enum class Form {
    kInteger,  // int64: integers, bool, date, timestamp, duration, decimals as scaled, differences
    kFloat,    // double
    kWide,     // Wide
    kCode,     // code of a dictionary; of an expression: of an enum
    kBytes,    // bytes in the column
    kText,     // texts that an expression computes
  };

  /// Errors: RESOURCE_EXHAUSTED from `budget`, which what an expression's conditions look up is
  /// charged to; INVALID_ARGUMENT for a pattern that is no regular expression.
  static absl::StatusOr<ValueReader> Create(const BoundValue& value, const Table& table,
                                            MemoryBudget& budget);
  /// The same where nothing may fail: charged to nobody. REQUIRES: patterns are good ones. Where
  /// AskToGoOn ends the compilation there are no values: whoever makes readers asks afterwards.
  ValueReader(const BoundValue& value, const Table& table);

  Form form() const { return form_; }
  const DataType& type() const { return value_.type; }
  /// Of an expression's codes: whose dictionary they are of.
  ColumnIndex column() const { return value_.column; }
  /// The value is that of column() and nothing else.
  bool is_column() const { return value_.IsColumn(); }
  bool is_difference() const { return value_.minus.has_value() && expression_ == nullptr; }
  /// Relative work per row, as PredicateStep::cost; of what is not a column.
  int cost() const;
  /// False when `excluded` is always 0: of columns, and of differences that bounds prove to fit.
  bool may_exclude() const { return may_exclude_; }
  /// kInteger: every value v has |v| <= max_magnitude(), saturated to uint64.
  uint64_t max_magnitude() const { return max_magnitude_; }

  /// Form kInteger. Writes the values of `rows`, and 1 or 0 to `valid`; slots that are not valid
  /// hold anything.
  ReadOutcome ReadIntegers(const Chunk& chunk, std::span<const uint32_t> rows, int64_t* values,
                           uint8_t* valid) const;
  /// The values less `least`, modulo 2^32; of floats the decimals that they are (DecimalFloatsOf).
  /// REQUIRES: is_column(), and form kInteger, or kFloat where these are there.
  ReadOutcome ReadOffsets(const Chunk& chunk, std::span<const uint32_t> rows, int64_t least,
                          uint32_t* offsets, uint8_t* valid) const;
  /// Form kFloat.
  ReadOutcome ReadFloats(const Chunk& chunk, std::span<const uint32_t> rows, double* values,
                         uint8_t* valid) const;
  /// Form kWide.
  ReadOutcome ReadWides(const Chunk& chunk, std::span<const uint32_t> rows, Wide* values,
                        uint8_t* valid) const;
  /// Form kCode.
  ReadOutcome ReadCodes(const Chunk& chunk, std::span<const uint32_t> rows, uint32_t* codes,
                        uint8_t* valid) const;
  /// Forms kText and kBytes, and kCode where it is not an enum. The texts of an expression are gone
  /// with the TextScope (evaluation_scratch.h) that the caller is in.
  ReadOutcome ReadTexts(const Chunk& chunk, std::span<const uint32_t> rows, std::string_view* texts,
                        uint8_t* valid) const;
  /// Forms kInteger, kFloat and kCode: the int64 key that predicates and min/max compare.
  ReadOutcome ReadKeys(const Chunk& chunk, std::span<const uint32_t> rows, int64_t* keys,
                       uint8_t* valid) const;
  /// Validity alone, of any form; what cannot be computed is not valid.
  ReadOutcome ReadValidity(const Chunk& chunk, std::span<const uint32_t> rows,
                           uint8_t* valid) const;

 private:
  ValueReader(const BoundValue& value, const Table& table,
              std::shared_ptr<const ExpressionStep> expression);
  void BoundDifference(const Table& table);
  ReadOutcome ReadOperandValidity(const Chunk& chunk, std::span<const uint32_t> rows,
                                  uint8_t* valid) const;
  ReadOutcome SubtractIntegers(const Chunk& chunk, std::span<const uint32_t> rows,
                               int64_t* differences, uint8_t* valid) const;
  ReadOutcome SubtractFloats(const Chunk& chunk, std::span<const uint32_t> rows,
                             double* differences, uint8_t* valid) const;

  template <typename T>
  ReadOutcome ReadExpression(const Chunk& chunk, std::span<const uint32_t> rows, T* values,
                             uint8_t* valid) const;

  const BoundValue value_;
  std::shared_ptr<const ExpressionStep> expression_;
  std::shared_ptr<const Dictionary> dictionary_;  // of texts in a column
  Form form_ = Form::kInteger;
  bool may_exclude_ = false;
  uint64_t max_magnitude_ = ~uint64_t{0};
  double power_ = 1;  // of a column of DecimalFloats
};

}  // namespace sextant
