// Metrics that count how many rows run at once.
#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/run_query.h"
#include "tests/testing/run_rows.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kHourUs = int64_t{3600} * 1'000'000;
constexpr int64_t kDayUs = 24 * kHourUs;
constexpr auto kMax = Metric::Concurrency::kMax;
constexpr auto kMean = Metric::Concurrency::kMean;
const DataType kTime = DataType::Of(TypeKind::kTimestamp);
const DataType kText = DataType::Of(TypeKind::kText);
const DataType kInteger = DataType::Of(TypeKind::kInt64);

Metric Running(std::string name, Metric::Concurrency statistic) {
  Metric metric = {.name = std::move(name), .dataset = "dataset"};
  metric.pin = {TimePin::Kind::kDuring, "started", "finished"};
  metric.concurrency = statistic;
  return metric;
}

/// Hours of 1970-01-01, on which no row is without a team:
///   a: [0, 2), [2, 4), [3, 3)   b: [1, 3), [1, )   none: [, 5), [9, 8)
std::shared_ptr<const Table> Jobs() {
  const auto hour = [](int64_t number) { return Int(number * kHourUs); };
  return TableOf(
      {{"id", kInteger, {Int(1), Int(2), Int(3), Int(4), Int(5), Int(6), Int(7)}},
       {"started", kTime, {hour(0), hour(2), hour(3), hour(1), hour(1), Null(), hour(9)}},
       {"finished", kTime, {hour(2), hour(4), hour(3), hour(3), Null(), hour(5), hour(8)}},
       {"team", kText, {Text("a"), Text("a"), Text("a"), Text("b"), Text("b"), Null(), Null()}},
       {"tags",
        DataType::ListOf(TypeKind::kText),
        {List({Text("x"), Text("y"), Text("x")}), List({Text("x")}), List({Text("y")}),
         List({Text("x")}), List({}), List({}), List({})}}},
      {.chunk_rows = 2, .key = {"id"}, .as_of_us = 6 * kHourUs});
}

Query QueryOf(std::vector<Metric> metrics) {
  Query query;
  query.metrics = std::move(metrics);
  query.from = "1970-01-01T00:00";
  query.to = "1970-01-01T08:00";
  return query;
}

Query Both() { return QueryOf({Running("most", kMax), Running("mean", kMean)}); }

Query Every(int hours, Query query = Both()) {
  query.series = {{CalendarUnit::kHour, hours}};
  return query;
}

std::vector<std::string> RowsOf(const Query& query) {
  const absl::StatusOr<ResultText> result = RunQuery(query, Jobs());
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->rows : std::vector<std::string>();
}

std::string ErrorOf(const Query& query) {
  return std::string(RunQuery(query, Jobs()).status().message());
}

std::string At(int hour) { return absl::StrCat(hour * kHourUs, "|"); }

TEST(ConcurrencyMetricTest, TheMostIsAnIntegerAndTheMeanAFloat) {
  const auto result = RunQuery(Both(), Jobs());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->header.columns[0].type, kInteger);
  EXPECT_EQ(result->header.columns[1].type, DataType::Of(TypeKind::kFloat64));
  EXPECT_EQ(result->header.columns[0].unit, "");
}

TEST(ConcurrencyMetricTest, OneThatEndsAsAnotherStartsDoesNotRunBesideIt) {
  Query query = Both();
  query.where = "team = 'a'";
  EXPECT_THAT(RowsOf(query), ElementsAre("1|0.5"));
}

TEST(ConcurrencyMetricTest, RowsRunInEachIntervalAndAreCutToIt) {
  // Of all: 1 at 0, 3 at 1, 3 at 2, 2 at 3 and the open one afterwards.
  EXPECT_THAT(RowsOf(Every(2)),
              ElementsAre(At(0) + "3|2", At(2) + "3|2.5", At(4) + "1|1", At(6) + "1|1"));
}

TEST(ConcurrencyMetricTest, TheMostOfAnIntervalIsNotThatOfAnEarlierOne) {
  Query query = Every(1);
  query.from = "1970-01-01T02:00";
  EXPECT_THAT(RowsOf(query), ElementsAre(At(2) + "3|3", At(3) + "2|2", At(4) + "1|1", At(5) + "1|1",
                                         At(6) + "1|1", At(7) + "1|1"));
}

