// What metrics have in common is done once, and told to who explains the query.
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "compute/exec/execution_profile.h"
#include "compute/exec/query_executor.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
const DataType kTime = DataType::Of(TypeKind::kTimestamp);

/// Rows of days 0 to 3, each closed two days later, of which the first is of a bot.
std::shared_ptr<const Table> Requests() {
  std::vector<Cell> opened;
  std::vector<Cell> closed;
  for (int64_t day = 0; day < 4; ++day) {
    opened.push_back(Int(day * kDayUs));
    closed.push_back(Int((day + 2) * kDayUs));
  }
  return TableOf(
      {{"opened", kTime, opened},
       {"closed", kTime, closed},
       {"bot", DataType::Of(TypeKind::kBool), {Bool(true), Bool(false), Bool(false), Bool(false)}},
       {"size", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(4), Int(8)}}},
      {.chunk_rows = 2});
}

Metric Of(std::string name, std::string expression, std::string at, std::string filter = "") {
  Metric metric = {.name = std::move(name),
                   .dataset = "dataset",
                   .expression = std::move(expression),
                   .pin = TimePin::At(std::move(at))};
  metric.filter = std::move(filter);
  return metric;
}

struct Explained {
  std::vector<std::string> rows;
  std::vector<std::pair<StepProfile::Phase, SharedWork>> work;
};

Explained Explain(const Query& query, const std::shared_ptr<const Table>& table) {
  const BoundQuery bound = BindOrDie(query, *table);
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  context.EnableProfile();
  const auto cursor =
      QueryExecutor::Run(context, bound, TenantScope::Resolve(table, TenantClaim::None()).value());
  EXPECT_TRUE(cursor.ok()) << cursor.status();
  Explained explained;
  if (!cursor.ok()) return explained;
  explained.rows = ReadAll(**cursor)->rows;
  for (const StepProfile& step : context.profile()->steps()) {
    if (step.shared) explained.work.emplace_back(step.key.phase, *step.shared);
  }
  return explained;
}

std::pair<uint64_t, uint64_t> Of(const SharedWork::Count& count) {
  return {count.done, count.asked};
}

/// Of day 2 and 3 of the epoch.
Query QueryOf(std::vector<Metric> metrics) {
  Query query;
  query.metrics = std::move(metrics);
  query.from = "1970-01-03";
  query.to = "1970-01-05";
  query.series = {{CalendarUnit::kDay}};
  return query;
}

TEST(QuerySharingTest, OneFilterOfTwoTimesRunsOnceAndKeepsToTheRowsOfEach) {
  const Explained explained = Explain(QueryOf({Of("opened", "sum(size)", "opened", "NOT bot"),
                                               Of("closed", "sum(size)", "closed", "NOT bot")}),
                                      Requests());
  EXPECT_THAT(explained.rows, ElementsAre("172800000000|4|-", "259200000000|8|2"));
  ASSERT_EQ(explained.work.size(), 1u);
  EXPECT_EQ(Of(explained.work[0].second.filters), std::pair(1ul, 2ul));
  EXPECT_EQ(Of(explained.work[0].second.times), std::pair(2ul, 2ul));
}

TEST(QuerySharingTest, AFilterOfATimeAndOfNoneKeepsToTheRowsOfEach) {
  Query query = QueryOf(
      {Of("opened", "sum(size)", "opened", "NOT bot"), Of("all", "sum(size)", "", "NOT bot")});
  query.metrics[1].pin = {};
  query.series = {{}};
  const Explained explained = Explain(query, Requests());
  EXPECT_THAT(explained.rows, ElementsAre("12|14"));
  ASSERT_EQ(explained.work.size(), 1u);
  EXPECT_EQ(Of(explained.work[0].second.filters), std::pair(1ul, 2ul));
  EXPECT_EQ(Of(explained.work[0].second.times), std::pair(1ul, 1ul));
}

TEST(QuerySharingTest, OfTwoFiltersOfATimeEachKeepsItsOwnRows) {
  const Explained explained = Explain(QueryOf({Of("small", "sum(size)", "opened", "size < 8"),
                                               Of("large", "sum(size)", "opened", "size > 4")}),
                                      Requests());
  EXPECT_THAT(explained.rows, ElementsAre("172800000000|4|-", "259200000000|-|8"));
  EXPECT_EQ(Of(explained.work.at(0).second.filters), std::pair(2ul, 2ul));
  EXPECT_EQ(Of(explained.work.at(0).second.times), std::pair(1ul, 2ul));
}

