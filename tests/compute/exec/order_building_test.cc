#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compute/exec/query_executor.h"
#include "compute/exec/worker_pool.h"
#include "compute/memory/memory_budget.h"
#include "tests/testing/finished_queries.h"
#include "tests/testing/random_table.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr uint32_t kNumRows = 20'000;
constexpr uint32_t kChunkRows = 8'192;

std::shared_ptr<const Table> Sizes(MemoryBudget& budget) {
  RandomDraws draws(1);
  std::vector<Cell> sizes;
  std::vector<Cell> others;
  for (uint32_t row = 0; row < kNumRows; ++row) {
    sizes.push_back(Int(static_cast<int64_t>(row) * 7'919 % kNumRows));
    others.push_back(Float(static_cast<double>(draws.Below(1'000'000))));
  }
  return TableOf({{"size", DataType::Of(TypeKind::kInt64), sizes},
                  {"other", DataType::Of(TypeKind::kFloat64), others}},
                 {.chunk_rows = kChunkRows, .budget = &budget});
}

/// Asks for the rows of 100 sizes, so many times, and then waits for what is built.
class OrderBuildingTest : public testing::Test {
 protected:
  void Ask(const std::shared_ptr<const Table>& table, int times, MemoryBudget* budget) {
    WorkerPool pool(2);  // whose end waits for indexes
    QueryExecutor executor(pool);
    if (budget != nullptr) executor.BuildIndexes(table, *budget);
    Query query;
    query.metrics.push_back({.name = "n", .dataset = "dataset", .expression = "count(*)"});
    query.where = "size BETWEEN 500 AND 599";
    const BoundQuery bound = BindOrDie(query, *table);
    FinishedQueries finished;
    for (int i = 0; i < times; ++i) {
      executor.Submit(std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                                     Priority::kInteractive, &TestBudget(),
                                                     MemoryBudget::kUnlimitedBytes),
                      bound, *TenantScope::Resolve(table, TenantClaim::None()), finished.Next());
      for (auto& result : finished.WaitFor(1)) {
        ASSERT_TRUE(result.ok()) << result.status();
        EXPECT_THAT(ReadAll(**result)->rows, ElementsAre("100"));
      }
    }
  }
  static int OrdersOf(const Table& table, ColumnIndex column) {
    int count = 0;
    for (uint32_t i = 0; i < table.num_chunks(); ++i) {
      count += table.chunk(i).order(column) != nullptr ? 1 : 0;
    }
    return count;
  }
};

TEST_F(OrderBuildingTest, AColumnThatQueriesCompareGetsAnOrderInEveryChunk) {
  const auto table = Sizes(TestBudget());
  const size_t bytes_before = table->reserved_bytes();
  Ask(table, 1, &TestBudget());
  EXPECT_EQ(OrdersOf(*table, 0), 0);
  Ask(table, 2, &TestBudget());
  EXPECT_EQ(OrdersOf(*table, 0), 3);
  EXPECT_EQ(OrdersOf(*table, 1), 0);
  EXPECT_GT(table->reserved_bytes(), bytes_before + 2 * kNumRows);
  Ask(table, 2, &TestBudget());
}

TEST_F(OrderBuildingTest, NothingIsBuiltWhereNoIndexesAre) {
  const auto table = Sizes(TestBudget());
  Ask(table, 4, nullptr);
  EXPECT_EQ(OrdersOf(*table, 0), 0);
}

TEST_F(OrderBuildingTest, TheRoomOfTheNextVersionIsLeftFree) {
  constexpr size_t kLimit = 10'000'000;
  MemoryBudget budget("cache", kLimit);
  const auto table = Sizes(budget);
  MemoryReservation others(budget);
  ASSERT_TRUE(others.Resize(kLimit - 2 * table->reserved_bytes() + 1).ok());
  Ask(table, 4, &budget);
  EXPECT_EQ(OrdersOf(*table, 0), 0);
}

}  // namespace
}  // namespace sextant
