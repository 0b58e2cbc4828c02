#include "compute/exec/query_executor.h"

#include <gmock/gmock.h>

#include <limits>

#include "compute/exec/query_context.h"
#include "compute/plan/error_detail.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Rows = std::vector<std::string>;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

Query QueryOf(const std::vector<std::string>& expressions, const std::vector<std::string>& axes) {
  Query query;
  for (const std::string& expression : expressions) {
    query.metrics.push_back({.name = expression, .dataset = "dataset", .expression = expression});
  }
  for (const std::string& axis : axes) query.group_by.push_back(GroupAxis::Of(axis));
  return query;
}

Query PinnedQuery(const std::vector<std::string>& expressions, const std::string& at,
                  const std::vector<TimeSeries>& series) {
  Query query = QueryOf(expressions, {});
  for (Metric& metric : query.metrics) metric.pin = TimePin::At(at);
  query.series = series;
  return query;
}

std::shared_ptr<const Table> Deliveries(uint32_t chunk_rows = kMaxChunkRows) {
  return TableOf({{"team",
                   DataType::Of(TypeKind::kText),
                   {Text("b"), Text("a"), Text("b"), Null(), Text("a"), Text("a")}},
                  {"delay_min",
                   DataType::Of(TypeKind::kInt64),
                   {Int(5), Int(1), Null(), Int(7), Int(2), Int(-3)}},
                  {"score",
                   DataType::Of(TypeKind::kFloat64),
                   {Float(0.5), Float(1), Float(2), Null(), Float(4), Float(0.25)}},
                  {"labels",
                   DataType::ListOf(TypeKind::kText),
                   {List({Text("x"), Text("y"), Text("x")}), List({}), Null(),
                    List({Text("y"), Null()}), List({Text("x")}), List({Text("z")})}}},
                 {.chunk_rows = chunk_rows});
}

Rows RowsOf(const Query& query, const std::shared_ptr<const Table>& table) {
  const absl::StatusOr<ResultText> result = RunQuery(query, table);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->rows : Rows{};
}

TEST(QueryExecutorTest, CountsSumsAndAveragesByAColumn) {
  const Query query = QueryOf({"count(*)", "sum(delay_min)", "avg(delay_min)"}, {"team"});
  EXPECT_THAT(RowsOf(query, Deliveries()), ElementsAre("a|3|0|0", "b|2|5|5", "-|1|7|7"));
}

TEST(QueryExecutorTest, AnswersDoNotDependOnChunks) {
  const Query query = QueryOf({"count(delay_min)", "sum(score)", "max(team)"}, {"labels"});
  EXPECT_EQ(RowsOf(query, Deliveries(2)), RowsOf(query, Deliveries()));
}

TEST(QueryExecutorTest, AnElementOfAListCountsOncePerRow) {
  const Query query = QueryOf({"count(*)"}, {"labels"});
  EXPECT_THAT(RowsOf(query, Deliveries()), ElementsAre("x|2", "y|2", "z|1", "-|1"));
}

TEST(QueryExecutorTest, AxesCombineAsAProduct) {
  const Query query = QueryOf({"count(*)"}, {"team", "labels"});
  EXPECT_THAT(RowsOf(query, Deliveries()),
              ElementsAre("a|x|1", "a|z|1", "b|x|1", "b|y|1", "-|y|1", "-|-|1"));
}

TEST(QueryExecutorTest, WithoutAxesThereIsOneCell) {
  const Query query = QueryOf({"count(*)", "min(delay_min)", "max(score)"}, {});
  EXPECT_THAT(RowsOf(query, Deliveries()), ElementsAre("6|-3|4"));
}

TEST(QueryExecutorTest, ACellWithoutASampleOfAnyMetricIsNotEmitted) {
  Query query = QueryOf({"sum(delay_min)"}, {"team"});
  query.where = "score = 2";
  EXPECT_THAT(RowsOf(query, Deliveries()), IsEmpty());
}

TEST(QueryExecutorTest, CountsAreZeroWhereAnotherMetricHasASample) {
  Query query = QueryOf({"count(delay_min)", "sum(delay_min)", "count(*)"}, {"team"});
  query.where = "score = 2";
  EXPECT_THAT(RowsOf(query, Deliveries()), ElementsAre("b|0|-|1"));
}

