#include "compute/operators/order_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "compute/column/bitmap.h"
#include "compute/operators/value_ordering.h"
#include "compute/plan/bound_query.h"
#include "tests/testing/random_table.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

/// The key of a row as predicates compare it, read by the slow form.
int64_t KeyAt(const Column& column, uint32_t row, int64_t /*as*/) {
  return column.layout() == Layout::kFloat ? FloatKey(column.FloatAt(row)) : column.IntegerAt(row);
}
int128_t KeyAt(const Column& column, uint32_t row, int128_t /*as*/) {
  return WideKey(column.type(), column.WideAt(row));
}

/// What searches of an order keep is what a test of every row keeps.
template <typename Key>
class Comparison {
 public:
  explicit Comparison(const Column& column)
      : column_(column), order_(*OrderByValue(column, TestBudget())) {
    for (uint32_t row = 0; row < column.num_rows(); ++row) {
      if (!column.IsNull(row)) keys_.push_back(KeyAt(column, row, Key{}));
    }
    std::sort(keys_.begin(), keys_.end());
  }

  /// Of rows of the column and what is beside them.
  Key DrawKey(RandomDraws& draws) const {
    const auto beside = static_cast<Key>(draws.Between(-1, 1));
    if (keys_.empty() || draws.OneIn(8)) return beside;
    const Key key = draws.Pick(keys_);
    const bool has_next =
        key < std::numeric_limits<int64_t>::max() && key > std::numeric_limits<int64_t>::min();
    return has_next ? key + beside : key;
  }

  void CheckRange(RandomDraws& draws) const {
    const Key low = DrawKey(draws);
    const Key high = DrawKey(draws);
    const bool negated = draws.OneIn(2);
    const auto holds = [=](Key key) { return (low <= key && key <= high) != negated; };
    Check(KeyOrderSearch<Key>::OfRange(low, high, negated), holds, draws, /*is_exact=*/true);
  }

  void CheckKeys(RandomDraws& draws) const {
    std::vector<Key> keys(draws.Below(draws.OneIn(2) ? 4 : 40));
    for (Key& key : keys) key = DrawKey(draws);
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    const bool negated = draws.OneIn(2);
    const auto holds = [&](Key key) {
      return std::binary_search(keys.begin(), keys.end(), key) != negated;
    };
    Check(KeyOrderSearch<Key>::OfKeys(keys, negated), holds, draws,
          keys.size() <= OrderSearch::kMaxExactValues);
  }

 private:
  template <typename Holds>
  void Check(const OrderSearch& search, Holds holds, RandomDraws& draws, bool is_exact) const {
    const uint32_t num_rows = column_.num_rows();
    const auto begin = static_cast<uint32_t>(draws.OneIn(2) ? 0 : draws.Below(num_rows));
    const auto end = begin + 1 + static_cast<uint32_t>(draws.Below(num_rows - begin));
    std::vector<uint64_t> words(BitmapWords(num_rows));
    std::vector<uint64_t> expected(words.size());
    double num_kept = 0;
    for (uint32_t row = 0; row < num_rows; ++row) {
      const bool is_kept = !column_.IsNull(row) && holds(KeyAt(column_, row, Key{}));
      num_kept += is_kept ? 1 : 0;
      if (row < begin || row >= end || draws.OneIn(5)) continue;
      SetBit(words, row);
      if (is_kept) SetBit(expected, row);
    }
    search.Narrow(*order_, column_,
                  {words.data(), begin / 64, static_cast<uint32_t>(BitmapWords(end))});
    ASSERT_EQ(words, expected);
    if (is_exact) {
      ASSERT_EQ(search.Find(*order_, column_).num_kept, num_kept);
    }
  }

  const Column& column_;
  const std::unique_ptr<const ValueOrder> order_;
  std::vector<Key> keys_;
};

Cell DrawFloat(RandomDraws& draws) {
  if (draws.OneIn(20)) return Float(std::nan(""));
  if (draws.OneIn(10)) return Float(draws.OneIn(2) ? 0.0 : -0.0);
  if (draws.OneIn(30)) return Float(std::numeric_limits<double>::infinity());
  return Float(static_cast<double>(draws.Between(-300, 300)) / 4);
}

Cell DrawOf(RandomDraws& draws, const DataType& type) {
  if (draws.OneIn(10)) return Null();
  switch (type.kind) {
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return DrawFloat(draws);
    case TypeKind::kDecimal:
      return Decimal(static_cast<int128_t>(draws.Between(-200, 200)) << (draws.OneIn(2) ? 60 : 0));
    case TypeKind::kInterval:
      return Interval(static_cast<int32_t>(draws.Below(3)), static_cast<int32_t>(draws.Below(90)),
                      0);
    case TypeKind::kTimestamp:
      return Int(draws.Between(-500, 500) * 60'000'000);
    case TypeKind::kInt64:
      if (draws.OneIn(20)) return Int(std::numeric_limits<int64_t>::max());
      if (draws.OneIn(20)) return Int(std::numeric_limits<int64_t>::min());
      return Int(draws.Between(-400, 400));
    default:
      return Int(draws.Between(-400, 400));
  }
}