TEST(ConcurrencyMetricTest, Rule14AMeanIsOverWhatTheRangeLeavesOfAnInterval) {
  Query query = Every(4);
  query.from = "1970-01-01T01:00";
  query.to = "1970-01-01T04:30";
  query.where = "id IN (1, 5)";
  EXPECT_THAT(RowsOf(query),
              ElementsAre(At(1) + absl::StrCat("2|", FloatText(4.0 / 3)), At(4) + "1|1"));
}

TEST(ConcurrencyMetricTest, Rule14ARangeThatIsNotGivenIsThatOfTheSamples) {
  Query query = Both();
  query.from.clear();
  query.to.clear();
  query.where = "id IN (4, 5)";
  // From the first start to the instant after what the table was read at.
  const double mean = static_cast<double>(7 * kHourUs + 1) / static_cast<double>(5 * kHourUs + 1);
  EXPECT_THAT(RowsOf(query), ElementsAre("2|" + FloatText(mean)));
}

TEST(ConcurrencyMetricTest, Rule14OneThatRunsAllTheTimeIsOneThoughNoRangeIsGiven) {
  Query query = Both();
  query.from.clear();
  query.to.clear();
  query.where = "id = 4";
  EXPECT_THAT(RowsOf(query), ElementsAre("1|1"));
}

TEST(ConcurrencyMetricTest, Rule16AnInstantIsASampleAndRunsNever) {
  Query query = Every(1);
  query.where = "id = 3";
  EXPECT_THAT(RowsOf(query), ElementsAre(At(3) + "0|0"));
}

TEST(ConcurrencyMetricTest, Rule16WhatEndsBeforeItStartsIsExcluded) {
  const auto result = RunQuery(Both(), Jobs());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->summary.excluded, 2u);  // of each metric
}

TEST(ConcurrencyMetricTest, Rule17ItIsZeroInCellsThatOtherMetricsHave) {
  Metric rows = {.name = "n", .dataset = "dataset", .expression = "count(*)"};
  rows.pin = TimePin::At("finished");
  Query query = Every(4, QueryOf({Running("most", kMax), Running("mean", kMean), rows}));
  query.where = "id IN (1, 6)";
  EXPECT_THAT(RowsOf(query), ElementsAre(At(0) + "1|0.5|1", At(4) + "0|0|1"));
}

TEST(ConcurrencyMetricTest, Rule17ItIsZeroInDenseCells) {
  Query query = Every(4);
  query.where = "id = 1";
  query.fill = FillMode::kDense;
  EXPECT_THAT(RowsOf(query), ElementsAre(At(0) + "1|0.5", At(4) + "0|0"));
}

TEST(ConcurrencyMetricTest, Rule18TotalsAreSweptAgain) {
  Query query = Both();
  query.group_by = {GroupAxis::Of("team")};
  query.totals = Totals::kGrand;
  query.where = "id <= 5";
  EXPECT_THAT(RowsOf(query), ElementsAre("a|0|1|0.5", "b|0|2|1.125", "-|1|3|1.625"));
}

TEST(ConcurrencyMetricTest, Rule18OthersAreSweptAgain) {
  Query query = Both();
  query.group_by = {GroupAxis::Of("id")};
  query.where = "id <= 5";
  query.top_n = TopN{.count = 1, .metric = "mean", .others = true};
  EXPECT_THAT(RowsOf(query), ElementsAre("5|0|1|0.875", "-|-1|2|0.75"));
}

TEST(ConcurrencyMetricTest, ARowIsInASetAndInAnElementOnce) {
  Query query = Both();
  query.group_by = {GroupAxis::Of("tags")};
  EXPECT_THAT(RowsOf(query), ElementsAre("x|2|0.75", "y|1|0.25"));
  GroupAxis sets;
  sets.kind = GroupAxis::Kind::kSets;
  sets.name = "set";
  sets.members = {{"odd", "id % 2 = 1"}, {"all", "id <= 5"}};
  query.group_by = {sets};
  query.totals = Totals::kGrand;
  EXPECT_THAT(RowsOf(query), ElementsAre("odd|0|2|1.125", "all|0|3|1.625", "-|1|3|1.625"));
}

TEST(ConcurrencyMetricTest, AFilterOfTheMetricIsItsOwn) {
  Metric filtered = Running("b", kMax);
  filtered.filter = "team = 'b'";
  EXPECT_THAT(RowsOf(QueryOf({Running("all", kMax), filtered})), ElementsAre("3|2"));
}