TEST(QuerySharingTest, AnAggregateThatSeveralMetricsNameIsComputedOnce) {
  Metric ratio = {.name = "ratio"};
  ratio.ratio = {"sum", "count", 0};
  ratio.components = {Of("sum", "sum(size)", "opened"), Of("count", "count(size)", "opened")};
  const Explained explained =
      Explain(QueryOf({Of("sum", "sum(size)", "opened"), Of("mean", "avg(size)", "opened"), ratio}),
              Requests());
  EXPECT_THAT(explained.rows, ElementsAre("172800000000|4|4|4", "259200000000|8|8|8"));
  const SharedWork& work = explained.work.at(0).second;
  EXPECT_EQ(Of(work.aggregates), std::pair(3ul, 4ul));
  EXPECT_EQ(Of(work.states), std::pair(1ul, 4ul));
  EXPECT_EQ(Of(work.times), std::pair(1ul, 4ul));
  EXPECT_EQ(Of(work.filters), std::pair(0ul, 0ul));
}

TEST(QuerySharingTest, RowsOutsideOfADomainAreFoundByAFilterOfTheirOwn) {
  Metric metric = Of("mean", "avg(size)", "opened");
  metric.domain = "< 8";
  const Explained explained = Explain(QueryOf({metric}), Requests());
  EXPECT_THAT(explained.rows, ElementsAre("172800000000|4"));
  EXPECT_EQ(Of(explained.work.at(0).second.filters), std::pair(2ul, 2ul));
}

TEST(QuerySharingTest, TheCutsOfAClipAreWorkOfTheirOwn) {
  Query query = QueryOf({Of("mean", "avg(size)", "opened"), Of("most", "max(size)", "opened")});
  query.clip = Clip{.high = 0.5};
  const Explained explained = Explain(query, Requests());
  ASSERT_EQ(explained.work.size(), 2u);
  EXPECT_EQ(explained.work[0].first, StepProfile::Phase::kCuts);
  EXPECT_EQ(Of(explained.work[0].second.aggregates), std::pair(1ul, 1ul));
  EXPECT_EQ(explained.work[1].first, StepProfile::Phase::kCells);
  EXPECT_EQ(Of(explained.work[1].second.aggregates), std::pair(2ul, 2ul));
}

/// Clipped where they say so.
Explained ExplainClipped(std::vector<Metric> metrics) {
  Query query = QueryOf(std::move(metrics));
  query.clip = Clip{.high = 0.5};
  return Explain(query, Requests());
}

TEST(QuerySharingTest, SamplesThatCutsWereFoundOfAreNotReadAgain) {
  Metric kept = Of("kept", "count(size)", "opened");
  kept.clip = true;
  const Explained explained =
      ExplainClipped({Of("mean", "avg(size)", "opened"), kept, Of("n", "count(size)", "opened")});
  // Of 1, 2, 4, 8, which are in one tile, 4 is the cut.
  EXPECT_THAT(explained.rows, ElementsAre("172800000000|4|1|1", "259200000000|-|0|1"));
  ASSERT_EQ(explained.work.size(), 2u);
  EXPECT_EQ(explained.work[0].first, StepProfile::Phase::kCuts);
  EXPECT_EQ(explained.work[0].second.times.done, 1u);
  EXPECT_EQ(explained.work[1].second.times.done, 0u);
}

TEST(QuerySharingTest, AShareOfThemTakesARangeOfTheirValues) {
  Metric mean = Of("mean", "avg(size)", "opened", "NOT bot");
  Metric share = {.name = "share"};
  share.threshold = {"mean", ">", "2"};
  share.components = {mean};
  share.clip = true;
  const Explained explained = ExplainClipped({mean, share});
  // Of 2, 4, 8 the cut is 4.
  EXPECT_THAT(explained.rows, ElementsAre("172800000000|4|1"));
  ASSERT_EQ(explained.work.size(), 2u);
  EXPECT_EQ(explained.work[1].second.times.done, 0u);
}

TEST(QuerySharingTest, WhatIsNotOfThemIsRead) {
  Metric other_value = Of("most", "max(size)", "opened");
  Metric other_rows = Of("bots", "count(size)", "opened", "bot");
  const Explained explained =
      ExplainClipped({Of("mean", "avg(size)", "opened"), other_value, other_rows});
  EXPECT_THAT(explained.rows, ElementsAre("172800000000|4|4|0", "259200000000|-|8|0"));
  ASSERT_EQ(explained.work.size(), 2u);
  EXPECT_EQ(explained.work[1].second.times.done, 1u);
}

}  // namespace
}  // namespace sextant
