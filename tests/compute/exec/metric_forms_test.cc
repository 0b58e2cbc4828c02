// Domains, thresholds and sums of metrics (metrics.md, "Other chains").
#include <gmock/gmock.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using Rows = std::vector<std::string>;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Six pull requests of two teams; one ends before it begins, one has no end, one has no number.
std::shared_ptr<const Table> Pulls() {
  const DataType time = DataType::Of(TypeKind::kTimestamp);
  return TableOf(
      {{"opened", time, {Int(0), Int(0), Int(0), Int(kDayUs), Int(kDayUs), Int(9)}},
       {"closed", time, {Int(kDayUs), Int(3 * kDayUs), Int(-5), Null(), Int(2 * kDayUs), Int(9)}},
       {"team",
        DataType::Of(TypeKind::kText),
        {Text("a"), Text("a"), Text("a"), Text("b"), Text("b"), Text("c")}},
       {"score",
        DataType::Of(TypeKind::kFloat64),
        {Float(1), Float(kNaN), Float(-2), Null(), Float(4), Float(3)}}});
}

Metric Of(std::string name, std::string expression, std::string domain = "") {
  Metric metric = {.name = std::move(name), .dataset = "dataset"};
  metric.expression = std::move(expression);
  metric.domain = std::move(domain);
  return metric;
}

Metric ShareOf(Metric of, std::string op, std::string value) {
  Metric metric;
  metric.name = "share";
  metric.threshold = {of.name, std::move(op), std::move(value)};
  metric.components = {std::move(of)};
  return metric;
}

Metric SumOf(std::vector<Metric> components, bool is_complete) {
  Metric metric;
  metric.name = "sum";
  metric.sum_of.emplace().is_complete = is_complete;
  for (const Metric& component : components) metric.sum_of->names.push_back(component.name);
  metric.components = std::move(components);
  return metric;
}

ResultText RunOf(std::vector<Metric> metrics, bool by_team = true) {
  Query query;
  query.metrics = std::move(metrics);
  if (by_team) query.group_by = {GroupAxis::Of("team")};
  absl::StatusOr<ResultText> result = RunQuery(query, Pulls());
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ResultText();
}

TEST(MetricFormsTest, SamplesOutsideOfADomainAreLeftOutAndCounted) {
  const ResultText result = RunOf({Of("open", "avg(closed - opened)", ">= 0")});
  EXPECT_THAT(result.rows, ElementsAre("a|172800", "b|86400", "c|0"));
  EXPECT_EQ(result.summary.excluded, 1u);
}

TEST(MetricFormsTest, SamplesOutsideOfADomainAreLeftOutBesideMetricsOfOtherTimesAndRows) {
  std::vector<Metric> metrics = {Of("open", "avg(closed - opened)", ">= 0"),
                                 Of("short", "count(closed - opened)", "value <= '1d'"),
                                 Of("all", "count(closed - opened)"), Of("began", "count(*)")};
  metrics[1].filter = "team <> 'c'";
  for (Metric& metric : metrics) metric.pin = TimePin::At("closed");
  metrics[3].pin = TimePin::At("opened");
  const ResultText result = RunOf(metrics);
  EXPECT_THAT(result.rows, ElementsAre("a|172800|2|3|3", "b|86400|1|1|2", "c|0|0|1|1"));
  EXPECT_EQ(result.summary.excluded, 2u);  // -5 of the first, three days of the second
}

TEST(MetricFormsTest, Rule8NaNIsOutsideOfEveryDomain) {
  const ResultText result = RunOf({Of("n", "count(score)", "value > 0 AND value < 'Infinity'"),
                                   Of("more", "count(score)", "> 0")});
  EXPECT_THAT(result.rows, ElementsAre("a|1|1", "b|1|1", "c|1|1"));
  EXPECT_EQ(result.summary.excluded, 4u);  // -2 and NaN, of two metrics
}