TEST(QueryExecutorTest, AnEmptyTableGivesNoCells) {
  const auto table = TableOf({{"team", DataType::Of(TypeKind::kText), {}}});
  EXPECT_THAT(RowsOf(QueryOf({"count(*)"}, {"team"}), table), IsEmpty());
}

TEST(QueryExecutorTest, OrdersByAMetricWithMissingOnesLast) {
  Query query = QueryOf({"sum(delay_min)", "count(*)"}, {"score"});
  query.order_by = {{"sum(delay_min)", true}};
  EXPECT_THAT(RowsOf(query, Deliveries()),
              ElementsAre("-|7|1", "0.5|5|1", "4|2|1", "1|1|1", "0.25|-3|1", "2|-|1"));
}

TEST(QueryExecutorTest, NullGroupsAreLastInBothDirections) {
  Query query = QueryOf({"count(*)"}, {"team"});
  query.order_by = {{"team", true}};
  EXPECT_THAT(RowsOf(query, Deliveries()), ElementsAre("b|2", "a|3", "-|1"));
}

TEST(QueryExecutorTest, LimitKeepsTheFirstRowsOfTheOrder) {
  Query query = QueryOf({"count(*)"}, {"team"});
  query.order_by = {{"count(*)", true}};
  query.limit = 2;
  EXPECT_THAT(RowsOf(query, Deliveries()), ElementsAre("a|3", "b|2"));
}

TEST(QueryExecutorTest, LabelsOfAnEnumOrderCellsAsDeclared) {  // (rule 8)
  const auto table = TableOf({{"id", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(3)}},
                              {"mood",
                               DataType::Of(TypeKind::kEnum),
                               {Text("alpha"), Text("zulu"), Text("Mike")},
                               {"zulu", "alpha", "Mike"}}});
  Query query = QueryOf({"min(mood)"}, {"id"});
  query.order_by = {{"min(mood)", false}};
  EXPECT_THAT(RowsOf(query, table), ElementsAre("2|zulu", "1|alpha", "3|Mike"));
}

TEST(QueryExecutorTest, DaysOfTheRequestedZone) {
  // 2024-03-10 is a day of 23 hours in New York: from 05:00Z to 04:00Z.
  const int64_t day = 19'792 * kDayUs;
  const auto table = TableOf({{"t",
                               DataType::Of(TypeKind::kTimestamp),
                               {Int(day + kDayUs / 24 * 5 - 1), Int(day + kDayUs / 24 * 5),
                                Int(day + kDayUs + kDayUs / 24 * 4 - 1), Null()}}});
  Query query = PinnedQuery({"count(*)"}, "t", {{CalendarUnit::kDay, 1}});
  query.time_zone = "America/New_York";
  query.from = "2024-03-09";
  query.to = "2024-03-12";
  const int64_t first = day - kDayUs + kDayUs / 24 * 5;
  EXPECT_THAT(RowsOf(query, table),
              ElementsAre(std::to_string(first) + "|1", std::to_string(first + kDayUs) + "|2"));
}

TEST(QueryExecutorTest, ARangeThatIsNotGivenComesFromTheSamples) {
  const auto table =
      TableOf({{"t", DataType::Of(TypeKind::kTimestamp), {Int(kDayUs + 5), Int(2 * kDayUs + 7)}}});
  const auto result = RunQuery(PinnedQuery({"count(*)"}, "t", {{CalendarUnit::kDay, 1}}), table);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->header.series.size(), 1u);
  EXPECT_THAT(result->header.series[0].intervals,
              ElementsAre(ResolvedInterval{kDayUs + 5, 2 * kDayUs, true},
                          ResolvedInterval{2 * kDayUs, 2 * kDayUs + 8, true}));
  EXPECT_THAT(result->rows,
              ElementsAre(std::to_string(kDayUs + 5) + "|1", std::to_string(2 * kDayUs) + "|1"));
}

