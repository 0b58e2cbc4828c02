#include "compute/plan/metric_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CatalogMetric Simple(const std::string& name) {
  CatalogMetric metric;
  metric.metric.name = name;
  metric.metric.dataset = "pulls";
  metric.metric.expression = "count(*)";
  return metric;
}

CatalogMetric Derived(const std::string& name, const std::string& text) {
  CatalogMetric metric;
  metric.metric.name = name;
  metric.metric.derived = text;
  return metric;
}

CatalogMetric RatioOf(const std::string& name, const std::string& a, const std::string& b) {
  CatalogMetric metric;
  metric.metric.name = name;
  metric.metric.ratio = Metric::Ratio{a, b, 0};
  return metric;
}

std::string ErrorOf(const std::vector<CatalogMetric>& metrics, const std::string& name) {
  return std::string(MetricCatalog(metrics, {}, {}).Resolve(name).status().message());
}

TEST(OperandsOfTest, ADerivedMetricNamesEachOperandOnce) {
  const Metric metric = Derived("d", "a - b").metric;
  EXPECT_THAT(*OperandsOf(metric), ElementsAre("a", "b"));
}

TEST(OperandsOfTest, ARatioOfAMetricToItselfHasOneOperand) {
  EXPECT_THAT(*OperandsOf(RatioOf("r", "a", "a").metric), ElementsAre("a"));
}

TEST(OperandsOfTest, AnAggregateRestsOnNoOtherMetric) {
  EXPECT_THAT(*OperandsOf(Simple("a").metric), IsEmpty());
}

TEST(OperandsOfTest, ADerivedTextThatIsNoExpressionIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(OperandsOf(Derived("d", "a -").metric).status()));
}

TEST(MetricCatalogTest, AMetricComesWithAllThatItRestsOn) {
  const MetricCatalog catalog(
      {Simple("a"), Simple("b"), RatioOf("r", "a", "b"), Derived("d", "r - a")}, {}, {});
  const Metric metric = *catalog.Resolve("d");
  ASSERT_EQ(metric.components.size(), 2u);
  EXPECT_EQ(metric.components[0].name, "r");
  ASSERT_EQ(metric.components[0].components.size(), 2u);
  EXPECT_EQ(metric.components[0].components[1].expression, "count(*)");
}

TEST(MetricCatalogTest, MetricsOfTheRequestComeBeforeThoseOfTheCatalogue) {
  const MetricCatalog catalog({Simple("a"), Simple("b")}, {}, {});
  Metric local = Simple("a").metric;
  local.expression = "sum(lines)";
  const Metric metric = *catalog.Complete(RatioOf("r", "a", "b").metric, {{"a", local}});
  EXPECT_EQ(metric.components[0].expression, "sum(lines)");
  EXPECT_EQ(metric.components[1].expression, "count(*)");
}

TEST(MetricCatalogTest, AMetricOfTheCatalogueRestsOnItsOwnWhateverTheRequestCallsSo) {
  const MetricCatalog catalog({Simple("a"), RatioOf("r", "a", "a")}, {}, {});
  Metric local = Simple("a").metric;
  local.expression = "sum(lines)";
  const Metric metric = *catalog.Complete(Derived("d", "a - r").metric, {{"a", local}});
  EXPECT_EQ(metric.components[0].expression, "sum(lines)");
  EXPECT_EQ(metric.components[1].components[0].expression, "count(*)");
}

TEST(MetricCatalogTest, ANameOfTheRequestAndOneOfTheCatalogueAreNoCycle) {
  const MetricCatalog catalog({Simple("a"), RatioOf("r", "a", "a")}, {}, {});
  const auto metric = catalog.Complete(Derived("a", "r * 2").metric);
  ASSERT_TRUE(metric.ok()) << metric.status();
  EXPECT_EQ(metric->components[0].components[0].expression, "count(*)");
}

TEST(MetricCatalogTest, WhatIsCompleteStaysAsItIs) {
  const MetricCatalog catalog({Simple("a"), RatioOf("r", "a", "a")}, {}, {});
  Metric renamed = *catalog.Resolve("r");
  renamed.name = "s";
  const Metric metric = *catalog.Complete(Derived("d", "s * 2").metric, {{"s", renamed}});
  EXPECT_EQ(metric.components[0].name, "s");
  EXPECT_EQ(metric.components[0].components.size(), 1u);
}

TEST(MetricCatalogTest, AnUnknownNameIsNotFoundAndTheNearestIsNamed) {
  const MetricCatalog catalog({Simple("reviews")}, {}, {});
  const absl::Status status = catalog.Resolve("review").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("did you mean 'reviews'?; allowed: reviews"));
  EXPECT_EQ(DetailOf(status)->resource_type, "metric");
}

TEST(MetricCatalogTest, AnUnknownOperandIsNotFound) {
  EXPECT_THAT(ErrorOf({RatioOf("r", "a", "a")}, "r"), HasSubstr("there is no metric 'a'"));
}

TEST(MetricCatalogTest, ACycleIsSpelledOut) {
  EXPECT_THAT(ErrorOf({Derived("a", "b"), Derived("b", "c"), Derived("c", "a")}, "a"),
              HasSubstr("rests on itself: a -> b -> c -> a"));
}

TEST(MetricCatalogTest, AMetricThatRestsOnItselfIsACycle) {
  EXPECT_THAT(ErrorOf({Derived("a", "a")}, "a"), HasSubstr("a -> a"));
}

TEST(MetricCatalogTest, DoublingAtEveryLevelIsRefusedBeforeItGrows) {
  std::vector<CatalogMetric> metrics = {Simple("m0"), Simple("n0")};
  for (int i = 1; i <= 40; ++i) {
    const std::string operands = absl::StrCat("m", i - 1, " - n", i - 1);
    metrics.push_back(Derived(absl::StrCat("m", i), operands));
    metrics.push_back(Derived(absl::StrCat("n", i), operands));
  }
  EXPECT_THAT(ErrorOf(metrics, "m40"), HasSubstr("rests on more than 256 metrics"));
}

}  // namespace
}  // namespace sextant
