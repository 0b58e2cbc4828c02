// Metrics whose rows give samples to several intervals, or to none (rules 5, 14, 16).
#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Rows = std::vector<std::string>;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
const TimeSeries kDay = {CalendarUnit::kDay};

const DataType kTime = DataType::Of(TypeKind::kTimestamp);

Metric MetricOf(std::string name, std::string expression, TimePin pin) {
  return {.name = std::move(name),
          .dataset = "dataset",
          .expression = std::move(expression),
          .pin = std::move(pin)};
}
TimePin During(std::string start, std::string end) {
  return {TimePin::Kind::kDuring, std::move(start), std::move(end)};
}
TimePin AsOfEnd(std::string start, std::string end) {
  return {TimePin::Kind::kAsOfEnd, std::move(start), std::move(end)};
}

/// Rows of days: opened, closed and a team of each.
std::shared_ptr<const Table> Tickets(int64_t as_of_us = 4 * kDayUs) {
  return TableOf(
      {{"opened", kTime, {Int(0), Int(kDayUs), Int(kDayUs + 5), Null(), Int(9), Int(1)}},
       {"closed", kTime, {Int(2 * kDayUs), Null(), Int(kDayUs + 5), Int(5), Int(8), Int(kDayUs)}},
       {"team",
        DataType::Of(TypeKind::kText),
        {Text("a"), Text("b"), Text("a"), Text("a"), Text("b"), Text("b")}},
       {"seen",
        DataType::ListOf(TypeKind::kTimestamp),
        {List({Int(1), Int(2), Int(kDayUs)}), List({}), Null(), List({Int(0)}),
         List({Int(3 * kDayUs)}), List({Null()})}},
       {"huge", kTime, {Int(INT64_MAX), Int(0), Int(INT64_MAX), Int(0), Int(0), Int(INT64_MAX)}},
       {"small", kTime, {Int(-5), Int(0), Int(-5), Int(0), Int(0), Int(-5)}}},
      {.as_of_us = as_of_us});
}

Query QueryOf(std::vector<Metric> metrics, std::vector<TimeSeries> series = {kDay}) {
  Query query;
  query.metrics = std::move(metrics);
  query.series = std::move(series);
  return query;
}

ResultText RunOrDie(const Query& query, const std::shared_ptr<const Table>& table) {
  absl::StatusOr<ResultText> result = RunQuery(query, table);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ResultText();
}

std::string Day(int64_t day, const std::string& values) {
  return std::to_string(day * kDayUs) + "|" + values;
}

TEST(QueryPinTest, Rule16ARowCountsInEveryIntervalOfItsSpan) {
  const ResultText result =
      RunOrDie(QueryOf({MetricOf("n", "count(*)", During("opened", "closed"))}), Tickets());
  // Open tickets are open until the data were read; 9 to 8 is no span.
  EXPECT_THAT(result.rows,
              ElementsAre(Day(0, "2"), Day(1, "3"), Day(2, "1"), Day(3, "1"), Day(4, "1")));
  EXPECT_EQ(result.summary.excluded, 1u);
}

TEST(QueryPinTest, Rule14ARangeThatIsNotGivenIsThatOfTheSpans) {
  Query query = QueryOf({MetricOf("n", "count(*)", During("opened", "closed"))}, {{}});
  const ResultText result = RunOrDie(query, Tickets(7 * kDayUs));
  EXPECT_THAT(result.header.series[0].intervals,
              ElementsAre(ResolvedInterval{0, 7 * kDayUs + 1, false}));
  // A row whose end is before its start has no part in it.
  query.where = "team = 'b' AND closed IS NOT NULL";
  EXPECT_THAT(RunOrDie(query, Tickets()).header.series[0].intervals,
              ElementsAre(ResolvedInterval{1, kDayUs, false}));
}

TEST(QueryPinTest, Rule14ARangeThatIsNotGivenHoldsTheEndsOfStates) {
  Query query = QueryOf({MetricOf("n", "count(*)", AsOfEnd("opened", "closed"))}, {{}});
  query.where = "team = 'b' AND closed IS NOT NULL";
  EXPECT_THAT(RunOrDie(query, Tickets()).header.series[0].intervals,
              ElementsAre(ResolvedInterval{1, kDayUs + 1, false}));
}

