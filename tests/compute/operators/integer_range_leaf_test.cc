#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "compute/column/bitmap.h"
#include "compute/operators/filter.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr int64_t kNumRows = 6000;  // of which the last block has fewer than others

/// A column `n` whose values rise with the row, unsteadily; one in `null_one_in` is NULL, and all
/// of rows 2048 to 3071.
std::shared_ptr<const Table> NearTable(std::mt19937_64& draws, uint64_t null_one_in) {
  std::vector<Cell> cells;
  for (int64_t row = 0; row < kNumRows; ++row) {
    const bool is_null = draws() % null_one_in == 0 || row / 1024 == 2;
    cells.push_back(is_null ? Null() : Int(row * 20 + static_cast<int64_t>(draws() % 9000)));
  }
  return TableOf({{"n", DataType::Of(TypeKind::kInt64), cells}});
}

struct Range {
  int64_t min;
  int64_t max;
  bool negated;

  bool Holds(const Column& column, uint32_t row) const {
    if (column.IsNull(row)) return false;
    const int64_t value = column.IntegerAt(row);
    return (min <= value && value <= max) != negated;
  }
};

Range DrawRange(std::mt19937_64& draws) {
  const auto value = [&] { return static_cast<int64_t>(draws() % (kNumRows * 22)) - 2000; };
  const int64_t min = value();
  return {min, draws() % 3 == 0 ? min + static_cast<int64_t>(draws() % 300) : value(),
          draws() % 2 == 0};
}

Filter FilterOf(const Range& range, const Table& table) {
  BoundValue value;
  value.column = 0;
  value.type = table.schema().field(0).type;
  const BoundPredicate predicate{IntegerRangeLeaf{value, range.min, range.max}, range.negated};
  auto filter = Filter::Create(predicate, table, TestBudget());
  EXPECT_TRUE(filter.ok()) << filter.status();
  return *std::move(filter);
}

/// Words of the rows [begin, end) of the table, of which some are not selected.
std::vector<uint64_t> SomeRows(std::mt19937_64& draws, uint32_t begin, uint32_t end) {
  std::vector<uint64_t> words(BitmapWords(kNumRows));
  for (uint64_t& word : words) word = draws() % 4 == 0 ? draws() : ~uint64_t{0};
  KeepBitRange(words, begin, end);
  return words;
}

TEST(IntegerRangeLeafTest, KeepsTheSameRowsByBoundsOfBlocks) {
  std::mt19937_64 draws(5);
  for (const uint64_t null_one_in : {1'000'000, 5}) {
    const auto table = NearTable(draws, null_one_in);
    const Column& column = table->chunk(0).column(0);
    ASSERT_FALSE(column.block_bounds().empty());
    for (int round = 0; round < 200; ++round) {
      const Range range = DrawRange(draws);
      const Filter filter = FilterOf(range, *table);
      auto scratch = filter.MakeScratch(TestBudget());
      const auto begin = static_cast<uint32_t>(draws() % 2 == 0 ? 0 : draws() % 3000);
      const std::vector<uint64_t> before = SomeRows(draws, begin, kNumRows);
      std::vector<uint64_t> words = before;
      const auto last = static_cast<uint32_t>(words.size());
      filter.Narrow(table->chunk(0), {words.data(), begin / 64, last}, *scratch);
      for (uint32_t row = 0; row < kNumRows; ++row) {
        ASSERT_EQ(TestBit(words, row), TestBit(before, row) && range.Holds(column, row))
            << "round " << round << ", row " << row;
      }
    }
  }
}

TEST(IntegerRangeLeafTest, RulesOutNoRowOfTheRange) {
  std::mt19937_64 draws(6);
  const auto table = NearTable(draws, 5);
  const Column& column = table->chunk(0).column(0);
  uint64_t num_ruled_out = 0;
  for (int round = 0; round < 200; ++round) {
    const Range range = DrawRange(draws);
    const Filter filter = FilterOf(range, *table);
    const std::vector<uint64_t> before = SomeRows(draws, 0, kNumRows);
    std::vector<uint64_t> words = before;
    filter.RuleOut(table->chunk(0), {words.data(), 0, static_cast<uint32_t>(words.size())});
    num_ruled_out += CountBits(before) - CountBits(words);
    for (uint32_t row = 0; row < kNumRows; ++row) {
      if (!TestBit(before, row)) {
        ASSERT_FALSE(TestBit(words, row)) << "round " << round << ", row " << row;
      } else if (range.Holds(column, row)) {
        ASSERT_TRUE(TestBit(words, row)) << "round " << round << ", row " << row;
      }
    }
  }
  EXPECT_GT(num_ruled_out, 100'000u);
}

TEST(IntegerRangeLeafTest, RulesOutRowsOfASortedColumn) {
  std::vector<Cell> cells;
  for (int64_t row = 0; row < 500; ++row) cells.push_back(Int(row / 2));
  const auto table = TableOf({{"n", DataType::Of(TypeKind::kInt64), cells}});
  const Filter filter = FilterOf({100, 149, false}, *table);
  std::vector<uint64_t> words(BitmapWords(500), ~uint64_t{0});
  KeepBitRange(words, 0, 500);
  filter.RuleOut(table->chunk(0), {words.data(), 0, static_cast<uint32_t>(words.size())});
  EXPECT_EQ(CountBits(words), 100u);
  EXPECT_TRUE(TestBit(words, 200));
  EXPECT_TRUE(TestBit(words, 299));
}

}  // namespace
}  // namespace sextant
