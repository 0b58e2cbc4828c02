#include "compute/column/value_index.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "compute/column/bitmap.h"
#include "tests/testing/random_table.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr DataType kText = DataType::Of(TypeKind::kText);
constexpr DataType kInt64 = DataType::Of(TypeKind::kInt64);

std::unique_ptr<const ValueIndex> IndexOf(const Column& column) {
  auto index = ValueIndex::Build(column, TestBudget());
  EXPECT_TRUE(index.ok()) << index.status();
  return *std::move(index);
}

/// The rows under a key, whichever form they have.
std::vector<uint32_t> RowsOf(const ValueIndex& index, int64_t key) {
  const ValueIndex::Rows rows = index.RowsOf(key);
  std::vector<uint32_t> ids(rows.ids.begin(), rows.ids.end());
  if (!rows.bitmap.empty()) {
    ids.resize(CountBits(rows.bitmap));
    BitsToIndices(rows.bitmap, ids);
  }
  EXPECT_EQ(ids.size(), rows.count) << "key " << key;
  return ids;
}

/// The rows of every key, found value by value.
std::map<int64_t, std::set<uint32_t>> RowsByKey(const Column& column) {
  std::map<int64_t, std::set<uint32_t>> rows;
  const auto add = [&rows](const Column& values, uint32_t at, uint32_t row) {
    if (values.IsNull(at)) return;
    const bool is_code = values.layout() == Layout::kCode;
    rows[is_code ? int64_t{values.CodeAt(at)} : values.IntegerAt(at)].insert(row);
  };
  for (uint32_t row = 0; row < column.num_rows(); ++row) {
    if (column.layout() != Layout::kList) {
      add(column, row, row);
      continue;
    }
    for (uint32_t at = column.offsets()[row]; at < column.offsets()[row + 1]; ++at) {
      add(column.elements(), at, row);
    }
  }
  return rows;
}

void ExpectRowsOfEachKey(const Column& column) {
  const auto index = IndexOf(column);
  const auto expected = RowsByKey(column);
  uint64_t num_entries = 0;
  for (const auto& [key, rows] : expected) {
    ASSERT_EQ(RowsOf(*index, key), std::vector<uint32_t>(rows.begin(), rows.end())) << key;
    for (const int64_t near : {key - 1, key + 1}) {
      ASSERT_EQ(RowsOf(*index, near).empty(), !expected.contains(near)) << near;
    }
    num_entries += rows.size();
  }
  EXPECT_EQ(index->num_keys(), expected.size());
  EXPECT_EQ(index->num_entries(), num_entries);
}

TEST(ValueIndexTest, HasTheRowsOfEachCode) {
  const auto table =
      TableOf({{"letter", kText, {Text("a"), Text("b"), Null(), Text("a"), Text("a"), Text("b")}}});
  const auto index = IndexOf(table->chunk(0).column(0));
  EXPECT_THAT(RowsOf(*index, 0), ElementsAre(0, 3, 4));
  EXPECT_THAT(RowsOf(*index, 1), ElementsAre(1, 5));
  EXPECT_THAT(RowsOf(*index, 2), IsEmpty());
  EXPECT_THAT(RowsOf(*index, -1), IsEmpty());
}

TEST(ValueIndexTest, OnlyNullsAreUnderNoKey) {
  const auto table = TableOf({{"letter", kText, {Null(), Null()}}});
  const auto index = IndexOf(table->chunk(0).column(0));
  EXPECT_EQ(index->num_keys(), 0u);
  EXPECT_THAT(RowsOf(*index, 0), IsEmpty());
}

TEST(ValueIndexTest, ARowIsOnceUnderAnElementThatItsListRepeats) {
  const Cell repeats = List({Text("y"), Text("y"), Text("y")});
  const auto table = TableOf(
      {{"labels",
        DataType::ListOf(TypeKind::kText),
        {List({Text("x"), Text("y"), Text("x")}), List({Null(), Text("y")}), Null(), repeats}}});
  const auto index = IndexOf(table->chunk(0).column(0));
  EXPECT_THAT(RowsOf(*index, 0), ElementsAre(0));
  EXPECT_THAT(RowsOf(*index, 1), ElementsAre(0, 1, 3));
  EXPECT_EQ(index->num_entries(), 4u);
}

