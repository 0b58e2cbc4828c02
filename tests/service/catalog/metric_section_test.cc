#include "service/catalog/metric_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "service/catalog/catalog.h"
#include "tests/testing/temporary_folder.h"

namespace sextant {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

/// A catalogue with the dataset `pulls` and `text`.
absl::StatusOr<Catalog> Load(const std::string& text) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "catalog.yaml")
      << "sources:\n  - name: warehouse\ndatasets:\n"
      << "  - {name: pulls, source: warehouse, table: pulls}\n"
      << text;
  return LoadCatalog(folder.path().string(), {});
}

Metric MetricOf(const std::string& entry) {
  const absl::StatusOr<Catalog> catalog = Load(absl::StrCat("metrics:\n  - ", entry, "\n"));
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return catalog.ok() ? catalog->metrics.metrics().begin()->second.metric : Metric();
}

std::string ErrorsOf(const std::string& text) {
  const absl::StatusOr<Catalog> catalog = Load(text);
  return catalog.ok() ? "no error" : std::string(catalog.status().message());
}

std::string ErrorsOfMetric(const std::string& entry) {
  return ErrorsOf(absl::StrCat("metrics:\n  - ", entry, "\n"));
}

TEST(MetricSectionTest, AnExpressionIsTakenAsItIs) {
  const Metric metric = MetricOf("{name: n, dataset: pulls, expression: sum(lines), at: t}");
  EXPECT_EQ(metric.expression, "sum(lines)");
  EXPECT_EQ(metric.dataset, "pulls");
  EXPECT_EQ(metric.pin.kind, TimePin::Kind::kAt);
  EXPECT_EQ(metric.pin.start, "t");
  EXPECT_TRUE(metric.is_from_catalog);
}

TEST(MetricSectionTest, AValueAndAnAggregateMakeAnExpression) {
  const auto expression = [](const std::string& aggregate) {
    return MetricOf(
               absl::StrCat("{name: n, dataset: pulls, value: b - a, aggregate: ", aggregate, "}"))
        .expression;
  };
  EXPECT_EQ(expression("mean"), "avg(b - a)");
  EXPECT_EQ(expression("distinct"), "count(DISTINCT b - a)");
  EXPECT_EQ(expression("max"), "max(b - a)");
}

TEST(MetricSectionTest, ACountNeedsNoValue) {
  EXPECT_EQ(MetricOf("{name: n, dataset: pulls, aggregate: count}").expression, "count(*)");
}

TEST(MetricSectionTest, ASpanPinsByItsTwoEnds) {
  const Metric metric =
      MetricOf("{name: n, dataset: pulls, aggregate: count, during: [opened, closed]}");
  EXPECT_EQ(metric.pin.kind, TimePin::Kind::kDuring);
  EXPECT_EQ(metric.pin.start, "opened");
  EXPECT_EQ(metric.pin.end, "closed");
}

TEST(MetricSectionTest, ARatioNamesTwoMetrics) {
  const absl::StatusOr<Catalog> catalog = Load(R"(
metrics:
  - {name: a, dataset: pulls, aggregate: count}
  - {name: share, ratio: {numerator: a, denominator: a, offset: 1}}
)");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const Metric& metric = catalog->metrics.metrics().at("share").metric;
  EXPECT_EQ(metric.ratio->numerator, "a");
  EXPECT_EQ(metric.ratio->offset, 1);
}

TEST(MetricSectionTest, AThresholdNamesAMetricAndAConstant) {
  const absl::StatusOr<Catalog> catalog = Load(R"(
metrics:
  - {name: a, dataset: pulls, value: b - c, aggregate: mean, domain: ">= 0"}
  - {name: fast, threshold: {of: a, op: "<=", value: 2d}}
  - {name: both, sum_of: [a, fast], complete: true}
)");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_EQ(catalog->metrics.metrics().at("a").metric.domain, ">= 0");
  const Metric& fast = catalog->metrics.metrics().at("fast").metric;
  EXPECT_EQ(fast.threshold->of, "a");
  EXPECT_EQ(fast.threshold->op, "<=");
  EXPECT_EQ(fast.threshold->value, "2d");
  const Metric& both = catalog->metrics.metrics().at("both").metric;
  EXPECT_EQ(both.sum_of->names.at(1), "fast");
  EXPECT_TRUE(both.sum_of->is_complete);
}

TEST(MetricSectionTest, AMetricSaysWhetherItIsClipped) {
  EXPECT_TRUE(*MetricOf("{name: n, dataset: pulls, value: a, aggregate: count, clip: true}").clip);
  EXPECT_FALSE(MetricOf("{name: n, dataset: pulls, aggregate: count}").clip.has_value());
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, clip: 0.9}"),
              HasSubstr("metrics[0].clip"));
}

TEST(MetricSectionTest, SetsAndDimensionsAreRead) {
  const absl::StatusOr<Catalog> catalog = Load(R"yaml(
sets:
  - {name: teams, members: {web: "author IN ('a', 'b')", all: "author IS NOT NULL"
}
}
dimensions:
  - {name: team, columns: {pulls: repository}}
)yaml");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_EQ(catalog->metrics.sets().at("teams").members.at(1).name, "all");
  EXPECT_EQ(catalog->metrics.dimensions().at("team").columns.at("pulls"), "repository");
}