TEST(QueryExecutorTest, WithoutSamplesACalendarSeriesHasNoIntervals) {
  const auto table = TableOf({{"t", DataType::Of(TypeKind::kTimestamp), {Null()}}});
  const auto result = RunQuery(PinnedQuery({"count(*)"}, "t", {{CalendarUnit::kDay, 1}}), table);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, IsEmpty());
  EXPECT_THAT(result->header.series[0].intervals, IsEmpty());
}

TEST(QueryExecutorTest, SeveralSeriesAndMetricsWithTheirOwnTimeInOnePass) {
  const auto table =
      TableOf({{"opened", DataType::Of(TypeKind::kTimestamp), {Int(0), Int(kDayUs), Int(kDayUs)}},
               {"closed", DataType::Of(TypeKind::kDate), {Int(1), Null(), Int(2)}}});
  Query query = PinnedQuery({"count(opened)", "count(closed)"}, "opened",
                            {{CalendarUnit::kDay, 1}, {CalendarUnit::kAll, 1}});
  query.metrics[1].pin = TimePin::At("closed");
  query.from = "1970-01-01";
  query.to = "1970-01-03";
  EXPECT_THAT(RowsOf(query, table), ElementsAre("0|0|1|0", "0|86400000000|2|1", "1|0|3|1"));
}

TEST(QueryExecutorTest, ADateBelongsToTheDayOfTheZone) {
  const auto table = TableOf({{"d", DataType::Of(TypeKind::kDate), {Int(0), Int(1)}}});
  Query query = PinnedQuery({"count(*)"}, "d", {{CalendarUnit::kDay, 1}});
  query.time_zone = "Asia/Kathmandu";
  const auto rows = RowsOf(query, table);
  const int64_t midnight = -int64_t{5} * 3'600'000'000 - 30 * 60'000'000;  // +05:30 until 1986
  EXPECT_THAT(
      rows, ElementsAre(std::to_string(midnight) + "|1", std::to_string(midnight + kDayUs) + "|1"));
}

TEST(QueryExecutorTest, ASumBeyondBigintIsOutOfRange) {
  const auto table = TableOf(
      {{"n", DataType::Of(TypeKind::kInt64), {Int(std::numeric_limits<int64_t>::max()), Int(1)}}});
  const auto result = RunQuery(QueryOf({"sum(n)"}, {}), table);
  ASSERT_EQ(result.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(DetailOf(result.status())->reason, "SUM_OVERFLOW");
  EXPECT_EQ(DetailOf(result.status())->resource_name, "sum(n)");
}

TEST(QueryExecutorTest, ASumThatOnlyPassesBeyondBigintIsExact) {
  const auto table = TableOf({{"n",
                               DataType::Of(TypeKind::kInt64),
                               {Int(std::numeric_limits<int64_t>::max()), Int(1), Int(-5)}}});
  EXPECT_THAT(RowsOf(QueryOf({"sum(n)"}, {}), table), ElementsAre("9223372036854775803"));
}

TEST(QueryExecutorTest, AnAverageBeyondBigintIsExact) {
  const auto table = TableOf(
      {{"n",
        DataType::Of(TypeKind::kInt64),
        {Int(std::numeric_limits<int64_t>::max()), Int(std::numeric_limits<int64_t>::max())}}});
  EXPECT_THAT(RowsOf(QueryOf({"avg(n)"}, {}), table), ElementsAre("9223372036854775808"));
}

TEST(QueryExecutorTest, AFloatSumThatOverflowsIsOutOfRange) {
  const auto table = TableOf({{"f", DataType::Of(TypeKind::kFloat64), {Float(1e308), Float(1e308)}},
                              {"g", DataType::Of(TypeKind::kInt64), {Int(1), Int(1)}}});
  EXPECT_EQ(RunQuery(QueryOf({"sum(f)"}, {"g"}), table).status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST(QueryExecutorTest, InfinitiesAndNansSumAsPostgresqlDoes) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto table = TableOf(
      {{"f",
        DataType::Of(TypeKind::kFloat64),
        {Float(infinity), Float(1), Float(infinity), Float(-infinity), Float(std::nan("")),
         Float(1)}},
       {"g", DataType::Of(TypeKind::kInt64), {Int(1), Int(1), Int(2), Int(2), Int(3), Int(3)}}});
  EXPECT_THAT(RowsOf(QueryOf({"sum(f)", "min(f)", "max(f)"}, {"g"}), table),
              ElementsAre("1|inf|1|inf", "2|NaN|-inf|inf", "3|NaN|1|NaN"));
}

TEST(QueryExecutorTest, ZerosAreOneGroupAndSoAreNans) {
  const auto table =
      TableOf({{"f",
                DataType::Of(TypeKind::kFloat32),
                {Float(0.0), Float(-0.0), Float(std::nan("")), Float(-std::nan(""))}}});
  EXPECT_THAT(RowsOf(QueryOf({"count(*)"}, {"f"}), table), ElementsAre("0|2", "NaN|2"));
}

TEST(QueryExecutorTest, ADifferenceThatOverflowsIsExcludedAndCounted) {
  const auto table = TableOf(
      {{"a", DataType::Of(TypeKind::kInt64), {Int(std::numeric_limits<int64_t>::max()), Int(3)}},
       {"b", DataType::Of(TypeKind::kInt64), {Int(-1), Int(1)}}});
  const auto result = RunQuery(QueryOf({"sum(a - b)"}, {}), table);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre("2"));
  EXPECT_EQ(result->summary.excluded, 1u);
}

TEST(QueryExecutorTest, WhatIsExcludedLiesInTheRangeOfTime) {
  const Cell large = Int(std::numeric_limits<int64_t>::max());
  const auto table = TableOf(
      {{"t", DataType::Of(TypeKind::kTimestamp), {Int(0), Int(kDayUs), Int(2 * kDayUs), Null()}},
       {"a", DataType::Of(TypeKind::kInt64), {large, large, Int(1), large}},
       {"b", DataType::Of(TypeKind::kInt64), {Int(-1), Int(-1), Int(0), Int(-1)}}});
  Query query = PinnedQuery({"sum(a - b)"}, "t", {{CalendarUnit::kDay, 1}, {}});
  query.from = "1970-01-02";
  query.to = "1970-01-04";
  const auto result = RunQuery(query, table);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->summary.excluded, 1u);
}