TEST(QueryPinTest, MetricsOfDifferentPinsShareTheCells) {
  Query query = QueryOf({MetricOf("during", "count(*)", During("opened", "closed")),
                         MetricOf("open", "count(*)", AsOfEnd("opened", "closed")),
                         MetricOf("opened", "count(*)", TimePin::At("opened")),
                         MetricOf("seen", "count(*)", TimePin::At("seen"))});
  query.from = "1970-01-01";
  query.to = "1970-01-04";
  const ResultText result = RunOrDie(query, Tickets());
  EXPECT_THAT(result.rows, ElementsAre(Day(0, "2|2|3|2"), Day(1, "3|2|2|1"), Day(2, "1|1|0|0")));
}

TEST(QueryPinTest, ARowOfAListIsInTheGroupsOfEachOfItsIntervals) {
  Query query = QueryOf({MetricOf("n", "count(*)", TimePin::At("seen"))});
  query.group_by = {GroupAxis::Of("team")};
  EXPECT_THAT(RunOrDie(query, Tickets()).rows,
              ElementsAre("a|" + Day(0, "2"), "a|" + Day(1, "1"), "b|" + Day(3, "1")));
}

TEST(QueryPinTest, Rule5AValueIsExcludedOncePerRowHoweverManyIntervalsItHas) {
  // huge - small overflows in rows 0, 2 and 5, which have two, one and one days.
  Query query = QueryOf({MetricOf("x", "sum(huge - small)", During("opened", "closed"))});
  query.where = "opened IS NOT NULL AND opened <> '1970-01-01 00:00:00.000009Z'";
  EXPECT_EQ(RunOrDie(query, Tickets()).summary.excluded, 3u);
  // Only where the row has a sample.
  query.from = "1970-01-03";
  query.to = "1970-01-05";
  EXPECT_EQ(RunOrDie(query, Tickets()).summary.excluded, 0u);
}

TEST(QueryPinTest, Rule16ABackwardSpanIsExcludedOncePerMetric) {
  const Query query = QueryOf({MetricOf("n", "count(*)", During("opened", "closed")),
                               MetricOf("t", "count(team)", During("opened", "closed")),
                               MetricOf("open", "count(*)", AsOfEnd("opened", "closed"))});
  EXPECT_EQ(RunOrDie(query, Tickets()).summary.excluded, 3u);
}

TEST(QueryPinTest, Rule16AggregatesThatAreComputedOnceExcludeABackwardSpanEach) {
  const Query query =
      QueryOf({MetricOf("n", "count(*)", During("opened", "closed")),
               MetricOf("same", "count(*)", During("opened", "closed")),
               MetricOf("both", "count(*) + count(*)", During("opened", "closed"))});
  EXPECT_EQ(RunOrDie(query, Tickets()).summary.excluded, 4u);
}

TEST(QueryPinTest, Rule5AggregatesThatAreComputedOnceExcludeAValueEach) {
  Query query = QueryOf({MetricOf("x", "sum(huge - small)", During("opened", "closed")),
                         MetricOf("same", "sum(huge - small)", During("opened", "closed"))});
  query.where = "opened IS NOT NULL AND opened <> '1970-01-01 00:00:00.000009Z'";
  EXPECT_EQ(RunOrDie(query, Tickets()).summary.excluded, 6u);
}

TEST(QueryPinTest, AFilterOfAMetricLeavesOutItsRowsAlone) {
  const auto table = Tickets();
  Query query = QueryOf({MetricOf("all", "count(*)", During("opened", "closed")),
                         MetricOf("some", "count(team)", During("opened", "closed"))});
  query.from = "1970-01-01";
  query.to = "1970-01-03";
  BoundQuery bound = BindOrDie(query, *table);
  Query filtered = query;
  filtered.where = "team = 'a'";
  bound.aggregates[1].filter = BindOrDie(filtered, *table).datasets[0].filter;
  const absl::StatusOr<ResultText> result = RunBound(bound, table);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre(Day(0, "2|1"), Day(1, "3|2")));
}

