// Histograms of the samples of cells.
#include <gmock/gmock.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/binder/histogram_binder.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
constexpr int64_t kAnchorUs = int64_t{946'857'600} * 1'000'000;  // 2000-01-03
const DataType kTime = DataType::Of(TypeKind::kTimestamp);
const DataType kInteger = DataType::Of(TypeKind::kInt64);
const DataType kFloat = DataType::Of(TypeKind::kFloat64);
const DataType kText = DataType::Of(TypeKind::kText);

Metric Of(std::string name, std::string expression) {
  return {.name = std::move(name),
          .dataset = "dataset",
          .expression = std::move(expression),
          .pin = TimePin::At("at")};
}

/// Of what `expression` is an aggregate of.
Metric HistogramOf(std::string expression, std::vector<std::string> edges = {}, int64_t bins = 0) {
  Metric metric = {.name = "h"};
  metric.histogram = Metric::Histogram{.of = "m", .bins = bins, .edges = std::move(edges)};
  metric.components = {Of("m", std::move(expression))};
  return metric;
}

Query Asking(Metric metric) {
  Query query;
  query.metrics = {std::move(metric)};
  return query;
}

/// What is excluded is counted within the range.
Query InJanuary(Metric metric) {
  Query query = Asking(std::move(metric));
  query.from = "2000-01-01";
  query.to = "2000-02-01";
  return query;
}