TEST(QueryExecutorTest, DurationsAreInSeconds) {
  const auto table = TableOf({{"s", DataType::Of(TypeKind::kTimestamp), {Int(0), Int(0)}},
                              {"e", DataType::Of(TypeKind::kTimestamp), {Int(1), Int(2'000'000)}}});
  EXPECT_THAT(RowsOf(QueryOf({"sum(e - s)", "avg(e - s)", "min(e - s)"}, {}), table),
              ElementsAre("2.000001|1.0000005|1e-06"));
}

TEST(QueryExecutorTest, SumsOfNumericAreExact) {
  const auto table = TableOf({{"p", DataType::Decimal(12, 2), {Int(10), Int(25)}},
                              {"q", DataType::Decimal(30, 1), {Decimal(7), Decimal(8)}}});
  EXPECT_THAT(RowsOf(QueryOf({"sum(p)", "avg(p)", "sum(q)", "max(q)"}, {}), table),
              ElementsAre("35|0.175|15|8"));
}

TEST(QueryExecutorTest, EqualIntervalsAreOneGroup) {
  const auto table = TableOf({{"i",
                               DataType::Of(TypeKind::kInterval),
                               {Interval(1, 0, 0), Interval(0, 30, 0), Interval(0, 29, 0)}}});
  const Rows rows = RowsOf(QueryOf({"count(*)"}, {"i"}), table);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0], ::testing::EndsWith("|1"));
  EXPECT_THAT(rows[1], ::testing::EndsWith("|2"));
}

TEST(QueryExecutorTest, EnumsOrderAsDeclared) {
  const auto table = TableOf({{"e",
                               DataType::Of(TypeKind::kEnum),
                               {Text("low"), Text("high"), Text("mid"), Text("high")},
                               {"low", "mid", "high"}}});
  EXPECT_THAT(RowsOf(QueryOf({"count(*)"}, {"e"}), table), ElementsAre("low|1", "mid|1", "high|2"));
  EXPECT_THAT(RowsOf(QueryOf({"min(e)", "max(e)"}, {}), table), ElementsAre("low|high"));
}