TEST(ConcurrencyMetricTest, ItCountsBesideOtherMetricsOfItsRows) {
  Metric rows = {.name = "n", .dataset = "dataset", .expression = "count(*)"};
  rows.pin = {TimePin::Kind::kDuring, "started", "finished"};
  EXPECT_THAT(RowsOf(QueryOf({rows, Running("most", kMax)})), ElementsAre("5|3"));
}

TEST(ConcurrencyMetricTest, Rule22AWindowIsSweptAndIsTheTimeOfItsMean) {
  Query query = Every(2);
  for (Metric& metric : query.metrics) {
    Metric over = {.name = metric.name};
    over.cumulative = Metric::Cumulative{.of = metric.name, .window = "4h"};
    over.components = {metric};
    metric = over;
  }
  query.from = "1970-01-01T04:00";
  query.to = "1970-01-01T08:00";
  EXPECT_THAT(RowsOf(query), ElementsAre(At(4) + "3|1.75", At(6) + "1|1"));
}

TEST(ConcurrencyMetricTest, Rule22ItIsComparedWithAnEarlierRange) {
  Query query = Every(2);
  query.from = "1970-01-01T04:00";
  query.to = "1970-01-01T08:00";
  query.compare_to = PeriodComparison{"previous"};
  EXPECT_THAT(RowsOf(query), ElementsAre(At(4) + "1|3|1|2", At(6) + "1|3|1|2.5"));
}

TEST(ConcurrencyMetricTest, Rule11AMeanIsOverTheHoursThatADayHas) {
  // In Berlin the 31st of March 2024 has 23 hours, the 27th of October 25.
  const auto at = [](int64_t hour) { return Int(hour * kHourUs); };
  constexpr int64_t kMarch = 475'511;    // hours from 1970 to 2024-03-30T23:00Z
  constexpr int64_t kOctober = 480'550;  // to 2024-10-26T22:00Z
  const auto table = TableOf({{"started", kTime, {at(kMarch), at(kOctober - 30)}},
                              {"finished", kTime, {at(kMarch + 23), at(kOctober + 5)}}});
  const auto rows_of = [&](const std::string& from, const std::string& to) {
    Query query = Both();
    query.time_zone = "Europe/Berlin";
    query.series = {{CalendarUnit::kDay}};
    query.from = from;
    query.to = to;
    const auto result = RunQuery(query, table);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->rows : std::vector<std::string>();
  };
  EXPECT_THAT(rows_of("2024-03-31", "2024-04-01"), ElementsAre(At(kMarch) + "1|1"));
  EXPECT_THAT(rows_of("2024-10-27", "2024-10-28"), ElementsAre(At(kOctober) + "1|0.2"));
}

TEST(ConcurrencyMetricTest, PeriodsOfACalendarAreSweptAndAreTheTimeOfTheirMeans) {
  Query query = Both();
  query.series = {{CalendarUnit::kPeriod}};
  query.series[0].calendar = std::make_shared<const PeriodCalendar>(PeriodCalendar{
      .name = "shifts", .borders_us = {0, 1 * kHourUs, 4 * kHourUs, 8 * kHourUs}, .labels = {}});
  query.where = "id <= 5";
  EXPECT_THAT(
      RowsOf(query),
      ElementsAre(At(0) + "1|1", At(1) + absl::StrCat("3|", FloatText(8.0 / 3)), At(4) + "1|1"));
}

TEST(ConcurrencyMetricTest, OtherMetricsAreMadeOfIt) {
  Metric share = {.name = "share"};
  share.derived = "mean / most";
  share.components = {Running("mean", kMean), Running("most", kMax)};
  Metric sum = {.name = "sum"};
  sum.sum_of = Metric::SumOf{{"mean", "most"}};
  sum.components = share.components;
  Query query = Every(4, QueryOf({share, sum}));
  EXPECT_THAT(RowsOf(query), ElementsAre(At(0) + "0.75|5.25", At(4) + "1|2"));
}

TEST(ConcurrencyMetricTest, CellsAreChosenAndOrderedByIt) {
  Query query = Every(2);
  query.having_text = "most >= 2";
  query.order_by = {{.column = "mean", .descending = true}};
  EXPECT_THAT(RowsOf(query), ElementsAre(At(2) + "3|2.5", At(0) + "3|2"));
}

