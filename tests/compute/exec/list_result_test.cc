#include <gmock/gmock.h>

#include "compute/exec/query_executor.h"
#include "tests/testing/run_aggregate.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

const DataType kInt64 = DataType::Of(TypeKind::kInt64);
const DataType kText = DataType::Of(TypeKind::kText);

std::shared_ptr<const Table> MakeTable() {
  return TableOf(
      {{"team", kText, {Text("b"), Text("a"), Text("b"), Text("c"), Text("b"), Text("a")}},
       {"x", kText, {Text("u"), Text("v"), Null(), Text("w"), Text("a long text"), Text("z")}},
       {"y", kInt64, {Int(1), Int(2), Int(3), Null(), Int(4), Int(9)}}},
      {.chunk_rows = 2});
}

/// count(*), and the two best x by y, by team.
BoundQuery BestByTeam(const Table& table) {
  Query query;
  query.metrics.push_back({.name = "n", .dataset = "dataset", .expression = "count(*)"});
  query.metrics.push_back({.name = "top", .dataset = "dataset", .expression = "count(x)"});
  query.group_by.push_back(GroupAxis::Of("team"));
  BoundQuery bound = BindOrDie(query, table);
  BoundAggregate& top = bound.aggregates[1];
  top = AggregateOf(table, AggregateKind::kTopValues, "x", "y");
  top.descending = true;
  top.last = 2;
  top.is_list = true;
  top.result_type = DataType::ListOf(kText);
  bound.metrics[1].result_type = top.result_type;
  bound.metrics[1].expression.type = top.result_type;
  return bound;
}

TEST(ListResultTest, ACellHasAListAndTheHeaderItsType) {
  const auto table = MakeTable();
  const auto result = RunBound(BestByTeam(*table), table);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre("a|2|{z,v}", "b|3|{a long text,-}", "c|1|-"));
  EXPECT_EQ(result->header.columns[2].type, DataType::ListOf(kText));
}

TEST(ListResultTest, BatchesOfOneRowHaveTheirOwnElements) {
  const auto table = MakeTable();
  const auto scope = TenantScope::Resolve(table, TenantClaim::None());
  ASSERT_TRUE(scope.ok()) << scope.status();
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  auto cursor = QueryExecutor::Run(context, BestByTeam(*table), *scope);
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  const auto text = ReadAll(**cursor, 1);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(text->rows, ElementsAre("a|2|{z,v}", "b|3|{a long text,-}", "c|1|-"));
}

TEST(ListResultTest, ListsOrderElementByElementNullLast) {
  const auto table = MakeTable();
  BoundQuery query = BestByTeam(*table);
  query.order_by.push_back({BoundOrder::Target::kMetric, 1, true});
  const auto result = RunBound(query, table);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre("a|2|{z,v}", "b|3|{a long text,-}", "c|1|-"));
  query.order_by[0].descending = false;
  const auto ascending = RunBound(query, table);
  ASSERT_TRUE(ascending.ok()) << ascending.status();
  EXPECT_THAT(ascending->rows, ElementsAre("b|3|{a long text,-}", "a|2|{z,v}", "c|1|-"));
}

}  // namespace
}  // namespace sextant