/// n: 1 to 10, a day after the other; x: as many tenths; team: a of odd ones, b.
std::shared_ptr<const Table> Ten() {
  std::vector<Cell> at;
  std::vector<Cell> n;
  std::vector<Cell> x;
  std::vector<Cell> team;
  std::vector<Cell> until;
  for (int64_t i = 1; i <= 10; ++i) {
    at.push_back(Int(kAnchorUs + i * kDayUs));
    until.push_back(Int(kAnchorUs + i * kDayUs + i * 3'600'000'000));
    n.push_back(Int(i));
    x.push_back(Float(static_cast<double>(i) / 10));
    team.push_back(Text(i % 2 == 1 ? "a" : "b"));
  }
  return TableOf({{"at", kTime, at},
                  {"until", kTime, until},
                  {"n", kInteger, n},
                  {"x", kFloat, x},
                  {"team", kText, team}});
}

ResultText RunOrDie(const Query& query, const std::shared_ptr<const Table>& table) {
  absl::StatusOr<ResultText> result = RunQuery(query, table);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ResultText();
}

std::vector<std::string> RowsOf(const Metric& metric) {
  return RunOrDie(Asking(metric), Ten()).rows;
}

std::string ErrorOf(const Query& query) {
  return std::string(RunQuery(query, Ten()).status().message());
}
std::string ErrorOf(const Metric& metric) { return ErrorOf(Asking(metric)); }

TEST(QueryHistogramTest, ColumnsAreCountsEdgesAndQuartiles) {
  Metric metric = HistogramOf("avg(\"until\" - at)", {}, 3);
  const ResultText result = RunOrDie(Asking(metric), Ten());
  ASSERT_EQ(result.header.columns.size(), 4u);
  std::vector<std::string> names;
  for (const ResultColumn& column : result.header.columns) names.push_back(column.name);
  EXPECT_THAT(names, ElementsAre("h", "h.edges", "h.q25", "h.q75"));
  EXPECT_EQ(result.header.columns[0].type, DataType::ListOf(TypeKind::kInt64));
  EXPECT_EQ(result.header.columns[1].type, DataType::ListOf(TypeKind::kFloat64));
  EXPECT_EQ(result.header.columns[0].unit, "");
  EXPECT_EQ(result.header.columns[1].unit, "seconds");
  EXPECT_EQ(result.header.columns[1].statistic, MetricStatistic::kEdges);
  EXPECT_EQ(result.header.columns[2].statistic, MetricStatistic::kLowerQuartile);
  EXPECT_EQ(result.header.columns[3].statistic, MetricStatistic::kUpperQuartile);
}

TEST(QueryHistogramTest, Rule9TheLastBinIsClosed) {
  EXPECT_THAT(RowsOf(HistogramOf("avg(n)", {"1", "4", "8"})),
              ElementsAre("{3,5}|{1,4,8}|3.25|7.75"));
}

TEST(QueryHistogramTest, QuartilesAreOfSamplesOutsideOfTheEdgesToo) {
  EXPECT_THAT(RowsOf(HistogramOf("avg(n)", {"100", "200"})),
              ElementsAre("{0}|{100,200}|3.25|7.75"));
}

TEST(QueryHistogramTest, SoManyBinsAreOfEachCell) {
  Query query = Asking(HistogramOf("avg(n)", {}, 2));
  query.group_by.push_back(GroupAxis::Of("team"));
  query.totals = Totals::kGrand;
  EXPECT_THAT(RunOrDie(query, Ten()).rows,
              ElementsAre("a|0|{2,3}|{1,5,9}|3|7", "b|0|{2,3}|{2,6,10}|4|8",
                          "-|1|{5,5}|{1,5.5,10}|3.25|7.75"));
}

TEST(QueryHistogramTest, BinsFitTheSamples) {
  // Doane: 1 + log2(10) = 4.3.
  EXPECT_THAT(RowsOf(HistogramOf("avg(n)")),
              ElementsAre("{2,2,2,2,2}|{1,2.8,4.6,6.4,8.2,10}|3.25|7.75"));
}

TEST(QueryHistogramTest, EdgesOfDurationsAreLengthsOrSeconds) {
  EXPECT_THAT(RowsOf(HistogramOf("avg(\"until\" - at)", {"0", "2h", "0.5d"})),
              ElementsAre("{1,9}|{0,7200,43200}|11700|27900"));
}

TEST(QueryHistogramTest, WhatALogarithmDoesNotHaveIsExcluded) {
  Metric metric = HistogramOf("avg(n - 3)", {"1", "7"});
  metric.histogram->is_log = true;
  const ResultText result = RunOrDie(InJanuary(metric), Ten());
  EXPECT_THAT(result.rows, ElementsAre("{7}|{1,7}|2.5|5.5"));
  EXPECT_EQ(result.summary.excluded, 3u);
}

TEST(QueryHistogramTest, SamplesThatAreNotFiniteAreExcludedOnce) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto table = TableOf(
      {{"at", kTime, {Int(0), Int(0), Int(0), Int(0), Int(0)}},
       {"x", kFloat, {Float(1), Float(infinity), Float(-infinity), Float(0.0 / 0.0), Float(3)}}});
  const ResultText result = RunOrDie(Asking(HistogramOf("max(x)", {}, 1)), table);
  EXPECT_THAT(result.rows, ElementsAre("{2}|{1,3}|1.5|2.5"));
  EXPECT_EQ(result.summary.excluded, 3u);
}

TEST(QueryHistogramTest, TheDomainOfTheMetricHoldsToo) {
  Metric metric = HistogramOf("avg(x)", {}, 1);
  metric.components[0].domain = "> 0.8";
  const ResultText result = RunOrDie(InJanuary(metric), Ten());
  EXPECT_THAT(result.rows, ElementsAre(HasSubstr("{2}|{0.9,1}|")));
  EXPECT_EQ(result.summary.excluded, 8u);
}

TEST(QueryHistogramTest, ACellWithoutSamplesHasNone) {
  Query query = Asking(HistogramOf("avg(n) FILTER (WHERE n > 100)"));
  query.metrics.push_back(Of("c", "count(*)"));
  EXPECT_THAT(RunOrDie(query, Ten()).rows, ElementsAre("-|-|-|-|10"));
}

TEST(QueryHistogramTest, ClipLeavesOutliersOutAsTheMetricSays) {
  Query query = Asking(HistogramOf("avg(n)", {"0", "10"}));
  query.clip = Clip{.low = 0, .high = 0.5, .stride_days = 14};
  EXPECT_THAT(RunOrDie(query, Ten()).rows, ElementsAre("{5}|{0,10}|2|4"));
  query.metrics[0].clip = false;
  EXPECT_THAT(RunOrDie(query, Ten()).rows, ElementsAre("{10}|{0,10}|3.25|7.75"));
  query.metrics[0] = HistogramOf("max(n)", {"0", "10"});
  EXPECT_THAT(RunOrDie(query, Ten()).rows, ElementsAre("{10}|{0,10}|3.25|7.75"));
  query.metrics[0].clip = true;
  EXPECT_THAT(RunOrDie(query, Ten()).rows, ElementsAre("{5}|{0,10}|2|4"));
}

TEST(QueryHistogramTest, OverWindowsEachIntervalHasThoseOfTheWindow) {
  Query query;
  Metric over = {.name = "w"};
  over.cumulative = Metric::Cumulative{.of = "h", .window = "2d"};
  over.components = {HistogramOf("avg(n)", {"0", "10"})};
  query.metrics = {over};
  query.series = {{CalendarUnit::kDay}};
  query.from = "2000-01-05";
  query.to = "2000-01-07";
  const ResultText result = RunOrDie(query, Ten());
  EXPECT_EQ(result.header.columns[2].name, "w.edges");
  EXPECT_THAT(result.rows,
              ElementsAre(HasSubstr("{2}|{0,10}|1.25|"), HasSubstr("{2}|{0,10}|2.25|")));
}

TEST(QueryHistogramTest, WhatWasStandsBehindIt) {
  Query query = Asking(HistogramOf("avg(n)", {"0", "10"}));
  query.from = "2000-01-06";
  query.to = "2000-01-08";
  query.compare_to = PeriodComparison{"previous"};
  const ResultText result = RunOrDie(query, Ten());
  EXPECT_EQ(result.header.columns[4].name, "h.previous");
  EXPECT_EQ(result.header.columns[5].name, "h.previous.edges");
  EXPECT_THAT(result.rows, ElementsAre("{2}|{0,10}|3.25|3.75|{2}|{0,10}|1.25|1.75"));
}

TEST(QueryHistogramTest, EqualHistogramsAreComputedOnce) {
  Query query = Asking(HistogramOf("avg(n)"));
  query.metrics.push_back(HistogramOf("max(n)"));
  query.metrics[1].name = "other";
  EXPECT_THAT(RunOrDie(query, Ten()).rows[0], HasSubstr("|3.25|7.75|{2,2,2,2,2}|"));
}

TEST(QueryHistogramTest, UnlikeHistogramsOfTheSameSamplesAreTwo) {
  Query query = Asking(HistogramOf("avg(n)", {"1", "4", "8"}));
  query.metrics.push_back(HistogramOf("avg(n)", {}, 1));
  query.metrics[1].name = "other";
  EXPECT_THAT(RunOrDie(query, Ten()).rows,
              ElementsAre("{3,5}|{1,4,8}|3.25|7.75|{10}|{1,10}|3.25|7.75"));
}

TEST(QueryHistogramTest, QuartilesHaveAnOrderAndListsHaveNone) {
  Query query = Asking(HistogramOf("avg(n)"));
  query.group_by.push_back(GroupAxis::Of("team"));
  query.order_by = {{"h.q25", true}};
  EXPECT_THAT(RunOrDie(query, Ten()).rows, ElementsAre(HasSubstr("b|"), HasSubstr("a|")));
  query.order_by = {{"h", false}};
  EXPECT_THAT(ErrorOf(query), HasSubstr("order_by[0].name: 'h' is of a histogram"));
  query.order_by = {{"h.edges", false}};
  EXPECT_THAT(ErrorOf(query), HasSubstr("has no order"));
  query.order_by.clear();
  query.top_n.emplace().count = 1;
  EXPECT_THAT(ErrorOf(query), HasSubstr("top_n.metric: 'h' is of a histogram"));
  query.top_n->metric = "h.q75";
  EXPECT_THAT(RunOrDie(query, Ten()).rows, ElementsAre(HasSubstr("b|")));
  query.top_n.reset();
  query.having_text = "h IS NULL";
  EXPECT_THAT(ErrorOf(query), HasSubstr("is a list"));
}

TEST(QueryHistogramTest, BinsAreBounded) {
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", {}, -1)), HasSubstr("histogram.bins: found -1 bins"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", {}, kMaxHistogramBins + 1)), HasSubstr("1001 bins"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", {"1", "2"}, 2)), HasSubstr("both bins and edges"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", {"1"})), HasSubstr("found 1 edge;"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", std::vector<std::string>(1002, "1"))),
              HasSubstr("found 1002 edges"));
}

