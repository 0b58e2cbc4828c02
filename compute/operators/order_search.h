#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "compute/column/column.h"
#include "compute/column/value_order.h"
#include "compute/kernels/selection.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What a ValueOrder has for a condition, before any row of it is read. Costs are in quarters of a
/// nanosecond, as those of PredicateStep.
struct OrderedRows {
  /// Rows for which the condition is TRUE: exact of a range and of up to
  /// OrderSearch::kMaxExactValues values.
  double num_kept = 0;
  /// Of OrderSearch::Narrow.
  double cost = 0;
};

/// A condition on the values of a column, answered by a ValueOrder: a range, or a set of values. A
/// range takes the rows inside of it, or those outside where they are fewer. Immutable, so safe for
/// any thread; no allocation.
class OrderSearch {
 public:
  static constexpr size_t kMaxExactValues = 8;

  OrderedRows Find(const ValueOrder& order, const Column& column) const;
  /// Keeps the selected rows for which the condition is TRUE.
  void Narrow(const ValueOrder& order, const Column& column, Selection selection) const;

  /// What Narrow costs where `num_listed` rows of a chunk of `num_rows` are inside of a range, or
  /// outside.
  static double CostOf(double num_listed, uint32_t num_rows);

 protected:
  /// Where rows are in the order.
  struct Interval {
    uint32_t begin = 0;
    uint32_t end = 0;
    uint32_t size() const { return end - begin; }
  };
  /// Of the values of a set.
  struct ValueNumbers {
    size_t begin = 0;
    size_t end = 0;
  };

  /// Of finding where a value begins and ends in the order: measured, of a chunk of 64 Ki rows that
  /// lies in the third-level cache.
  static constexpr double kKeySearchCost = 400;
  static constexpr double kTextSearchCost = 3000;

  /// `negated`: what is not in the range or set.
  OrderSearch(bool negated, double search_cost) : negated_(negated), search_cost_(search_cost) {}
  ~OrderSearch() = default;

  virtual bool IsRange() const = 0;
  virtual Interval FindRange(const ValueOrder& order, const Column& column) const = 0;
  /// Those of the set that bounds of the column do not rule out.
  virtual ValueNumbers ValuesWithin(const Column& column) const = 0;
  virtual Interval FindValue(const ValueOrder& order, const Column& column,
                             size_t number) const = 0;

 private:
  OrderedRows FindSet(const ValueOrder& order, const Column& column) const;

  const bool negated_;
  const double search_cost_;
};

/// Of keys as predicates compare them: int64_t of kInteger and kFloat, int128_t of kWide. Does not
/// own them.
template <typename Key>
class KeyOrderSearch final : public OrderSearch {
 public:
  /// min <= value <= max.
  static KeyOrderSearch OfRange(Key min, Key max, bool negated) { return {min, max, {}, negated}; }
  /// REQUIRES: `keys` ascend without repeats.
  static KeyOrderSearch OfKeys(std::span<const Key> keys, bool negated) {
    if (keys.size() == 1) return OfRange(keys[0], keys[0], negated);
    return {1, 0, keys, negated};
  }

  /// Whether the bounds of the column's values decide the condition for all of them.
  bool IsDecidedByBounds(const Column& column) const;

 private:
  KeyOrderSearch(Key min, Key max, std::span<const Key> keys, bool negated)
      : OrderSearch(negated, kKeySearchCost), min_(min), max_(max), keys_(keys) {}

  bool IsRange() const override { return keys_.empty(); }
  Interval FindRange(const ValueOrder& order, const Column& column) const override;
  ValueNumbers ValuesWithin(const Column& column) const override;
  Interval FindValue(const ValueOrder& order, const Column& column, size_t number) const override;
  static Interval FindBetween(const ValueOrder& order, const Column& column, Key min, Key max);

  const Key min_;
  const Key max_;
  const std::span<const Key> keys_;
};

/// Of texts and bytes that a column has without a dictionary. Does not own what it looks for.
class TextOrderSearch final : public OrderSearch {
 public:
  static TextOrderSearch OfRange(const TextRangeLeaf& range, bool negated) {
    return {&range, {}, negated};
  }
  /// REQUIRES: `texts` ascend without repeats.
  static TextOrderSearch OfTexts(std::span<const std::string> texts, bool negated) {
    return {nullptr, texts, negated};
  }

  /// There are none.
  static bool IsDecidedByBounds(const Column&) { return false; }

 private:
  TextOrderSearch(const TextRangeLeaf* range, std::span<const std::string> texts, bool negated)
      : OrderSearch(negated, kTextSearchCost), range_(range), texts_(texts) {}

  bool IsRange() const override { return range_ != nullptr; }
  Interval FindRange(const ValueOrder& order, const Column& column) const override;
  ValueNumbers ValuesWithin(const Column&) const override { return {0, texts_.size()}; }
  Interval FindValue(const ValueOrder& order, const Column& column, size_t number) const override;

  const TextRangeLeaf* const range_;  // null: a set
  const std::span<const std::string> texts_;
};

extern template class KeyOrderSearch<int64_t>;
extern template class KeyOrderSearch<int128_t>;

}  // namespace sextant