TEST(QueryPinTest, Rule14TheFilterOfAMetricActsOnTheRangeToo) {
  const auto table = Tickets();
  Query query = QueryOf({MetricOf("n", "count(*)", TimePin::At("opened"))}, {{}});
  BoundQuery bound = BindOrDie(query, *table);
  query.where = "team = 'b' AND closed IS NULL";
  bound.aggregates[0].filter = BindOrDie(query, *table).datasets[0].filter;
  const absl::StatusOr<ResultText> result = RunBound(bound, table);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->header.series[0].intervals,
              ElementsAre(ResolvedInterval{kDayUs, kDayUs + 1, false}));
  EXPECT_THAT(result->rows, ElementsAre("1"));
}

TEST(QueryPinTest, Rule14IntervalsThatTheRangeCutsCanBeLeftOut) {
  Query query = QueryOf({MetricOf("n", "count(*)", TimePin::At("opened"))});
  query.from = "1970-01-01T00:00:00.000001Z";
  query.to = "1970-01-03T12:00:00Z";
  query.exclude_partial = true;
  const ResultText result = RunOrDie(query, Tickets());
  EXPECT_THAT(result.rows, ElementsAre(Day(1, "2")));
  ASSERT_EQ(result.header.series[0].intervals.size(), 1u);
  query.to = "1970-01-01T12:00:00Z";
  EXPECT_THAT(RunOrDie(query, Tickets()).rows, IsEmpty());
}

TEST(QueryPinTest, AnExpressionPinsARow) {
  Query query = QueryOf({MetricOf("n", "count(*)", TimePin::At("coalesce(closed, opened)"))});
  EXPECT_THAT(RunOrDie(query, Tickets()).rows, ElementsAre("5|2", Day(1, "3"), Day(2, "1")));
  query.metrics[0].pin = During("opened", "opened + interval '1 day'");
  query.where = "closed IS NULL";
  EXPECT_THAT(RunOrDie(query, Tickets()).rows, ElementsAre(Day(1, "1")));
}

TEST(QueryPinTest, ADayOfAnExpressionIsItsMidnight) {
  Query query = QueryOf({MetricOf("n", "count(*)", During("opened::date", "closed::date"))});
  query.from = "1970-01-01";
  query.to = "1970-01-05";
  // The third begins and ends on one day, and the fifth too: instants; the sixth is a day long.
  EXPECT_THAT(RunOrDie(query, Tickets()).rows,
              ElementsAre(Day(0, "3"), Day(1, "3"), Day(2, "1"), Day(3, "1")));
}

TEST(QueryPinTest, Rule5ARowWhosePinCannotBeComputedIsExcluded) {
  Query query = QueryOf({MetricOf("n", "count(*)", TimePin::At("huge + interval '1 day'")),
                         MetricOf("open", "count(*)", During("opened", "huge + interval '1 day'"))},
                        {{}});
  query.where = "huge > '2000-01-01'";
  const ResultText result = RunOrDie(query, Tickets());
  EXPECT_EQ(result.summary.excluded, 6u);
  EXPECT_THAT(result.rows, IsEmpty());
}

/// Values by start; intervals without a cell have none.
std::map<int64_t, std::vector<int64_t>> ValuesByStart(const Rows& rows) {
  std::map<int64_t, std::vector<int64_t>> values;
  for (const std::string& row : rows) {
    const std::vector<std::string> texts = absl::StrSplit(row, '|');
    for (size_t i = 1; i < texts.size(); ++i)
      values[std::stoll(texts[0])].push_back(std::stoll(texts[i]));
  }
  return values;
}