TEST(QueryHistogramTest, EdgesAreFiniteConstantsThatAscend) {
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", {"1", "x"})), HasSubstr("edges[1]: found 'x'"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", {"1", "2d"})), HasSubstr("a finite number"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", {"1", "inf"})), HasSubstr("found 'inf'"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", {"2", "2"})), HasSubstr("the edge '2' after '2'"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n)", {"-0", "0"})), HasSubstr("ascending edges"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(\"until\" - at)", {"1h", "1mon"})),
              HasSubstr("a length of time without months"));
}

TEST(QueryHistogramTest, ItIsOfOneAggregateOfOneNumber) {
  EXPECT_THAT(ErrorOf(HistogramOf("count(*)")), HasSubstr("histogram.of: metric 'm' is not one"));
  EXPECT_THAT(ErrorOf(HistogramOf("avg(n) + 1")), HasSubstr("is not one aggregate"));
  EXPECT_THAT(ErrorOf(HistogramOf("corr(n, x)")), HasSubstr("is not one aggregate"));
  EXPECT_THAT(ErrorOf(HistogramOf("max(team)")), HasSubstr("a histogram of team, which is text"));
  EXPECT_THAT(ErrorOf(HistogramOf("max(at)")), HasSubstr("numbers and differences"));
  Metric unknown = HistogramOf("avg(n)");
  unknown.histogram->of = "missing";
  EXPECT_THAT(ErrorOf(unknown), HasSubstr("unknown metric 'missing'"));
}

