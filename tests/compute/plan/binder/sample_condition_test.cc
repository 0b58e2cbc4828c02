#include "compute/plan/binder/sample_condition.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<BoundQuery> BindOf(std::vector<Metric> metrics) {
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{
      {.name = "opened", .type = DataType::Of(TypeKind::kTimestamp)},
      {.name = "closed", .type = DataType::Of(TypeKind::kTimestamp)},
      {.name = "lines", .type = DataType::Of(TypeKind::kInt32), .unit = "lines"},
      {.name = "score", .type = DataType::Of(TypeKind::kFloat64)},
      {.name = "author", .type = DataType::Of(TypeKind::kText)},
  });
  Query query;
  query.metrics = std::move(metrics);
  return Bind(query, schema, 0);
}

Metric Of(std::string expression, std::string domain = "") {
  Metric metric = {.name = "of", .dataset = "pulls"};
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

std::string ErrorOf(Metric metric) {
  const auto bound = BindOf({std::move(metric)});
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(bound.status().message());
}

std::string FilterOf(const Metric& metric) {
  const auto bound = BindOf({metric});
  EXPECT_TRUE(bound.ok()) << bound.status();
  return bound.ok() && bound->aggregates[0].filter ? ToString(*bound->aggregates[0].filter) : "";
}

TEST(SampleConditionTest, ADomainIsAConditionOnTheValueOfTheAggregate) {
  Metric filtered = Of("sum(lines)");
  filtered.filter = "lines >= 0 AND lines < 7";
  EXPECT_EQ(FilterOf(Of("sum(lines)", "value >= 0 AND value < 7")), FilterOf(filtered));
  EXPECT_EQ(FilterOf(Of("sum(lines)", ">= 0 AND value < 7")), FilterOf(filtered));
}

TEST(SampleConditionTest, ADomainIsAndedWithTheFilters) {
  Metric metric = Of("sum(lines) FILTER (WHERE author = 'a')", ">= 0");
  Metric filtered = Of("sum(lines) FILTER (WHERE author = 'a')");
  filtered.filter = "lines >= 0";
  EXPECT_EQ(FilterOf(metric), FilterOf(filtered));
}

TEST(SampleConditionTest, SamplesOutsideOfADomainAreKeptApart) {
  const auto bound = BindOf({Of("sum(lines)", ">= 0")});
  ASSERT_TRUE(bound.ok()) << bound.status();
  Metric others = Of("sum(lines)");
  others.filter = "(lines >= 0) IS NOT TRUE";  // some have no value, or one that cannot be computed
  EXPECT_EQ(ToString(*bound->aggregates[0].outside), FilterOf(others));
}

TEST(SampleConditionTest, Rule6NumbersBesideADifferenceOfTimesAreSeconds) {
  Metric filtered = Of("avg(closed - opened)");
  filtered.filter = "closed - opened >= interval '90 seconds'";
  EXPECT_EQ(FilterOf(Of("avg(closed - opened)", ">= 90")), FilterOf(filtered));
  const auto share = BindOf({ShareOf(Of("avg(closed - opened)"), ">=", "90")});
  ASSERT_TRUE(share.ok()) << share.status();
  EXPECT_EQ(ToString(*share->aggregates[1].filter), FilterOf(filtered));
}

TEST(SampleConditionTest, NumbersOfSecondsMayHaveAnExponent) {
  EXPECT_EQ(FilterOf(Of("avg(closed - opened)", ">= 9e1")),
            FilterOf(Of("avg(closed - opened)", ">= 90")));
  EXPECT_EQ(FilterOf(Of("avg(closed - opened)", "< 25E-1")),
            FilterOf(Of("avg(closed - opened)", "< 2.5")));
}

TEST(SampleConditionTest, WhatIsNoDomainIsRefused) {
  EXPECT_THAT(ErrorOf(Of("sum(lines)", "zero")), HasSubstr("metrics[0].domain"));
  EXPECT_THAT(ErrorOf(Of("sum(lines)", ">=")), HasSubstr("such as \">= 0\""));
  EXPECT_THAT(ErrorOf(Of("sum(lines)", "value > author")), HasSubstr("allowed: "));
  EXPECT_THAT(ErrorOf(Of("count(*)", ">= 0")), HasSubstr("beside count(*)"));
  EXPECT_THAT(ErrorOf(Of("corr(lines, score)", ">= 0")), HasSubstr("of one value each"));
}

TEST(SampleConditionTest, AThresholdIsTypedByTheSamples) {
  EXPECT_TRUE(BindOf({ShareOf(Of("avg(closed - opened)"), "<=", "2d")}).ok());
  EXPECT_TRUE(BindOf({ShareOf(Of("avg(lines)"), ">", "100")}).ok());
  EXPECT_TRUE(BindOf({ShareOf(Of("avg(lines)"), ">", "1.5")}).ok());
  EXPECT_TRUE(BindOf({ShareOf(Of("min(author)"), "=", "o'brien")}).ok());
}

TEST(SampleConditionTest, WhatIsNoThresholdIsRefused) {
  EXPECT_THAT(ErrorOf(ShareOf(Of("avg(lines)"), "=<", "1")),
              HasSubstr("threshold.op: '=<'; allowed: <, <=, >, >=, =, <>"));
  EXPECT_THAT(ErrorOf(ShareOf(Of("avg(lines)"), "<", "many")), HasSubstr("threshold.value"));
  EXPECT_THAT(ErrorOf(ShareOf(Of("avg(closed - opened)"), "<", "soon")), HasSubstr("soon"));
  EXPECT_THAT(ErrorOf(ShareOf(Of("count(*)"), "<", "1")), HasSubstr("not one aggregate"));
  EXPECT_THAT(ErrorOf(ShareOf(Of("avg(lines) - 1"), "<", "1")), HasSubstr("not one aggregate"));
  Metric unknown = ShareOf(Of("avg(lines)"), "<", "1");
  unknown.threshold->of = "off";
  EXPECT_THAT(ErrorOf(unknown), HasSubstr("unknown metric 'off'; did you mean 'of'"));
}

TEST(SampleConditionTest, ASumNeedsMetricsThatAreNumbers) {
  Metric sum;
  sum.name = "sum";
  sum.sum_of.emplace();
  const auto none = BindOf({sum, Of("count(*)")});
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("sum_of: found no metric"));
  sum.sum_of->names = {"of"};
  sum.components = {Of("min(author)")};
  EXPECT_THAT(ErrorOf(sum), HasSubstr("sum_of"));
}

TEST(SampleConditionTest, AMetricHasOneForm) {
  Metric metric = ShareOf(Of("avg(lines)"), "<", "1");
  metric.derived = "of";
  EXPECT_THAT(ErrorOf(metric), HasSubstr("has 2 definitions"));
  metric.derived.clear();
  metric.domain = ">= 0";
  EXPECT_THAT(ErrorOf(metric), HasSubstr("metrics[0].domain"));
}

}  // namespace
}  // namespace sextant
