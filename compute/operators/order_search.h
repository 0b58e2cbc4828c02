#pragma once

#include <cstdint>
#include <span>

#include "compute/column/column.h"
#include "compute/column/value_order.h"
#include "compute/kernels/selection.h"

namespace sextant {

/// What a ValueOrder has for a condition, before any row of it is read. Costs are in quarters of a
/// nanosecond, as those of PredicateStep.
struct OrderedRows {
  /// Rows for which the condition is TRUE: exact of a range and of up to OrderSearch::kMaxExactKeys
  /// keys.
  double num_kept = 0;
  /// Of OrderSearch::Narrow.
  double cost = 0;
};

/// A condition on the values of a column, answered by a ValueOrder: a range, or a set of values.
/// Keys as predicates compare them: int64_t of kInteger and kFloat, int128_t of kWide. A range
/// takes the rows inside of it, or those outside where they are fewer. Does not own the keys.
/// Immutable, so safe for any thread; no allocation.
template <typename Key>
class OrderSearch {
 public:
  static constexpr size_t kMaxExactKeys = 8;

  /// min <= value <= max; negated: the other values.
  static OrderSearch OfRange(Key min, Key max, bool negated) { return {min, max, {}, negated}; }
  /// REQUIRES: `keys` ascend without repeats.
  static OrderSearch OfKeys(std::span<const Key> keys, bool negated) {
    return {1, 0, keys, negated};
  }

  /// Whether the bounds of the column's values decide the condition for all of them.
  bool IsDecidedByBounds(const Column& column) const;
  OrderedRows Find(const ValueOrder& order, const Column& column) const;
  /// Keeps the selected rows for which the condition is TRUE.
  void Narrow(const ValueOrder& order, const Column& column, Selection selection) const;

  /// What Narrow costs where `num_listed` rows of a chunk of `num_rows` are inside of a range, or
  /// outside.
  static double CostOf(double num_listed, uint32_t num_rows);

 private:
  OrderSearch(Key min, Key max, std::span<const Key> keys, bool negated)
      : min_(min), max_(max), keys_(keys), negated_(negated) {}

  /// Where the rows of a range are in the order.
  struct Interval {
    uint32_t begin = 0;
    uint32_t end = 0;
    uint32_t size() const { return end - begin; }
  };
  static Interval FindRange(const ValueOrder& order, const Column& column, Key min, Key max);

  OrderedRows FindKeys(const ValueOrder& order, const Column& column) const;
  bool IsRange() const { return keys_.empty() || keys_.size() == 1; }
  Key min() const { return keys_.empty() ? min_ : keys_[0]; }
  Key max() const { return keys_.empty() ? max_ : keys_[0]; }
  std::span<const Key> KeysWithin(const Column& column) const;

  Key min_;
  Key max_;
  std::span<const Key> keys_;
  bool negated_;
};

extern template class OrderSearch<int64_t>;
extern template class OrderSearch<int128_t>;

}  // namespace sextant
