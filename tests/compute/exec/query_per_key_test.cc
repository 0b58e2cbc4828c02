// Two-level metrics: an inner aggregation makes rows, an outer one reads them (rule 23).
#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "compute/exec/query_executor.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Rows = std::vector<std::string>;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
constexpr int64_t kHourUs = kDayUs / 24;

Cell At(int64_t day, int64_t hour) { return Int(day * kDayUs + hour * kHourUs); }

/// Suites 1 and 2 of web, 3 of api, and the runs of no suite; times in hours of days.
std::shared_ptr<const Table> Runs(uint64_t version = 1, uint32_t chunk_rows = kMaxChunkRows) {
  return TableOf(
      {{"org",
        DataType::Of(TypeKind::kText),
        {Text("a"), Text("a"), Text("a"), Text("a"), Text("a"), Text("a"), Text("b")}},
       {"suite",
        DataType::Of(TypeKind::kInt64),
        {Int(1), Int(2), Int(1), Int(3), Int(2), Null(), Int(1)}},
       {"repo",
        DataType::Of(TypeKind::kText),
        {Text("web"), Text("web"), Text("web"), Text("api"), Text("web"), Null(), Text("zoo")}},
       {"name",
        DataType::Of(TypeKind::kText),
        {Text("lint"), Text("lint"), Text("test"), Text("test"), Text("test"), Text("lint"),
         Text("test")}},
       {"started",
        DataType::Of(TypeKind::kTimestamp),
        {At(1, 1), At(1, 5), At(1, 0), At(2, 3), At(1, 4), At(2, 0), At(1, 0)}},
       {"ended",
        DataType::Of(TypeKind::kTimestamp),
        {At(1, 4), At(1, 6), At(1, 2), At(2, 5), At(2, 0), Null(), At(1, 9)}},
       {"failed",
        DataType::Of(TypeKind::kBool),
        {Bool(false), Bool(true), Bool(false), Bool(false), Bool(false), Bool(true), Bool(true)}},
       {"tags",
        DataType::ListOf(TypeKind::kText),
        {List({}), List({}), List({}), List({}), List({}), List({}), List({})}}},
      {.chunk_rows = chunk_rows, .tenant = "org", .dataset = "runs", .version = version});
}

Metric PerSuite(const std::string& name, const std::string& expression, TimePin pin = {}) {
  auto per = std::make_shared<PerKey>();
  per->keys = {"suite"};
  per->select = {{"duration", "max(ended) - min(started)"},
                 {"begun", "min(started)"},
                 {"runs", "count(*)"},
                 {"any_failed", "bool_or(failed)"}};
  Metric metric = {.name = name, .dataset = "runs", .expression = expression};
  metric.pin = std::move(pin);
  metric.per = per;
  return metric;
}

Query Ask(std::vector<Metric> metrics) {
  Query query;
  query.metrics = std::move(metrics);
  return query;
}

absl::StatusOr<std::pair<BoundQuery, std::vector<TenantScope>>> Prepare(
    const Query& query, const std::shared_ptr<const Table>& table, const std::string& tenant) {
  SEXTANT_ASSIGN_OR_RETURN(BoundQuery bound, Bind(query, table->shared_schema(), 100 * kDayUs));
  SEXTANT_ASSIGN_OR_RETURN(const TenantScope scope,
                           TenantScope::Resolve(table, TenantClaim::Of(tenant)));
  std::vector<TenantScope> scopes = ScopesPerDataset(bound, {"runs"}, {scope});
  return std::pair(std::move(bound), std::move(scopes));
}

absl::StatusOr<ResultText> RunRows(const Query& query, const std::string& tenant = "a",
                                   const std::shared_ptr<const Table>& table = Runs()) {
  SEXTANT_ASSIGN_OR_RETURN(BoundQuery bound, Bind(query, table->shared_schema(), 100 * kDayUs));
  SEXTANT_ASSIGN_OR_RETURN(const TenantScope scope,
                           TenantScope::Resolve(table, TenantClaim::Of(tenant)));
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  SEXTANT_ASSIGN_OR_RETURN(
      auto cursor, QueryExecutor::Run(context, bound, ScopesPerDataset(bound, {"runs"}, {scope})));
  return ReadAll(*cursor);
}

Rows RowsOf(const Query& query, const std::string& tenant = "a") {
  const absl::StatusOr<ResultText> result = RunRows(query, tenant);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->rows : Rows();
}

TEST(QueryPerKeyTest, Rule23AMeanIsOfOneRowPerKey) {
  // 4 h, 20 h, 2 h; the runs of no suite have not ended.
  EXPECT_THAT(RowsOf(Ask({PerSuite("time", "avg(duration)"), PerSuite("n", "count(*)"),
                          PerSuite("runs", "sum(runs)")})),
              ElementsAre("31200|4|6"));
}