TEST(ConcurrencyMetricTest, ItsSamplesAreItsRows) {
  Query query = Every(4, QueryOf({Running("most", kMax)}));
  query.samples = true;
  EXPECT_THAT(RowsOf(query), ElementsAre(At(0) + "3|5|5", At(4) + "1|1|1"));
}

TEST(ConcurrencyMetricTest, AClipOfTheRequestLeavesItAlone) {
  Query query = Both();
  query.clip = Clip{.low = 0, .high = 0.5};
  EXPECT_THAT(RowsOf(query), ElementsAre("3|1.625"));
}

TEST(ConcurrencyMetricTest, RowsBehindACellAreThoseThatRunInIt) {
  Query query = Every(2, QueryOf({Running("most", kMax)}));
  RowsQuery rows;
  rows.start = "1970-01-01T02:00";
  rows.columns = {"id"};
  const auto result = RunRows(rows, query, Jobs());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->rows, ElementsAre("2", "3", "4", "5"));
}

TEST(ConcurrencyMetricTest, RowsOfTwoLevelsRunToo) {
  Metric metric = Running("most", kMax);
  auto per = std::make_shared<PerKey>();
  per->keys = {"team"};
  per->select = {{"started", "min(started)"}, {"finished", "max(finished)"}};
  metric.per = per;
  metric.filter = "id <= 4";
  // Team a runs in [0, 4), team b in [1, 3).
  EXPECT_THAT(RowsOf(Every(4, QueryOf({metric}))), ElementsAre(At(0) + "2"));
}

TEST(ConcurrencyMetricTest, ATenantHasItsOwn) {
  const auto hour = [](int64_t number) { return Int(number * kHourUs); };
  const auto table = TableOf({{"started", kTime, {hour(0), hour(1), hour(1), hour(1)}},
                              {"finished", kTime, {hour(4), hour(3), hour(2), hour(4)}},
                              {"tenant", kText, {Text("a"), Text("a"), Text("b"), Null()}}},
                             {.tenant = "tenant"});
  const auto rows_of = [&](const TenantClaim& claim) {
    const auto result = RunQuery(Both(), table, claim);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->rows : std::vector<std::string>();
  };
  EXPECT_THAT(rows_of(TenantClaim::Of("a")), ElementsAre("2|0.75"));
  EXPECT_THAT(rows_of(TenantClaim::Of("b")), ElementsAre("1|0.125"));
  EXPECT_THAT(rows_of(TenantClaim::Of("c")), IsEmpty());
  EXPECT_FALSE(RunQuery(Both(), table).ok());
}

TEST(ConcurrencyMetricTest, NoRowsHaveNoCell) {
  Query query = Every(2);
  query.where = "id = 7";
  EXPECT_THAT(RowsOf(query), IsEmpty());
}

TEST(ConcurrencyMetricTest, ItNeedsASpan) {
  Query query = QueryOf({Running("most", kMax)});
  query.metrics[0].pin = TimePin::At("started");
  EXPECT_THAT(ErrorOf(query), HasSubstr("metrics[0].concurrency: found another time than a span"));
  query.metrics[0].pin = {};
  EXPECT_THAT(ErrorOf(query), HasSubstr("metrics[0].concurrency: found no span of time"));
  query.metrics[0].pin = {TimePin::Kind::kDuring, "started", "team"};
  EXPECT_THAT(ErrorOf(query), HasSubstr("metrics[0].concurrency.during.end"));
  query.metrics[0].pin = {TimePin::Kind::kDuring, "", "finished"};
  EXPECT_THAT(ErrorOf(query), HasSubstr("metrics[0].concurrency.during.start"));
}

TEST(ConcurrencyMetricTest, WhatNeedsAValueIsRefusedBesideIt) {
  const auto error_of = [](auto change) {
    Query query = QueryOf({Running("most", kMax)});
    change(query.metrics[0]);
    return ErrorOf(query);
  };
  EXPECT_THAT(error_of([](Metric& metric) { metric.domain = ">= 0"; }),
              HasSubstr("metrics[0].domain: found it beside concurrency"));
  EXPECT_THAT(error_of([](Metric& metric) { metric.clip = true; }),
              HasSubstr("metrics[0].clip: found it beside concurrency"));
  EXPECT_THAT(error_of([](Metric& metric) { metric.is_zero_when_empty = true; }),
              HasSubstr("metrics[0].empty: found it beside concurrency"));
  EXPECT_THAT(error_of([](Metric& metric) { metric.expression = "count(*)"; }),
              HasSubstr("has 2 definitions"));
}