TEST(QueryHistogramTest, NothingIsComputedOfAHistogram) {
  Metric derived = {.name = "d", .derived = "h + 1"};
  derived.components = {HistogramOf("avg(n)")};
  EXPECT_THAT(ErrorOf(derived), HasSubstr("'h' is a histogram, which has no one value"));
  Metric ratio = {.name = "r"};
  ratio.ratio = Metric::Ratio{"h", "h"};
  ratio.components = derived.components;
  EXPECT_THAT(ErrorOf(ratio), HasSubstr("is a histogram"));
  Metric share = {.name = "s"};
  share.threshold = Metric::Threshold{"h", "<=", "1"};
  share.components = derived.components;
  EXPECT_THAT(ErrorOf(share), HasSubstr("is not one aggregate of one value"));
  Metric nested = {.name = "n"};
  nested.histogram = Metric::Histogram{.of = "h"};
  nested.components = derived.components;
  EXPECT_THAT(ErrorOf(nested), HasSubstr("is not one aggregate of one value"));
}

TEST(QueryHistogramTest, WhatSamplesHaveIsRefusedBesideIt) {
  Metric metric = HistogramOf("avg(n)");
  metric.filter = "n > 1";
  EXPECT_THAT(ErrorOf(metric), HasSubstr("a metric of metrics has no rows of its own"));
  metric.filter.clear();
  metric.derived = "m";
  EXPECT_THAT(ErrorOf(metric), HasSubstr("has 2 definitions"));
}

TEST(QueryHistogramTest, OfAQueryWithoutTimeAClipIsRefused) {
  Metric metric = HistogramOf("avg(n)");
  metric.components[0].pin = TimePin();
  Query query = Asking(metric);
  query.clip = Clip{.low = 0, .high = 0.5, .stride_days = 14};
  EXPECT_THAT(ErrorOf(query), HasSubstr("is not pinned by `at`"));
}

}  // namespace
}  // namespace sextant