TEST(MetricFormsTest, ADomainIsThatOfEachAggregate) {
  const ResultText result =
      RunOf({Of("x", "max(score) - max(extract(epoch from closed - opened) / 86400)", "> 1")},
            /*by_team=*/false);
  EXPECT_THAT(result.rows, ElementsAre("1"));  // 4 - 3
}

TEST(MetricFormsTest, Rule5ValuesThatCannotBeComputedAreCountedBesideADomainToo) {
  const ResultText result = RunOf({Of("x", "avg(1 / (score - 1))", "> 0")}, /*by_team=*/false);
  EXPECT_THAT(result.rows, ElementsAre("0.41666666666666663"));  // 1/3 and 1/2
  EXPECT_EQ(result.summary.excluded, 3u);  // score 1 divides by zero, -2 is outside, and so is NaN
}

TEST(MetricFormsTest, WhatTheFilterLeavesOutIsNotExcluded) {
  Metric metric = Of("open", "avg(closed - opened)", ">= 0");
  metric.filter = "closed >= opened";
  EXPECT_EQ(RunOf({metric}).summary.excluded, 0u);
}

TEST(MetricFormsTest, Rule14ARangeThatIsNotGivenIsThatOfTheSamplesInTheDomain) {
  Query query;
  Metric metric = Of("open", "count(closed - opened)", ">= 0");
  metric.pin = TimePin::At("closed");
  query.metrics = {metric};
  query.series = {{CalendarUnit::kDay}};
  const auto result = RunQuery(query, Pulls());
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->header.series.size(), 1u);
  EXPECT_EQ(result->header.series[0].intervals.front().start_us, 9);
}

TEST(MetricFormsTest, AThresholdIsTheShareOfTheSamplesThatPass) {
  const Metric open = Of("open", "avg(closed - opened)", ">= 0");
  EXPECT_THAT(RunOf({ShareOf(open, "<=", "1d")}).rows, ElementsAre("a|0.5", "b|1", "c|1"));
  EXPECT_THAT(RunOf({ShareOf(open, ">", "24:00:00")}).rows, ElementsAre("a|0.5", "b|0", "c|0"));
}

TEST(MetricFormsTest, AThresholdWithoutSamplesHasNoValue) {
  const ResultText result =
      RunOf({ShareOf(Of("score", "max(score) FILTER (WHERE team <> 'b')"), ">=", "1"),
             Of("n", "count(*)")});
  EXPECT_THAT(result.rows, ElementsAre("a|0.6666666666666666|3", "b|-|2", "c|1|1"));
  EXPECT_EQ(result.summary.excluded, 0u);
}

TEST(MetricFormsTest, AThresholdExcludesASampleOnce) {
  const Metric open = Of("open", "avg(closed - opened)", ">= 0");
  EXPECT_EQ(RunOf({ShareOf(open, "<=", "1d")}).summary.excluded, 1u);
}

TEST(MetricFormsTest, ASumIsOfTheMetricsThatHaveAValue) {
  const std::vector<Metric> parts = {Of("most", "max(score) FILTER (WHERE score < 5)"),
                                     Of("b", "min(score) FILTER (WHERE team = 'b')")};
  EXPECT_THAT(RunOf({SumOf(parts, false)}).rows, ElementsAre("a|1", "b|8", "c|3"));
  EXPECT_THAT(RunOf({SumOf(parts, true), Of("n", "count(*)")}).rows,
              ElementsAre("a|-|3", "b|8|2", "c|-|1"));
}

TEST(MetricFormsTest, ASumOfMetricsWithoutAnyValueHasNone) {
  const Metric none = Of("none", "max(score) FILTER (WHERE score < -100)");
  const ResultText result = RunOf({SumOf({none}, false), Of("n", "count(*)")}, false);
  EXPECT_THAT(result.rows, ElementsAre("-|6"));
  EXPECT_EQ(result.summary.excluded, 0u);
}

}  // namespace
}  // namespace sextant
