#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/exec/query_executor.h"
#include "compute/exec/value_parts.h"
#include "compute/exec/worker_pool.h"
#include "tests/testing/finished_queries.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr int64_t kNumRows = 100'000;
constexpr int64_t kNumGroups = 50'021;
static_assert(kNumGroups > static_cast<int64_t>(kLeastSharedValues));

/// As many groups as make several workers finish them, by a text and by a number.
std::shared_ptr<const Table> ManyGroups() {
  std::vector<Cell> names;
  std::vector<Cell> numbers;
  std::vector<Cell> values;
  std::vector<Cell> ids;
  for (int64_t row = 0; row < kNumRows; ++row) {
    ids.push_back(Int(row));
    const int64_t group = row * 7919 % kNumGroups;
    names.push_back(group == 17 ? Null() : Text(absl::StrCat("name ", group * 31 % kNumGroups)));
    numbers.push_back(Int(group));
    values.push_back(row % 11 == 0 ? Null() : Int(row * 48271 % 1009 - 500));
  }
  return TableOf({{"name", DataType::Of(TypeKind::kText), std::move(names)},
                  {"number", DataType::Of(TypeKind::kInt64), std::move(numbers)},
                  {"value", DataType::Of(TypeKind::kInt64), std::move(values)},
                  {"id", DataType::Of(TypeKind::kInt64), std::move(ids)}},
                 {.key = {"id"}});
}

Query QueryBy(const std::string& axis) {
  Query query;
  const auto add = [&query](const std::string& expression) {
    query.metrics.push_back({.name = absl::StrCat("m", query.metrics.size()),
                             .dataset = "dataset",
                             .expression = expression});
  };
  add("count(*)");
  add("sum(value)");
  add("avg(value)");
  add("max(value) - min(value)");
  add("1000.0::float8 / sum(value)");
  add("max(name)");
  add("count(DISTINCT value)");
  add("percentile_cont(0.5) WITHIN GROUP (ORDER BY value)");
  add("stddev(value)");
  add("(array_agg(value ORDER BY value DESC))[1:2]");
  query.group_by.push_back(GroupAxis::Of(axis));
  return query;
}

ResultText RunOnThree(const BoundQuery& query, const std::shared_ptr<const Table>& table) {
  WorkerPool pool(3);
  QueryExecutor executor(pool);
  FinishedQueries finished;
  auto context = std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                                Priority::kInteractive, &TestBudget(),
                                                MemoryBudget::kUnlimitedBytes);
  executor.Submit(context, query, *TenantScope::Resolve(table, TenantClaim::None()),
                  finished.Next());
  auto results = finished.WaitFor(1);
  EXPECT_TRUE(results[0].ok()) << results[0].status();
  return *ReadAll(**results[0]);
}

void ExpectSameOnThree(const Query& query) {
  const std::shared_ptr<const Table> table = ManyGroups();
  const BoundQuery bound = BindOrDie(query, *table);
  const ResultText alone = *RunBound(bound, table);
  ASSERT_EQ(alone.rows.size(), kNumGroups);
  const ResultText shared = RunOnThree(bound, table);
  EXPECT_EQ(shared.rows, alone.rows);
  EXPECT_EQ(shared.summary.excluded, alone.summary.excluded);
  EXPECT_GT(alone.summary.excluded, 0u);
}

TEST(ManyGroupsTest, Rule4GroupsOfTextsAreTheSameByAnyNumberOfWorkers) {
  ExpectSameOnThree(QueryBy("name"));
}

TEST(ManyGroupsTest, Rule4GroupsOfNumbersAreTheSameByAnyNumberOfWorkers) {
  ExpectSameOnThree(QueryBy("number"));
}

}  // namespace
}  // namespace sextant
