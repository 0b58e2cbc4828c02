#include "compute/exec/distinct_counting.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/testing/table_of.h"

namespace sextant {
namespace {

DistinctCounts CountsOf(const std::shared_ptr<const Table>& table) {
  WorkerPool pool(1);
  std::promise<DistinctCounts> promise;
  CountDistinct(pool, table, [&](DistinctCounts counts) { promise.set_value(std::move(counts)); });
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

TEST(DistinctCountingTest, ADictionaryHasCountedItsTexts) {
  const auto table = TableOf({{"a",
                               DataType::Of(TypeKind::kText),
                               {Text("a"), Text("b"), Text("a"), Text("a"), Text("b")}}},
                             {.chunk_rows = 5});
  ASSERT_EQ(table->facts(0).layout, Layout::kCode);
  EXPECT_EQ(CountsOf(table)[0]->count, 2u);
  EXPECT_EQ(CountsOf(table)[0]->build_ns, 0);
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