TEST(QueryExecutorTest, CountDistinctIsExactPerCell) {
  const Query query = QueryOf({"count(DISTINCT team)", "count(DISTINCT delay_min)"}, {"labels"});
  EXPECT_THAT(RowsOf(query, Deliveries(3)), ElementsAre("x|2|2", "y|1|2", "z|1|1", "-|0|1"));
}

TEST(QueryExecutorTest, DeletedRowsAreNotSeen) {
  const auto table = Deliveries(3);
  const auto chunk = table->chunk(0).WithoutRows(std::vector<uint32_t>{0, 1}, TestBudget());
  ASSERT_TRUE(chunk.ok());
  const auto next = table->WithChunk({"dataset", 2, 0}, 0, *chunk);
  const Query query = QueryOf({"count(*)"}, {"team"});
  EXPECT_THAT(RowsOf(query, next), ElementsAre("a|2", "b|1", "-|1"));
  EXPECT_THAT(RowsOf(query, table), ElementsAre("a|3", "b|2", "-|1"));
}

TEST(QueryExecutorTest, ATenantSeesItsRowsOnly) {
  const auto table =
      TableOf({{"tenant", DataType::Of(TypeKind::kText), {Text("x"), Text("x"), Text("y"), Null()}},
               {"n", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(4), Int(8)}}},
              {.chunk_rows = 3, .tenant = "tenant"});
  const auto sum = [&](const char* tenant) {
    const auto result = RunQuery(QueryOf({"sum(n)"}, {}), table, TenantClaim::Of(tenant));
    return result.ok() ? result->rows : Rows{std::string(result.status().message())};
  };
  EXPECT_THAT(sum("x"), ElementsAre("3"));
  EXPECT_THAT(sum("y"), ElementsAre("4"));
  EXPECT_THAT(sum("z"), IsEmpty());
}

TEST(QueryExecutorTest, ZoneMapsSkipChunks) {
  Query query = QueryOf({"count(*)"}, {});
  query.where = "delay_min = -3";
  const auto result = RunQuery(query, Deliveries(2));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre("1"));
  EXPECT_EQ(result->summary.chunks_skipped, 2u);
  EXPECT_EQ(result->summary.rows_scanned, 6u);
  EXPECT_EQ(result->summary.rows_selected, 1u);
}

TEST(QueryExecutorTest, AFilterRunsOnceForAllPhases) {
  const auto table = TableOf(
      {{"at", DataType::Of(TypeKind::kTimestamp), {Int(5), Int(1), Null(), Int(kDayUs), Int(3)}},
       {"team",
        DataType::Of(TypeKind::kText),
        {Text("a"), Text("b"), Text("a"), Text("a"), Text("b")}},
       {"n", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(2), Int(2), Int(2)}}},
      {.chunk_rows = 2});
  Query query = PinnedQuery({"count(*)"}, "at", {{CalendarUnit::kDay}});
  query.group_by.push_back(GroupAxis::Of("team"));
  query.where = "n = 2";
  query.top_n = TopN{.count = 1, .metric = "count(*)"};
  const BoundQuery bound = BindOrDie(query, *table);
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  context.EnableProfile();
  const auto cursor =
      QueryExecutor::Run(context, bound, TenantScope::Resolve(table, TenantClaim::None()).value());
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  EXPECT_THAT(ReadAll(**cursor)->rows, ElementsAre("b|1|2"));
  uint64_t rows_in = 0;
  for (const StepProfile& step : context.profile()->steps()) {
    if (step.key.kind != StepProfile::Kind::kFilter) continue;
    EXPECT_EQ(step.key.phase, StepProfile::Phase::kBounds);
    rows_in += step.rows_in;
  }
  EXPECT_EQ(rows_in, 5u);
  EXPECT_EQ((*cursor)->summary().rows_selected, 4u);
}

