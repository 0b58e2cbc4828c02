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
    Query query;
    query.metrics.push_back({.name = "n", .dataset = "dataset", .expression = "count(*)"});
    query.where = "size BETWEEN 500 AND 599";
    Ask(query, ElementsAre("100"), table, times, budget);
  }
  void Ask(const Query& query, const testing::Matcher<std::vector<std::string>>& expected,
           const std::shared_ptr<const Table>& table, int times, MemoryBudget* budget) {
    WorkerPool pool(2);  // whose end waits for indexes
    QueryExecutor executor(pool);
    if (budget != nullptr) executor.BuildIndexes(table, *budget);
    const BoundQuery bound = BindOrDie(query, *table);
    FinishedQueries finished;
    for (int i = 0; i < times; ++i) {
      executor.Submit(std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                                     Priority::kInteractive, &TestBudget(),
                                                     MemoryBudget::kUnlimitedBytes),
                      bound, *TenantScope::Resolve(table, TenantClaim::None()), finished.Next());
      for (auto& result : finished.WaitFor(1)) {
        ASSERT_TRUE(result.ok()) << result.status();
        EXPECT_THAT(ReadAll(**result)->rows, expected);
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

TEST_F(OrderBuildingTest, ATextThatQueriesGroupByGetsRanks) {
  std::vector<Cell> names;
  for (const char* name : {"d", "b", "a", "e", "c", "b"}) names.push_back(Text(name));
  const auto table = TableOf({{"name", DataType::Of(TypeKind::kText), names}}, {.chunk_rows = 4});
  Query query;
  query.metrics.push_back({.name = "n", .dataset = "dataset", .expression = "count(*)"});
  query.group_by = {GroupAxis::Of("name")};
  const auto expected = ElementsAre("a|1", "b|2", "c|1", "d|1", "e|1");
  Ask(query, expected, table, 1, &TestBudget());
  EXPECT_EQ(table->text_ranks(0), nullptr);
  Ask(query, expected, table, 1, &TestBudget());
  ASSERT_NE(table->text_ranks(0), nullptr);
  EXPECT_EQ(table->text_ranks(0)->num_texts(), 5u);
  Ask(query, expected, table, 1, &TestBudget());
}

TEST_F(OrderBuildingTest, TasksThatRankTheSameTextsGiveEachColumnItsOwnRanks) {
  constexpr uint32_t kNumTexts = 100;
  std::vector<ColumnCells> columns = {{"a", DataType::Of(TypeKind::kText), {}},
                                      {"b", DataType::Of(TypeKind::kText), {}},
                                      {"c", DataType::Of(TypeKind::kText), {}}};
  for (ColumnCells& column : columns) {
    for (uint32_t i = 0; i < kNumTexts; ++i) {
      column.cells.push_back(Text(column.name + std::to_string(1'000 + i)));
    }
  }
  for (int round = 0; round < 100; ++round) {
    const auto table = TableOf(columns, {.chunk_rows = 10});
    for (ColumnIndex column = 0; column < columns.size(); ++column) {
      table->rank_demand().Note(column, OrderDemand::kScansUntilWanted * kNumTexts);
    }
    {
      WorkerPool pool(3);
      QueryExecutor executor(pool);
      for (int i = 0; i < 3; ++i) executor.BuildWantedOrders(table, TestBudget());
    }
    for (ColumnIndex column = 0; column < columns.size(); ++column) {
      ASSERT_NE(table->text_ranks(column), nullptr) << "round " << round;
      ASSERT_EQ(table->text_ranks(column)->Text(0), columns[column].name + "1000");
    }
  }
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