TEST(QueryPinTest, Rule16WhatIsOpenIsWhatWasOpenPlusOpenedMinusClosed) {
  const absl::TimeZone zone = FindTimeZone("America/Havana").value();
  const int64_t from_us = ParseTimestampTzUs("2024-10-20", zone).value();
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    ColumnCells opened = {"opened", kTime, {}};
    ColumnCells closed = {"closed", kTime, {}};
    for (int row = 0; row < 500; ++row) {
      // Hours, so that many are borders of days.
      const int64_t start_us = from_us + static_cast<int64_t>(random() % 700) * (kDayUs / 24);
      const int64_t length_us =
          static_cast<int64_t>(random() % 5) * static_cast<int64_t>(random() % 50) * (kDayUs / 24);
      opened.cells.push_back(Int(start_us));
      closed.cells.push_back(random() % 5 == 0 ? Null() : Int(start_us + length_us));
    }
    Query query = QueryOf({MetricOf("open", "count(*)", AsOfEnd("opened", "closed")),
                           MetricOf("opened", "count(*)", TimePin::At("opened")),
                           MetricOf("closed", "count(*)", TimePin::At("closed"))},
                          {{CalendarUnit::kDay}});
    query.time_zone = "America/Havana";
    query.from = "2024-10-20";
    query.to = "2025-02-01";
    const ResultText result = RunOrDie(query, TableOf({opened, closed}, {.chunk_rows = 64}));
    const auto values = ValuesByStart(result.rows);
    int64_t open = 0;
    for (const ResolvedInterval& interval : result.header.series[0].intervals) {
      const auto found = values.find(interval.start_us);
      const std::vector<int64_t> cell =
          found == values.end() ? std::vector<int64_t>{0, 0, 0} : found->second;
      open += cell[1] - cell[2];
      ASSERT_EQ(cell[0], open) << FormatInstant(interval.start_us, zone);
    }
    EXPECT_EQ(result.summary.excluded, 0u);
  }
}

/// Of two teams only b has a state at the end of the range.
Query TopStates(uint64_t count) {
  Query query = QueryOf({MetricOf("open", "count(*)", AsOfEnd("opened", "closed"))});
  query.group_by = {GroupAxis::Of("team")};
  query.from = "1970-01-01";
  query.to = "1970-01-04";
  query.top_n = TopN{.count = count, .metric = ""};
  return query;
}

TEST(QueryPinTest, Rule16WhatIsOpenAtTheEndOfAnEmptyRangeIsWhatIsOpenThere) {
  // From after the last instant there is, without an end: no instant lies in it.
  Query query = QueryOf({MetricOf("open", "count(*)", AsOfEnd("opened", "closed")),
                         MetricOf("during", "count(*)", During("opened", "closed")),
                         MetricOf("opened", "count(*)", TimePin::At("opened"))},
                        {{}});
  query.from = "1970-01-10";
  EXPECT_THAT(RunOrDie(query, Tickets()).rows, ElementsAre("1|0|0"));
  // No interval of a calendar begins there.
  query.series = {kDay};
  EXPECT_THAT(RunOrDie(query, Tickets()).rows, ElementsAre());
}

TEST(QueryPinTest, Rule18AGroupWithoutAStateAtTheEndOfTheRangeRanksLast) {
  EXPECT_THAT(RunOrDie(TopStates(1), Tickets()).rows,
              ElementsAre("b|" + Day(0, "1"), "b|" + Day(1, "1"), "b|" + Day(2, "1")));
}

TEST(QueryPinTest, Rule18AGroupWithoutAStateAtTheEndOfTheRangeIsKeptWhereThereIsRoom) {
  EXPECT_THAT(RunOrDie(TopStates(2), Tickets()).rows,
              ElementsAre("a|" + Day(0, "1"), "a|" + Day(1, "1"), "b|" + Day(0, "1"),
                          "b|" + Day(1, "1"), "b|" + Day(2, "1")));
}

TEST(QueryPinTest, Rule5ASumThatDoesNotFitInAnIntervalThatIsOnlyRankedIsNoError) {
  // Both rows of a are open at the end of the first day alone; a ranks last, and is not told.
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const auto table =
      TableOf({{"opened", kTime, {Int(0), Int(0), Int(0)}},
               {"closed", kTime, {Int(2 * kDayUs), Int(2 * kDayUs), Null()}},
               {"team", DataType::Of(TypeKind::kText), {Text("a"), Text("a"), Text("b")}},
               {"n", DataType::Of(TypeKind::kInt64), {Int(kMost), Int(1), Int(7)}}},
              {.as_of_us = 4 * kDayUs});
  Query query = TopStates(1);
  query.metrics = {MetricOf("n", "sum(n)", AsOfEnd("opened", "closed"))};
  EXPECT_THAT(RunOrDie(query, table).rows,
              ElementsAre("b|" + Day(0, "7"), "b|" + Day(1, "7"), "b|" + Day(2, "7")));
}