TEST(MetricSectionTest, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: puls, aggregate: count}"),
              HasSubstr("metrics[0].dataset: found 'puls'; did you mean 'pulls'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls}"), HasSubstr("metrics[0].aggregate"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, value: a, aggregate: avarage}"),
              HasSubstr("found 'avarage', allowed: count, distinct"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, value: a -, aggregate: sum}"),
              HasSubstr("metrics[0].value"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, expression: sum(a, value: b}"),
              HasSubstr("catalog.yaml"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, expression: sum(a), value: b}"),
              HasSubstr("both 'expression' and 'value'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, at: t, during: [a, b]}"),
              HasSubstr("several of 'at', 'during' and 'as_of_end'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, during: [a]}"),
              HasSubstr("allowed: two: [start, end]"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, filter: 'a ='}"),
              HasSubstr("metrics[0].filter"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, derived: a - b, dataset: pulls}"),
              HasSubstr("'dataset' beside a definition by other metrics"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, value: a, aggregate: quantile(1.5), dataset: pulls}"),
              HasSubstr("0 <= q <= 1"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, ratio: {numerator: a}}"),
              HasSubstr("metrics[0].ratio.denominator"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, value: a, aggregate: sum, domain: '>='}"),
              HasSubstr("metrics[0].domain: found '>='"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, threshold: {of: a, value: 1}}"),
              HasSubstr("metrics[0].threshold.op"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, threshold: {of: a, op: '=<', value: 1}}"),
              HasSubstr("'=<'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, sum_of: []}"), HasSubstr("metrics[0].sum_of"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, sum_of: [a], ratio: {numerator: a, denominator: a}}"),
              HasSubstr("both 'ratio' and 'sum_of'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, complete: true}"),
              HasSubstr("'complete' without 'sum_of'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, sum_of: [n]}"), HasSubstr("metrics[0].sum_of"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, agregate: count}"),
              HasSubstr("did you mean 'aggregate'"));
}

TEST(MetricSectionTest, WhatALaterVersionReadsIsSaid) {
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, confidence: 0.9}"),
              HasSubstr("does not support"));
}

TEST(MetricSectionTest, OperandsMustExistWithoutACycle) {
  EXPECT_THAT(ErrorsOfMetric("{name: n, derived: a - b}"), HasSubstr("there is no metric 'a'"));
  EXPECT_THAT(ErrorsOf("metrics:\n  - {name: a, derived: b}\n  - {name: b, derived: a}\n"),
              HasSubstr("a -> b -> a"));
}

TEST(MetricSectionTest, AFaultOfATextSaysEachPartOnce) {
  EXPECT_THAT(ErrorsOf("sets:\n  - {name: s, members: {de: 'country ='}}\n"),
              EndsWith("sets[0].members.de: found 'country =': syntax error at end of input (at "
                       "character 10), allowed: one condition as PostgreSQL writes it, such as "
                       "state = 'open'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, expression: summ(a)}"),
              HasSubstr("metrics[0].expression: found 'summ(a)': the function summ(); did you mean "
                        "'sum'? (at character 1), allowed: "));
  const std::string of_value =
      ErrorsOfMetric("{name: n, dataset: pulls, value: a -, aggregate: sum}");
  EXPECT_THAT(of_value, HasSubstr("metrics[0].value: found 'a -': syntax error"));
  EXPECT_THAT(of_value, Not(HasSubstr("sum(a -)")));
}

TEST(MetricSectionTest, AFaultOfAnOperandSaysEachPartOnceAndWhereItIs) {
  const std::string metrics =
      "metrics:\n  - {name: delivered, dataset: pulls, aggregate: count}\n"
      "  - {name: share, ratio: {numerator: deliverred, denominator: delivered}}\n"
      "  - {name: twice, derived: share * 2}\n";
  EXPECT_THAT(ErrorsOf(metrics),
              EndsWith("metrics[1].ratio: found 'deliverred / delivered': there is no metric "
                       "'deliverred'; did you mean 'delivered'?, allowed: delivered, share, "
                       "twice"));
  EXPECT_THAT(
      ErrorsOf("metrics:\n  - {name: diff, derived: diff - 1}\n"),
      EndsWith("metrics[0].derived: found 'diff - 1': metric 'diff' rests on itself: diff -> "
               "diff, allowed: no cycle"));
}

TEST(MetricSectionTest, NamesAreUniqueWithinTheirKind) {
  const std::string metric = "  - {name: n, dataset: pulls, aggregate: count}\n";
  EXPECT_THAT(ErrorsOf(absl::StrCat("metrics:\n", metric, metric)), HasSubstr("a name of its own"));
}

TEST(MetricSectionTest, ADimensionOfAnUnknownDatasetIsRefused) {
  EXPECT_THAT(ErrorsOf("dimensions:\n  - {name: d, columns: {issues: x}}\n"),
              HasSubstr("dimensions[0].columns.issues"));
}

TEST(MetricSectionTest, AMemberThatIsNoConditionIsRefused) {
  EXPECT_THAT(ErrorsOf("sets:\n  - {name: s, members: {m: 'a = '}}\n"),
              HasSubstr("sets[0].members.m"));
}

}  // namespace
}  // namespace sextant