class OrderSearchTest : public testing::TestWithParam<DataType> {};

TEST_P(OrderSearchTest, KeepsWhatATestOfEveryRowKeeps) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    RandomDraws draws(seed);
    const uint64_t num_rows = draws.Pick<uint64_t>({1, 63, 64, 65, 128, 200, 1'000});
    std::vector<Cell> cells;
    for (uint64_t row = 0; row < num_rows; ++row) cells.push_back(DrawOf(draws, GetParam()));
    const auto table = TableOf({{"value", GetParam(), cells}});
    const Column& column = table->chunk(0).column(0);
    if (!MayBeOrdered(column)) continue;
    SCOPED_TRACE(seed);
    const auto check = [&draws](const auto& comparison) {
      for (int i = 0; i < 40; ++i) {
        comparison.CheckRange(draws);
        comparison.CheckKeys(draws);
      }
    };
    column.layout() == Layout::kWide ? check(Comparison<int128_t>(column))
                                     : check(Comparison<int64_t>(column));
    if (testing::Test::HasFatalFailure()) return;
  }
}

/// Texts of few letters, so that many are equal or begin with one another.
std::string DrawText(RandomDraws& draws, const std::string& prefix) {
  std::string text = draws.OneIn(10) ? "" : prefix;
  for (uint64_t i = draws.Below(12); i > 0; --i) text += draws.Pick<char>({'a', 'b', '\0', '\xff'});
  return text;
}

TEST(TextOrderSearchTest, KeepsWhatATestOfEveryRowKeeps) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    RandomDraws draws(seed);
    const std::string prefix = draws.OneIn(2) ? "" : "refs/heads/";
    std::vector<Cell> cells;
    for (uint64_t row = draws.Below(300); row > 0; --row) {
      cells.push_back(draws.OneIn(10) ? Null() : Text(DrawText(draws, prefix)));
    }
    cells.push_back(Text(prefix));
    const auto table = TableOf({{"value", DataType::Of(TypeKind::kBytes), cells}});
    const Column& column = table->chunk(0).column(0);
    ASSERT_TRUE(MayBeOrdered(column));
    const auto order = *OrderByValue(column, TestBudget());
    const auto check = [&](const OrderSearch& search, auto holds) {
      std::vector<uint64_t> words(BitmapWords(column.num_rows()));
      SetBitRange(words, 0, column.num_rows());
      search.Narrow(*order, column, {words.data(), 0, static_cast<uint32_t>(words.size())});
      for (uint32_t row = 0; row < column.num_rows(); ++row) {
        ASSERT_EQ(TestBit(words, row), !column.IsNull(row) && holds(column.BytesAt(row)))
            << "seed " << seed << " row " << row;
      }
      ASSERT_EQ(search.Find(*order, column).num_kept, static_cast<double>(CountBits(words)));
    };
    for (int i = 0; i < 30; ++i) {
      TextRangeLeaf range;
      if (!draws.OneIn(4)) range.min = DrawText(draws, prefix);
      if (!draws.OneIn(4)) range.max = DrawText(draws, prefix);
      range.min_inclusive = draws.OneIn(2);
      range.max_inclusive = draws.OneIn(2);
      const bool negated = draws.OneIn(2);
      check(TextOrderSearch::OfRange(range, negated), [&](std::string_view text) {
        const bool is_above =
            !range.min || (range.min_inclusive ? text >= *range.min : text > *range.min);
        const bool is_below =
            !range.max || (range.max_inclusive ? text <= *range.max : text < *range.max);
        return (is_above && is_below) != negated;
      });
      std::set<std::string> drawn;
      for (uint64_t n = draws.Below(5); n > 0; --n) drawn.insert(DrawText(draws, prefix));
      const std::vector<std::string> texts(drawn.begin(), drawn.end());
      check(TextOrderSearch::OfTexts(texts, negated),
            [&](std::string_view text) { return drawn.contains(std::string(text)) != negated; });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, OrderSearchTest,
                         testing::Values(DataType::Of(TypeKind::kInt16),
                                         DataType::Of(TypeKind::kInt64),
                                         DataType::Of(TypeKind::kTimestamp),
                                         DataType::Of(TypeKind::kFloat32),
                                         DataType::Of(TypeKind::kFloat64), DataType::Decimal(30, 2),
                                         DataType::Of(TypeKind::kInterval)));

}  // namespace
}  // namespace sextant