TEST(ConcurrencyMetricTest, WhatIsOfSamplesWithAValueRefusesIt) {
  Metric threshold = {.name = "t"};
  threshold.threshold = Metric::Threshold{"most", ">", "1"};
  threshold.components = {Running("most", kMax)};
  EXPECT_THAT(ErrorOf(QueryOf({threshold})), HasSubstr("is not one aggregate of one value"));
  Metric histogram = {.name = "h"};
  histogram.histogram = Metric::Histogram{.of = "most"};
  histogram.components = {Running("most", kMax)};
  EXPECT_THAT(ErrorOf(QueryOf({histogram})), HasSubstr("is not one aggregate of one value"));
}

TEST(ConcurrencyMetricTest, ItHasNoBounds) {
  Query query = Both();
  query.confidence = Confidence();
  EXPECT_THAT(ErrorOf(query), HasSubstr("none of the metrics has bounds"));
}

/// Spans of `num_rows` rows in groups, some of which are long, open, empty or reversed.
struct Spans {
  std::vector<Cell> starts;
  std::vector<Cell> ends;
  std::vector<Cell> groups;
};
Spans RandomSpans(size_t num_rows) {
  std::mt19937_64 draws(7);
  Spans spans;
  for (size_t i = 0; i < num_rows; ++i) {
    const auto start = static_cast<int64_t>(draws() % 4000) * kHourUs / 10;
    const auto length = static_cast<int64_t>(draws() % (i % 5 == 0 ? 3000 : 40)) * kHourUs / 10;
    spans.starts.push_back(Int(start));
    spans.ends.push_back(i % 31 == 0 ? Null() : Int(i % 17 == 0 ? start - 1 : start + length));
    spans.groups.push_back(Int(static_cast<int64_t>(draws() % 3)));
  }
  return spans;
}

/// By the definition, of a group and a day.
std::string Expected(const Spans& spans, int64_t group, int64_t day) {
  const int64_t from = day * kDayUs;
  const int64_t to = from + kDayUs;
  std::vector<std::pair<int64_t, int64_t>> runs;
  bool has_sample = false;
  for (size_t i = 0; i < spans.starts.size(); ++i) {
    if (std::get<int64_t>(spans.groups[i].value) != group) continue;
    const int64_t start = std::get<int64_t>(spans.starts[i].value);
    const auto* const given = std::get_if<int64_t>(&spans.ends[i].value);
    const int64_t end = given == nullptr ? to : *given;
    const bool is_instant = start == end && start >= from && start < to;
    if (!is_instant && !(start < end && start < to && end > from)) continue;
    has_sample = true;
    runs.emplace_back(std::max(start, from), std::min(end, to));
  }
  if (!has_sample) return "";
  int64_t most = 0;
  int64_t total = 0;
  for (const auto& at : runs) {
    const auto is_running = [&](const auto& run) {
      return run.first <= at.first && at.first < run.second;
    };
    most = std::max<int64_t>(most, std::count_if(runs.begin(), runs.end(), is_running));
  }
  for (const auto& [start, end] : runs) total += end - start;
  const double mean = static_cast<double>(total) / static_cast<double>(kDayUs);
  return absl::StrCat(group, "|", from, "|", most, "|", FloatText(mean));
}

TEST(ConcurrencyMetricTest, ManyRowsAreAsByTheDefinition) {
  const Spans spans = RandomSpans(4000);
  const auto table = TableOf({{"started", kTime, spans.starts},
                              {"finished", kTime, spans.ends},
                              {"team", kInteger, spans.groups}},
                             {.chunk_rows = 512});
  Query query = Both();
  query.to = "1970-01-15";
  query.series = {{CalendarUnit::kDay}};
  query.group_by = {GroupAxis::Of("team")};
  const auto result = RunQuery(query, table);
  ASSERT_TRUE(result.ok()) << result.status();
  std::vector<std::string> expected;
  for (int64_t group = 0; group < 3; ++group) {
    for (int64_t day = 0; day < 14; ++day) {
      const std::string row = Expected(spans, group, day);
      if (!row.empty()) expected.push_back(row);
    }
  }
  EXPECT_EQ(result->rows, expected);
}

}  // namespace
}  // namespace sextant