TEST(ValueIndexTest, ListsWithoutElementsHaveNoKeys) {
  const auto table =
      TableOf({{"labels", DataType::ListOf(TypeKind::kText), {List({}), Null(), List({})}}});
  EXPECT_EQ(IndexOf(table->chunk(0).column(0))->num_entries(), 0u);
}

TEST(ValueIndexTest, SparseElementsOfListsAreFoundToo) {
  const auto table = TableOf({{"ids",
                               DataType::ListOf(TypeKind::kInt64),
                               {List({Int(-5), Int(4'000'000'000)}), List({Int(7), Int(7)})}}});
  const Column& column = table->chunk(0).column(0);
  ASSERT_TRUE(ValueIndex::Fits(column));
  EXPECT_FALSE(IndexOf(column)->is_dense());
  ExpectRowsOfEachKey(column);
}

TEST(ValueIndexTest, ElementsOfListsThatSpanMoreThan32BitsDoNotFit) {
  const auto table = TableOf(
      {{"ids", DataType::ListOf(TypeKind::kInt64), {List({Int(0), Int(int64_t{1} << 40)})}}});
  EXPECT_FALSE(ValueIndex::Fits(table->chunk(0).column(0)));
}

TEST(ValueIndexTest, IntegersFitWhereTheySpanLittle) {
  const auto table = TableOf({{"flag", DataType::Of(TypeKind::kBool), {Bool(true), Bool(false)}},
                              {"few", kInt64, {Int(-3), Int(28)}},
                              {"many", kInt64, {Int(-3), Int(29)}},
                              {"real", DataType::Of(TypeKind::kFloat64), {Float(0), Float(1)}}});
  const Chunk& chunk = table->chunk(0);
  EXPECT_TRUE(ValueIndex::Fits(chunk.column(0)));
  EXPECT_TRUE(ValueIndex::Fits(chunk.column(1)));
  EXPECT_FALSE(ValueIndex::Fits(chunk.column(2)));
  EXPECT_FALSE(ValueIndex::Fits(chunk.column(3)));
  ExpectRowsOfEachKey(chunk.column(1));
}

TEST(ValueIndexTest, CodesThatAreAllDistinctAreSparseInLaterChunks) {
  std::vector<Cell> cells;
  for (int i = 0; i < 64; ++i) cells.push_back(Text("same"));
  for (int i = 0; i < 300; ++i) cells.push_back(Text("value " + std::to_string(i)));
  for (int i = 0; i < 64; ++i) cells.push_back(Text("value " + std::to_string(i * 4)));
  const auto table = TableOf({{"name", kText, cells}}, {.chunk_rows = 64});
  for (uint32_t chunk = 0; chunk < table->num_chunks(); ++chunk) {
    ExpectRowsOfEachKey(table->chunk(chunk).column(0));
  }
}

TEST(ValueIndexTest, KeysOfManyRowsHaveBitmapsAndOthersRowIds) {
  std::vector<Cell> cells;
  for (int i = 0; i < 1000; ++i) cells.push_back(i % 100 == 7 ? Text("rare") : Text("usual"));
  const auto table = TableOf({{"name", kText, cells}});
  const auto index = IndexOf(table->chunk(0).column(0));
  EXPECT_FALSE(index->RowsOf(0).bitmap.empty());
  EXPECT_TRUE(index->RowsOf(1).bitmap.empty());
  ExpectRowsOfEachKey(table->chunk(0).column(0));
}

Cell RandomCell(RandomDraws& draws, bool is_text, uint64_t num_values) {
  if (draws.OneIn(9)) return Null();
  const auto value = static_cast<int64_t>(draws.Below(num_values));
  return is_text ? Text("v" + std::to_string(value)) : Int(value * 1'000 - 5'000);
}

std::vector<Cell> RandomLists(RandomDraws& draws, bool is_text, uint64_t num_values,
                              uint32_t num_rows) {
  std::vector<Cell> lists;
  for (uint32_t row = 0; row < num_rows; ++row) {
    std::vector<Cell> elements;
    for (uint64_t i = draws.Below(5); i > 0; --i) {
      elements.push_back(RandomCell(draws, is_text, num_values));
    }
    lists.push_back(draws.OneIn(9) ? Null() : List(std::move(elements)));
  }
  return lists;
}

TEST(ValueIndexTest, RandomColumnsHaveTheRowsOfEachKey) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    RandomDraws draws(seed);
    const auto num_rows = static_cast<uint32_t>(1 + draws.Below(900));
    const uint64_t num_values = draws.Pick<uint64_t>({1, 3, 40, 2'000});
    std::vector<Cell> texts;
    for (uint32_t row = 0; row < num_rows; ++row) {
      texts.push_back(RandomCell(draws, true, num_values));
    }
    const auto table = TableOf({{"text", kText, texts},
                                {"texts", DataType::ListOf(TypeKind::kText),
                                 RandomLists(draws, true, num_values, num_rows)},
                                {"numbers", DataType::ListOf(TypeKind::kInt64),
                                 RandomLists(draws, false, num_values, num_rows)}},
                               {.chunk_rows = draws.Pick<uint32_t>({7, 64, 500})});
    for (uint32_t chunk = 0; chunk < table->num_chunks(); ++chunk) {
      for (ColumnIndex column = 0; column < table->schema().num_fields(); ++column) {
        if (!ValueIndex::Fits(table->chunk(chunk).column(column))) continue;
        SCOPED_TRACE(testing::Message() << "seed " << seed << ", chunk " << chunk << ", "
                                        << table->schema().field(column).name);
        ExpectRowsOfEachKey(table->chunk(chunk).column(column));
      }
    }
  }
}

TEST(ValueIndexTest, TheBudgetIsChargedAndMayRefuse) {
  std::vector<Cell> cells;
  for (int i = 0; i < 500; ++i) cells.push_back(Text("value " + std::to_string(i % 50)));
  const auto table = TableOf({{"name", kText, cells}});
  const Column& column = table->chunk(0).column(0);
  MemoryBudget budget("cache");
  size_t needed = 0;
  {
    const auto index = *ValueIndex::Build(column, budget);
    EXPECT_EQ(budget.reserved_bytes(), index->reserved_bytes());
    needed = budget.peak_bytes();
  }
  EXPECT_EQ(budget.reserved_bytes(), 0u);
  for (size_t limit = 0; limit < needed; limit += needed / 16) {
    MemoryBudget small("cache", limit);
    EXPECT_EQ(ValueIndex::Build(column, small).status().code(),
              absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(small.reserved_bytes(), 0u);
  }
}

TEST(ZoneMapTest, SortedMeansNoNullAndNoDescent) {
  const auto table = TableOf({{"up", kInt64, {Int(-1), Int(-1), Int(9)}},
                              {"down", kInt64, {Int(3), Int(2), Int(9)}},
                              {"null", kInt64, {Int(1), Null(), Int(9)}},
                              {"text", kText, {Text("a"), Text("a"), Text("a")}}});
  const Chunk& chunk = table->chunk(0);
  EXPECT_TRUE(chunk.column(0).zone_map().is_sorted);
  EXPECT_FALSE(chunk.column(1).zone_map().is_sorted);
  EXPECT_FALSE(chunk.column(2).zone_map().is_sorted);
  EXPECT_FALSE(chunk.column(3).zone_map().is_sorted);
}

TEST(ZoneMapTest, SortednessIsOfEachChunk) {
  const auto table =
      TableOf({{"n", kInt64, {Int(5), Int(6), Int(9), Int(1), Int(0), Int(2)}}}, {.chunk_rows = 3});
  EXPECT_TRUE(table->chunk(0).column(0).zone_map().is_sorted);
  EXPECT_FALSE(table->chunk(1).column(0).zone_map().is_sorted);
}

}  // namespace
}  // namespace sextant
