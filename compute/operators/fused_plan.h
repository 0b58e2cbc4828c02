#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compute/column/table.h"
#include "compute/kernels/cell_words.h"
#include "compute/operators/value_reader.h"
#include "compute/operators/word_fields.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// A value that is added up, and where a cell keeps its sum and its count. An integer is kept as
/// how far it is above `least`, which is never negative; bounds of the column, or of what an
/// expression may give, prove that no field runs over.
struct FusedValue {
  enum class Kind {
    kRows,      // count(*): no value
    kPresence,  // of a column: only its count
    kIntegers,  // of a column
    kComputed,  // integers of an expression or a difference
    kDecimals,  // floats of a column that are decimals of few digits, as integers
    kFloats,    // of a column without infinities and NaN
  };
  Kind kind = Kind::kRows;
  std::optional<ValueReader> reader = std::nullopt;
  /// How many rows had the value; of AddPositiveSum only whether any did.
  WordField count = {};
  bool counts_itself = false;  // else no field of its own
  WordField sum = {};          // kIntegers, kComputed, kDecimals
  int64_t least = 0;
  uint64_t span = 0;         // of what has integers: the greatest, above `least`
  uint8_t digits = 0;        // kDecimals
  uint32_t float_index = 0;  // kFloats

  bool has_integers() const {
    return kind == Kind::kIntegers || kind == Kind::kComputed || kind == Kind::kDecimals;
  }
};

/// Which values share the cells of one state, and how: count(*), counts, and sums that are proven
/// to fit int64 or to be sums of finite floats. Const once all were added.
class FusedPlan {
 public:
  /// `num_rows` bounds the samples of a cell. `keeps_floats`: floats are added as they are, in the
  /// order of rows, also where they are decimals, which takes a little longer.
  FusedPlan(const Table& table, uint64_t num_rows, bool keeps_floats)
      : table_(table), num_rows_(num_rows), keeps_floats_(keeps_floats) {}

  /// Returns the number of the value, whose sum and count are kept; nullopt, and nothing is added,
  /// where its sum is not proven, or the cell has no room.
  std::optional<uint32_t> AddSum(const BoundValue& value);
  /// AddSum where nobody asks for the count: a sum of integers above 0 tells by itself whether
  /// any was added. nullopt for others, and where a count takes less room. REQUIRES: nothing but
  /// sums is added to the plan, these first.
  std::optional<uint32_t> AddPositiveSum(const BoundValue& value);
  /// As AddSum, of a count; `value` is null for count(*).
  std::optional<uint32_t> AddCount(const BoundValue* value);

  /// Whether every value is read off columns of integers, or not at all.
  bool sums_selections() const;

  /// The same values of one sample, in one word of at most 32 bits, whose count of rows is not
  /// kept: it is 1. nullopt where they take more, or there are floats.
  std::optional<FusedPlan> OfOneSample() const;

  CellForm form() const { return {layout_.num_words(), num_floats_}; }
  const std::vector<FusedValue>& values() const { return values_; }
  const std::optional<WordField>& row_count() const { return row_count_; }

 private:
  /// AddSum of a column of floats.
  std::optional<uint32_t> AddFloatSum(FusedValue value);
  /// Adds the fields of `value` and keeps it, or does neither.
  std::optional<uint32_t> Place(FusedValue value, uint32_t num_sum_bits);

  const Table& table_;  // while it is planned
  uint64_t num_rows_;
  bool keeps_floats_;
  WordLayout layout_;
  uint32_t num_floats_ = 0;
  std::optional<WordField> row_count_;
  std::optional<WordField> presence_;  // above 0 where there was a row
  std::vector<FusedValue> values_;
};

}  // namespace sextant
