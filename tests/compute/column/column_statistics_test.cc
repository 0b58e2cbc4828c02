#include "compute/column/column_statistics.h"

#include <gtest/gtest.h>

#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr DataType kInt64 = DataType::Of(TypeKind::kInt64);

ColumnStatistics Of(const DataType& type, std::vector<Cell> cells) {
  return StatisticsOf(*TableOf({{"x", type, std::move(cells)}}, {.chunk_rows = 2}), 0);
}

TEST(ColumnStatisticsTest, NullsOfAllChunksAreCounted) {
  EXPECT_EQ(Of(kInt64, {Null(), Int(1), Int(1), Null(), Null()}).null_count, 3u);
}

TEST(ColumnStatisticsTest, OfAListTheRowsThatAreNullCountAndNotTheElements) {
  EXPECT_EQ(Of(DataType::ListOf(TypeKind::kInt64),
               {List({Null(), Int(1)}), Null(), List({}), List({Null()})})
                .null_count,
            1u);
}

TEST(ColumnStatisticsTest, AVersionIsSortedWhereItsChunksFollowOneAnother) {
  const ColumnStatistics ascending = Of(kInt64, {Int(1), Int(2), Int(2), Int(3), Int(3)});
  EXPECT_EQ(ascending.num_sorted_chunks, 3u);
  EXPECT_TRUE(ascending.is_sorted);
}

TEST(ColumnStatisticsTest, SortedChunksThatOverlapAreNoSortedVersion) {
  const ColumnStatistics overlapping = Of(kInt64, {Int(1), Int(3), Int(2), Int(4)});
  EXPECT_EQ(overlapping.num_sorted_chunks, 2u);
  EXPECT_FALSE(overlapping.is_sorted);
}

TEST(ColumnStatisticsTest, ANullMakesAChunkUnsorted) {
  const ColumnStatistics with_null = Of(kInt64, {Int(1), Int(2), Int(3), Null()});
  EXPECT_EQ(with_null.num_sorted_chunks, 1u);
  EXPECT_FALSE(with_null.is_sorted);
}

TEST(ColumnStatisticsTest, TheyTakeABoundPerChunk) {
  EXPECT_EQ(Of(kInt64, {Int(1), Int(2), Int(3)}).memory_bytes, 2 * sizeof(ZoneMap));
}

TEST(ColumnStatisticsTest, AnEmptyVersionHasNoOrder) {
  const ColumnStatistics empty = Of(kInt64, {});
  EXPECT_EQ(empty.null_count, 0u);
  EXPECT_FALSE(empty.is_sorted);
}

}  // namespace
}  // namespace sextant