/// Times that go up, go down or do neither, in chunks of a few rows, and a number to filter by.
struct TimesOfChunks {
  explicit TimesOfChunks(uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto num_rows = static_cast<int64_t>(1 + random() % 300);
    const int64_t trend = static_cast<int64_t>(seed % 3) - 1;
    for (int64_t row = 0; row < num_rows; ++row) {
      const auto jitter = static_cast<int64_t>(random() % (20 * kDayUs));
      times.push_back(Int(trend * row * kDayUs / 4 + jitter));
      // Some chunks have no row that passes, which their zone maps know.
      numbers.push_back(Int(row / 7 % 4 == 0 ? 5 : static_cast<int64_t>(random() % 3)));
    }
  }

  std::vector<Cell> times;
  std::vector<Cell> numbers;
};

TEST(QueryPinTest, Rule14ARangeThatIsNotGivenIsThatOfTheRowsOfAllChunks) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    const TimesOfChunks rows(seed);
    const auto table =
        TableOf({{"at", kTime, rows.times}, {"n", DataType::Of(TypeKind::kInt64), rows.numbers}},
                {.chunk_rows = 7});
    Query query = QueryOf({MetricOf("n", "count(*)", TimePin::At("at"))});
    query.where = "n = 1";
    std::optional<int64_t> min;
    std::optional<int64_t> max;
    std::map<int64_t, int> count_of_day;
    for (size_t row = 0; row < rows.times.size(); ++row) {
      if (std::get<int64_t>(rows.numbers[row].value) != 1) continue;
      const int64_t time_us = std::get<int64_t>(rows.times[row].value);
      min = std::min(min.value_or(time_us), time_us);
      max = std::max(max.value_or(time_us), time_us);
      const int64_t day = time_us / kDayUs - (time_us % kDayUs < 0 ? 1 : 0);
      ++count_of_day[day * kDayUs];
    }
    const ResultText result = RunOrDie(query, table);
    ASSERT_EQ(result.header.series[0].intervals.empty(), !min.has_value());
    if (!min) continue;
    EXPECT_EQ(result.header.series[0].intervals.front().start_us, *min);
    EXPECT_EQ(result.header.series[0].intervals.back().end_us, *max + 1);
    Rows expected;
    for (const auto& [day_us, count] : count_of_day) {
      expected.push_back(std::to_string(std::max(day_us, *min)) + "|" + std::to_string(count));
    }
    EXPECT_EQ(result.rows, expected);
  }
}

TEST(QueryPinTest, ChunksOutsideOfTheRangeOfTimeAreNotFiltered) {
  const auto table = TableOf(
      {{"at", kTime, {Int(5), Null(), Int(kDayUs), Int(7), Int(2 * kDayUs), Int(3 * kDayUs)}},
       {"n", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(1), Int(1), Int(1), Int(1)}}},
      {.chunk_rows = 2});
  Query query = QueryOf({MetricOf("n", "count(*)", TimePin::At("at"))}, {{CalendarUnit::kAll}});
  query.from = "1970-01-02";
  query.to = "1970-01-03";
  query.where = "n = 1";
  const ResultText result = RunOrDie(query, table);
  EXPECT_THAT(result.rows, ElementsAre("1"));
  EXPECT_EQ(result.summary.rows_scanned, 6u);
  EXPECT_EQ(result.summary.rows_out_of_range, 4u);
  EXPECT_EQ(result.summary.rows_selected, 2u);
  EXPECT_EQ(result.summary.chunks_skipped, 2u);
}

TEST(QueryPinTest, AMetricWithoutTimeSeesRowsOutsideOfTheRange) {
  const auto table = TableOf({{"at", kTime, {Int(5), Int(kDayUs)}}}, {.chunk_rows = 1});
  Query query = QueryOf({MetricOf("n", "count(*)", TimePin::At("at"))}, {{CalendarUnit::kAll}});
  query.metrics.push_back(MetricOf("of all", "count(*)", TimePin()));
  query.from = "1970-01-02";
  query.to = "1970-01-03";
  const ResultText result = RunOrDie(query, table);
  EXPECT_THAT(result.rows, ElementsAre("1|2"));
  EXPECT_EQ(result.summary.rows_out_of_range, 0u);
}

}  // namespace
}  // namespace sextant