TEST(QueryPerKeyTest, Rule23AKeyWithoutAValueHasARow) {
  Metric metric = PerSuite("n", "count(*)");
  auto per = std::make_shared<PerKey>();
  per->keys = {"suite"};
  per->select = {{"ended", "max(ended)"}};
  metric.per = per;
  Metric ended = metric;
  ended.name = "ended";
  ended.expression = "count(ended)";
  EXPECT_THAT(RowsOf(Ask({metric, ended})), ElementsAre("4|3"));
}

TEST(QueryPerKeyTest, Rule23RowsAreOfTheTenant) {
  EXPECT_THAT(RowsOf(Ask({PerSuite("time", "avg(duration)"), PerSuite("n", "count(*)")}), "b"),
              ElementsAre("32400|1"));
}

TEST(QueryPerKeyTest, Rule23TheRangeActsOnDerivedRows) {
  Query query = Ask({PerSuite("time", "avg(duration)", TimePin::At("begun"))});
  query.from = "1970-01-02T03:00:00";
  query.to = "1970-01-04";
  query.series = {{.unit = CalendarUnit::kDay}};
  // Suite 1 begins before the range though a run of it begins within: it has no part in it.
  EXPECT_THAT(RowsOf(query), ElementsAre(std::to_string(kDayUs + 3 * kHourUs) + "|72000",
                                         std::to_string(2 * kDayUs) + "|7200"));
}

TEST(QueryPerKeyTest, Rule23WhereActsOnDerivedRows) {
  Query query = Ask({PerSuite("runs", "sum(runs)")});
  query.where = "any_failed AND duration > interval '1 hour'";
  EXPECT_THAT(RowsOf(query), ElementsAre("2"));
  query.where = "suite IS NULL";
  EXPECT_THAT(RowsOf(query), ElementsAre("1"));
}

TEST(QueryPerKeyTest, Rule23TheMetricsFilterActsOnTheRowsOfTheDataset) {
  Metric tests = PerSuite("runs", "sum(runs)");
  tests.filter = "name = 'test'";
  Metric suites = PerSuite("suites", "count(*)");
  suites.filter = tests.filter;
  EXPECT_THAT(RowsOf(Ask({tests, suites, PerSuite("all", "count(*)")})), ElementsAre("3|3|4"));
}

TEST(QueryPerKeyTest, Rule23AFilterOfAnAggregateActsOnDerivedRows) {
  EXPECT_THAT(RowsOf(Ask({PerSuite("n", "count(*) FILTER (WHERE any_failed)")})), ElementsAre("2"));
}

TEST(QueryPerKeyTest, DerivedRowsHaveNoLinks) {
  Query query = Ask({PerSuite("n", "count(*)")});
  query.where = "exists_in(commit, author = 'a')";
  EXPECT_THAT(std::string(RunRows(query).status().message()),
              HasSubstr("found a condition on the link 'commit' of rows without links; allowed: "
                        "columns of them, and of rows that `per` makes"));
}

TEST(QueryPerKeyTest, Rule23GroupsAreOfColumnsWithOneValuePerKey) {
  Query query = Ask({PerSuite("n", "count(*)"), PerSuite("time", "avg(duration)")});
  query.group_by = {GroupAxis::Of("repo")};
  EXPECT_THAT(RowsOf(query), ElementsAre("api|1|7200", "web|2|43200", "-|1|-"));
  query.where = "repo = 'web'";
  EXPECT_THAT(RowsOf(query), ElementsAre("web|2|43200"));
}

TEST(QueryPerKeyTest, Rule23GroupsAreOfKeysAndSelectedColumns) {
  Query query = Ask({PerSuite("n", "count(*)")});
  query.group_by = {GroupAxis::Of("runs")};
  EXPECT_THAT(RowsOf(query), ElementsAre("1|2", "2|2"));
  query.group_by = {GroupAxis::Of("suite")};
  EXPECT_THAT(RowsOf(query), ElementsAre("1|1", "2|1", "3|1", "-|1"));
}

TEST(QueryPerKeyTest, Rule23SetsAreOfColumnsWithOneValuePerKey) {
  Query query = Ask({PerSuite("n", "count(*)")});
  GroupAxis axis;
  axis.kind = GroupAxis::Kind::kSets;
  axis.name = "team";
  axis.members = {{"ui", "repo = 'web'"}, {"all", "repo IS NOT NULL"}};
  query.group_by = {axis};
  EXPECT_THAT(RowsOf(query), ElementsAre("ui|2", "all|3"));
}