TEST(QueryExecutorTest, TooManyCellsAreRefusedWithTheLimit) {
  BoundQuery query = BindOrDie(QueryOf({"count(*)"}, {"score"}), *Deliveries());
  query.limits.max_values = 5;
  const auto result = RunBound(query, Deliveries());
  ASSERT_EQ(result.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailOf(result.status())->reason, "TOO_MANY_CELLS");
  EXPECT_THAT(DetailOf(result.status())->metadata,
              ElementsAre(std::pair<std::string, std::string>("limit", "5"),
                          std::pair<std::string, std::string>("asked", "6")));
}

TEST(QueryExecutorTest, MemoryBeyondTheBudgetIsRefused) {
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), 1000);
  const auto table = Deliveries();
  const auto scope = TenantScope::Resolve(table, TenantClaim::None());
  const auto result =
      QueryExecutor::Run(context, BindOrDie(QueryOf({"count(*)"}, {"team"}), *table), *scope);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(context.budget().reserved_bytes(), 0u);
}

TEST(QueryExecutorTest, TheTablesOfTimeSeriesAreMemoryOfTheQuery) {
  // Borders are whole hours apart, so every series has a table of the hours of 40 years.
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), 4 << 20);
  const auto table = TableOf({{"t", DataType::Of(TypeKind::kTimestamp), {Int(0)}}});
  const auto scope = TenantScope::Resolve(table, TenantClaim::None());
  std::vector<TimeSeries> series = {{CalendarUnit::kDay, 1000}};
  const auto run = [&] {
    Query query = PinnedQuery({"count(*)"}, "t", series);
    query.time_zone = "Europe/Berlin";
    query.from = "1981-01-01";
    query.to = "2021-01-01";
    return QueryExecutor::Run(context, BindOrDie(query, *table), *scope).status();
  };
  EXPECT_EQ(run(), absl::OkStatus());
  for (int days = 1001; days < 1010; ++days) series.push_back({CalendarUnit::kDay, days});
  EXPECT_EQ(run().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(context.budget().reserved_bytes(), 0u);
}

TEST(QueryExecutorTest, ACancelledQueryEndsAndSaysSo) {
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  context.Cancel();
  const auto table = Deliveries();
  const auto scope = TenantScope::Resolve(table, TenantClaim::None());
  const auto result =
      QueryExecutor::Run(context, BindOrDie(QueryOf({"count(*)"}, {}), *table), *scope);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled);
}

TEST(QueryExecutorTest, ADeadlineThatPassedNamesTheStage) {
  QueryContext context(Clock::System(), 0, Priority::kInteractive, &TestBudget(),
                       MemoryBudget::kUnlimitedBytes);
  const auto table = Deliveries();
  const auto scope = TenantScope::Resolve(table, TenantClaim::None());
  const auto result =
      QueryExecutor::Run(context, BindOrDie(QueryOf({"count(*)"}, {}), *table), *scope);
  ASSERT_EQ(result.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(DetailOf(result.status())->reason, "DEADLINE");
  EXPECT_EQ(DetailOf(result.status())->metadata[0].second, "RUN");
}

TEST(QueryExecutorTest, AResultOutlivesItsTable) {
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  auto table = Deliveries();
  const std::weak_ptr<const Table> watched = table;
  std::unique_ptr<ResultCursor> cursor;
  {
    const auto scope = TenantScope::Resolve(table, TenantClaim::None());
    auto result =
        QueryExecutor::Run(context, BindOrDie(QueryOf({"max(team)"}, {"team"}), *table), *scope);
    ASSERT_TRUE(result.ok());
    cursor = *std::move(result);
  }
  table.reset();
  EXPECT_TRUE(watched.expired());
  const auto text = ReadAll(*cursor);
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(text->rows, ElementsAre("a|a", "b|b"));
}

TEST(QueryExecutorTest, SmallBatchesHaveOneRowEach) {
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  const auto table = Deliveries();
  const auto scope = TenantScope::Resolve(table, TenantClaim::None());
  auto cursor =
      QueryExecutor::Run(context, BindOrDie(QueryOf({"count(*)"}, {"team"}), *table), *scope);
  ASSERT_TRUE(cursor.ok());
  const auto batch = (*cursor)->Next(1);
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ((*batch)->num_rows, 1u);
}

}  // namespace
}  // namespace sextant
