#include "compute/exec/distinct_counting.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/testing/table_of.h"

namespace sextant {
namespace {

DistinctCounts CountsOf(const std::shared_ptr<const Table>& table) {
  WorkerPool pool(1);
  std::promise<DistinctCounts> promise;
  CountDistinct(
      pool, table, [] { return true; },
      [&](DistinctCounts counts) { promise.set_value(std::move(counts)); });
  return promise.get_future().get();
}

TEST(DistinctCountingTest, ValuesOfSeveralChunksAreCountedOnce) {
  const auto table =
      TableOf({{"a", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(2), Int(1)}},
               {"b", DataType::Of(TypeKind::kInt64), {Null(), Int(3), Int(4), Int(5)}}},
              {.chunk_rows = 1});
  const DistinctCounts counts = CountsOf(table);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0]->count, 2u);
  EXPECT_TRUE(counts[0]->is_exact);
  EXPECT_EQ(counts[1]->count, 3u);
}

TEST(DistinctCountingTest, TextsThatNoRowHasAnyLongerDoNotCount) {
  std::vector<Cell> cells(16, Text("a"));
  cells[3] = Null();
  cells[5] = Text("b");
  cells[12] = Text("c");
  const auto before = TableOf({{"a", DataType::Of(TypeKind::kText), cells}}, {.chunk_rows = 8});
  ASSERT_EQ(before->facts(0).layout, Layout::kCode);
  const auto after = std::make_shared<const Table>(
      TableIdentity(), before->shared_schema(),
      std::vector<std::shared_ptr<const Chunk>>{before->shared_chunk(0)},
      std::vector<ColumnFacts>{before->facts(0)},
      std::make_shared<const TenantIndex>(TestBudget()));
  EXPECT_EQ(CountsOf(before)[0]->count, 3u);
  EXPECT_EQ(CountsOf(after)[0]->count, 2u);
  EXPECT_TRUE(CountsOf(after)[0]->is_exact);
  EXPECT_EQ(CountsOf(before)[0]->texts->greatest, "c");
  EXPECT_EQ(CountsOf(after)[0]->texts->least, "a");
  EXPECT_EQ(CountsOf(after)[0]->texts->greatest, "b");
}

TEST(DistinctCountingTest, WhatIsNotWantedAnyLongerEndsBeforeItsTime) {
  const auto table =
      TableOf({{"a", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(3)}}}, {.chunk_rows = 1});
  int num_asked = 0;
  bool is_done = false;
  {
    WorkerPool pool(1);  // works off what it has before it ends
    CountDistinct(
        pool, table, [&] { return ++num_asked < 2; }, [&](DistinctCounts) { is_done = true; });
  }
  EXPECT_EQ(num_asked, 2);
  EXPECT_FALSE(is_done);
}

TEST(DistinctCountingTest, ElementsOfListsOfTextsCount) {
  const DataType texts = DataType::ListOf(TypeKind::kText);
  const auto table =
      TableOf({{"a", texts, {List({Text("a"), Text("b")}), Null(), List({Text("b"), Null()})}}});
  EXPECT_EQ(CountsOf(table)[0]->count, 2u);
}

TEST(DistinctCountingTest, DeletedRowsMakeItAbout) {
  const auto before = TableOf({{"a", DataType::Of(TypeKind::kInt64), {Int(1), Int(2)}}});
  const std::vector<uint32_t> deleted = {1};
  const auto after =
      std::make_shared<const Table>(TableIdentity(), before->shared_schema(),
                                    std::vector<std::shared_ptr<const Chunk>>{
                                        *before->chunk(0).WithoutRows(deleted, TestBudget())},
                                    std::vector<ColumnFacts>{before->facts(0)},
                                    std::make_shared<const TenantIndex>(TestBudget()));
  EXPECT_FALSE(CountsOf(after)[0]->is_exact);
}

TEST(DistinctCountingTest, JsonIsNotCounted) {
  const auto table = TableOf({{"a", DataType::Of(TypeKind::kJson), {Text("1")}}});
  EXPECT_FALSE(CountsOf(table)[0].has_value());
}

TEST(DistinctCountingTest, AVersionWithoutRowsHasNoValues) {
  const auto table = TableOf({{"a", DataType::Of(TypeKind::kInt64), {}}});
  EXPECT_EQ(CountsOf(table)[0]->count, 0u);
}

}  // namespace
}  // namespace sextant