TEST(QueryPerKeyTest, Rule23AColumnOfTwoValuesIsAnErrorThatNamesIt) {
  Query query = Ask({PerSuite("n", "count(*)")});
  query.where = "name = 'test'";
  const absl::Status status = RunRows(query).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the column 'name' of 'runs' has two values for one suite"));
  EXPECT_EQ(DetailOf(status)->reason, "COLUMN_NOT_CONSTANT_PER_KEY");
}

TEST(QueryPerKeyTest, Rule23AnotherTenantsRowsMakeNoColumnVary) {
  // Suite 1 of the other tenant has another repository; 'name' has one value per suite there.
  Query query = Ask({PerSuite("n", "count(*)")});
  query.where = "name = 'test'";
  EXPECT_THAT(RowsOf(query, "b"), ElementsAre("1"));
}

TEST(QueryPerKeyTest, Rule23NullAndAValueAreTwo) {
  Query query = Ask({PerSuite("n", "count(*)")});
  query.where = "ended IS NULL";
  EXPECT_EQ(RunRows(query).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(QueryPerKeyTest, Rule23MetricsOfRowsAndOfDerivedRowsJoin) {
  Metric runs = {.name = "runs", .dataset = "runs", .expression = "count(*)"};
  Query query = Ask({runs, PerSuite("suites", "count(*)")});
  query.group_by = {GroupAxis::Of("repo")};
  EXPECT_THAT(RowsOf(query), ElementsAre("api|1|1", "web|4|2", "-|1|1"));
}

TEST(QueryPerKeyTest, TheResultNamesTheDatasetOnce) {
  Metric runs = {.name = "runs", .dataset = "runs", .expression = "count(*)"};
  const auto result = RunRows(Ask({runs, PerSuite("suites", "count(*)")}));
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->header.datasets.size(), 1);
  EXPECT_EQ(result->header.datasets[0].dataset, "runs");
}

TEST(QueryPerKeyTest, AThresholdIsOfDerivedRows) {
  Metric share;
  share.name = "short";
  share.threshold = Metric::Threshold{"time", "<=", "4h"};
  share.components = {PerSuite("time", "avg(duration)")};
  EXPECT_THAT(RowsOf(Ask({share})), ElementsAre("0.6666666666666666"));
}

TEST(QueryPerKeyTest, ADomainIsOfDerivedRows) {
  Metric metric = PerSuite("time", "avg(duration)");
  metric.domain = "< 36000";
  EXPECT_THAT(RowsOf(Ask({metric})), ElementsAre("10800"));
}

TEST(QueryPerKeyTest, ClippingIsOfDerivedRows) {
  Query query = Ask({PerSuite("time", "avg(duration)", TimePin::At("begun"))});
  query.clip = Clip{.low = 0, .high = 0.5, .stride_days = 0};
  query.from = "1970-01-01";
  query.to = "1970-01-09";
  EXPECT_THAT(RowsOf(query), ElementsAre("10800"));
}

TEST(QueryPerKeyTest, ManyKeysOfManyChunksAreAsManyRows) {
  std::vector<Cell> orgs;
  std::vector<Cell> keys;
  std::vector<Cell> values;
  for (int i = 0; i < 200'000; ++i) {
    orgs.push_back(Text("a"));
    keys.push_back(Int(i * 7919 % 80'000));
    values.push_back(Int(i));
  }
  const auto table = TableOf({{"org", DataType::Of(TypeKind::kText), orgs},
                              {"suite", DataType::Of(TypeKind::kInt64), keys},
                              {"value", DataType::Of(TypeKind::kInt64), values}},
                             {.tenant = "org", .dataset = "runs"});
  Metric metric = {.name = "n", .dataset = "runs", .expression = "count(*)"};
  auto per = std::make_shared<PerKey>();
  per->keys = {"suite"};
  per->select = {{"total", "sum(value)"}};
  metric.per = per;
  Metric total = metric;
  total.name = "total";
  total.expression = "sum(total)";
  const auto result = RunRows(Ask({metric, total}), "a", table);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre("80000|19999900000"));
}

/// Durations of one suite, and what is selected of them, added up.
absl::StatusOr<ResultText> SumOfSelected(const std::vector<int64_t>& durations_us,
                                         const std::string& selected) {
  std::vector<Cell> ended;
  for (const int64_t duration_us : durations_us) ended.push_back(Int(duration_us));
  const size_t num_rows = ended.size();
  const auto table =
      TableOf({{"org", DataType::Of(TypeKind::kText), std::vector<Cell>(num_rows, Text("a"))},
               {"suite", DataType::Of(TypeKind::kInt64), std::vector<Cell>(num_rows, Int(1))},
               {"started", DataType::Of(TypeKind::kTimestamp), std::vector<Cell>(num_rows, Int(0))},
               {"ended", DataType::Of(TypeKind::kTimestamp), ended}},
              {.tenant = "org", .dataset = "runs"});
  auto per = std::make_shared<PerKey>();
  per->keys = {"suite"};
  per->select = {{"d", selected}};
  Metric metric = {.name = "d", .dataset = "runs", .expression = "sum(d)"};
  metric.per = per;
  return RunRows(Ask({metric}), "a", table);
}

TEST(QueryPerKeyTest, Rule2ADurationBeyondBigintIsRefusedAndNotAnotherOne) {
  const int64_t many_years_us = 250'000'000'000'000'000;
  const std::vector<int64_t> durations_us(40, many_years_us);
  EXPECT_EQ(SumOfSelected(durations_us, "sum(ended - started)").status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_THAT(SumOfSelected({many_years_us}, "sum(ended - started)")->rows, ElementsAre("2.5e+11"));
}

TEST(QueryPerKeyTest, Rule23ASelectedDurationIsRoundedAsInSql) {
  EXPECT_THAT(SumOfSelected({2, 3}, "avg(ended - started)")->rows, ElementsAre("2e-06"));
  EXPECT_THAT(SumOfSelected({3, 4}, "avg(ended - started)")->rows, ElementsAre("4e-06"));
}

/// An executor that keeps derived rows.
class DerivedRowsReuseTest : public testing::Test {
 protected:
  absl::StatusOr<ResultText> Submit(const Query& query, const std::shared_ptr<const Table>& table) {
    SEXTANT_ASSIGN_OR_RETURN(auto prepared, Prepare(query, table, "a"));
    auto context = std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                                  Priority::kInteractive, &TestBudget(),
                                                  MemoryBudget::kUnlimitedBytes);
    std::mutex mutex;
    std::condition_variable is_done;
    std::optional<absl::StatusOr<std::unique_ptr<ResultCursor>>> result;
    executor_.Submit(context, std::move(prepared.first), std::move(prepared.second),
                     [&](auto finished) {
                       const std::lock_guard lock(mutex);
                       result = std::move(finished);
                       is_done.notify_one();
                     });
    std::unique_lock lock(mutex);
    is_done.wait(lock, [&] { return result.has_value(); });
    if (!result->ok()) return result->status();
    return ReadAll(***result);
  }

  MemoryBudget budget_{"test"};
  DerivedRowsCache derived_{size_t{64} << 20, &budget_};
  WorkerPool pool_{2};
  QueryExecutor executor_{pool_, nullptr, &derived_};
};

TEST_F(DerivedRowsReuseTest, TheRowsAreMadeOnceForRequestsThatDiffer) {
  const auto table = Runs();
  EXPECT_THAT(Submit(Ask({PerSuite("n", "count(*)")}), table)->rows, ElementsAre("4"));
  EXPECT_THAT(Submit(Ask({PerSuite("time", "max(duration)")}), table)->rows, ElementsAre("72000"));
  EXPECT_EQ(derived_.stats().misses, 1);
  EXPECT_EQ(derived_.stats().hits, 1);
}

TEST_F(DerivedRowsReuseTest, OtherColumnsWithOneValueMakeOtherRows) {
  const auto table = Runs();
  Query query = Ask({PerSuite("n", "count(*)")});
  ASSERT_TRUE(Submit(query, table).ok());
  query.where = "repo = 'web'";
  EXPECT_THAT(Submit(query, table)->rows, ElementsAre("2"));
  EXPECT_EQ(derived_.stats().misses, 2);
}

TEST_F(DerivedRowsReuseTest, ANewerVersionDropsTheRowsOfTheOlder) {
  ASSERT_TRUE(Submit(Ask({PerSuite("n", "count(*)")}), Runs(1)).ok());
  ASSERT_TRUE(Submit(Ask({PerSuite("n", "count(*)")}), Runs(2)).ok());
  EXPECT_EQ(derived_.stats().misses, 2);
  EXPECT_EQ(derived_.stats().entries, 1);
  derived_.DropOlder("runs", 3);
  EXPECT_EQ(derived_.stats().entries, 0);
  EXPECT_EQ(derived_.stats().bytes, 0);
}

TEST_F(DerivedRowsReuseTest, AColumnOfTwoValuesIsToldAndNothingIsKept) {
  Query query = Ask({PerSuite("n", "count(*)")});
  query.where = "name = 'test'";
  EXPECT_EQ(Submit(query, Runs()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(derived_.stats().entries, 0);
}

}  // namespace
}  // namespace sextant
