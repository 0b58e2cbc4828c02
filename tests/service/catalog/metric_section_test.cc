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

TEST(MetricSectionTest, AMetricMayReadARowPerKey) {
  const Metric metric = MetricOf(
      "{name: n, dataset: pulls, value: took, aggregate: mean, at: begun, per: {keys: [suite, "
      "repo], select: {took: max(e) - min(s), begun: min(s)}}}");
  ASSERT_NE(metric.per, nullptr);
  EXPECT_EQ(metric.per->keys, (std::vector<std::string>{"suite", "repo"}));
  EXPECT_EQ(metric.per->select.at(0).name, "took");
  EXPECT_EQ(metric.per->select.at(0).expression, "max(e) - min(s)");
  EXPECT_EQ(metric.per->select.at(1).name, "begun");
}

TEST(MetricSectionTest, FaultsOfRowsPerKeyAreToldWhereTheyAre) {
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, per: {select: {}}}"),
              HasSubstr("metrics[0].per.keys"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, per: {keys: [a], "
                             "select: {b: max(}}}"),
              HasSubstr("metrics[0].per.select.b"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, per: {key: [a]}}"),
              HasSubstr("did you mean 'keys'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, sum_of: [n], per: {keys: [a]}}"),
              HasSubstr("metrics[0].per"));
}

TEST(MetricSectionTest, ParametersAreConstantsOfTexts) {
  const absl::StatusOr<Catalog> catalog = Load(R"(
metrics:
  - {name: a, dataset: pulls, value: b - c, aggregate: mean, filter: "team = $team",
     parameters: {team: {type: text}}}
  - {name: d, dataset: pulls, value: b - c, aggregate: mean}
  - {name: fast, threshold: {of: d, op: "<=", value: $limit},
     parameters: {limit: {type: interval, default: 2d}}}
)");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_EQ(catalog->metrics.Resolve("fast")->threshold->value, "2d");
  EXPECT_EQ(catalog->metrics.Resolve("fast", {{"limit", "1d"}})->threshold->value, "1d");
  EXPECT_EQ(catalog->metrics.Resolve("a", {{"team", "x"}})->filter, "team = ('x')");
  EXPECT_THAT(std::string(catalog->metrics.Resolve("a").status().message()),
              HasSubstr("no value is given for the parameter 'team'"));
}

TEST(MetricSectionTest, FaultsOfParametersAreToldWhereTheyAre) {
  const std::string metric = "{name: n, dataset: pulls, aggregate: count, filter: a > $x, ";
  EXPECT_THAT(ErrorsOfMetric(metric + "parameters: {x: {type: int}}}"),
              HasSubstr("metrics[0].parameters.x.type: found 'int'"));
  EXPECT_THAT(ErrorsOfMetric(metric + "parameters: {x: {type: number, default: one}}}"),
              HasSubstr("metrics[0].parameters.x.default: found 'one'"));
  EXPECT_THAT(ErrorsOfMetric(metric + "parameters: {y: {type: number}}}"),
              HasSubstr("there is no parameter 'x'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, filter: a > $x}"),
              HasSubstr("there is no parameter 'x'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, parameters: {1x: {type: "
                             "number}}}"),
              HasSubstr("the name '1x'"));
}

TEST(MetricSectionTest, AMetricOverOneThatWantsAConstantIsRefused) {
  EXPECT_THAT(ErrorsOf("metrics:\n  - {name: a, dataset: pulls, aggregate: count, filter: x = $x, "
                       "parameters: {x: {type: number}}}\n  - {name: b, derived: a * 2}\n"),
              HasSubstr("no value is given for the parameter 'x'"));
}

TEST(MetricSectionTest, AMetricSaysWhetherItIsClipped) {
  EXPECT_TRUE(*MetricOf("{name: n, dataset: pulls, value: a, aggregate: count, clip: true}").clip);
  EXPECT_FALSE(MetricOf("{name: n, dataset: pulls, aggregate: count}").clip.has_value());
  EXPECT_THAT(ErrorsOfMetric("{name: n, dataset: pulls, aggregate: count, clip: 0.9}"),
              HasSubstr("metrics[0].clip"));
}

TEST(MetricSectionTest, AWindowHasALengthOrAUnit) {
  const absl::StatusOr<Catalog> catalog = Load(R"(
metrics:
  - {name: a, dataset: pulls, value: b - c, aggregate: mean, at: t}
  - {name: trailing, cumulative: {of: a, window: 28d}}
  - {name: month, cumulative: {of: trailing-not, to_date: month}}
  - {name: trailing-not, dataset: pulls, aggregate: count, at: t}
)");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const Metric& trailing = catalog->metrics.metrics().at("trailing").metric;
  EXPECT_EQ(trailing.cumulative->of, "a");
  EXPECT_EQ(trailing.cumulative->window, "28d");
  EXPECT_EQ(catalog->metrics.metrics().at("month").metric.cumulative->to_date, "month");
}

TEST(MetricSectionTest, AWindowThatCannotBeIsRefused) {
  const auto errors = [](const std::string& window) {
    return ErrorsOfMetric("{name: n, cumulative: {of: a" + window + "}}");
  };
  EXPECT_THAT(errors(""), HasSubstr("neither 'window' nor 'to_date'"));
  EXPECT_THAT(errors(", window: 28d, to_date: month"), HasSubstr("both 'window' and 'to_date'"));
  EXPECT_THAT(errors(", window: 28"), HasSubstr("a length of time, as 28d"));
  EXPECT_THAT(errors(", to_date: decade"), HasSubstr("'decade'"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, cumulative: {window: 28d}}"), HasSubstr("of"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, at: t, cumulative: {of: a, window: 28d}}"),
              HasSubstr("'at' beside a definition by other metrics"));
}

TEST(MetricSectionTest, AHistogramHasBinsThatFitOrAreGiven) {
  const absl::StatusOr<Catalog> catalog = Load(R"(
metrics:
  - {name: a, dataset: pulls, value: b - c, aggregate: mean, at: t}
  - {name: fitting, histogram: {of: a, bins: auto}}
  - {name: many, histogram: {of: a, bins: 20, scale: log}, clip: false}
  - {name: given, histogram: {of: a, bins: [1h, 1d, $most]},
     parameters: {most: {type: interval, default: 7d}}}
)");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const Metric& fitting = catalog->metrics.metrics().at("fitting").metric;
  EXPECT_EQ(fitting.histogram->of, "a");
  EXPECT_EQ(fitting.histogram->bins, 0);
  EXPECT_FALSE(fitting.histogram->is_log);
  const Metric& many = catalog->metrics.metrics().at("many").metric;
  EXPECT_EQ(many.histogram->bins, 20);
  EXPECT_TRUE(many.histogram->is_log);
  EXPECT_EQ(many.clip, false);
  const auto given = catalog->metrics.Resolve("given", {{"most", "9d"}});
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->histogram->edges, (std::vector<std::string>{"1h", "1d", "9d"}));
  EXPECT_EQ(given->components.at(0).name, "a");
}

TEST(MetricSectionTest, AHistogramThatCannotBeIsRefused) {
  const auto errors = [](const std::string& rest) {
    return ErrorsOfMetric("{name: n, histogram: {of: a" + rest + "}}");
  };
  EXPECT_THAT(errors(", bins: many"), HasSubstr("'many'"));
  EXPECT_THAT(errors(", bins: 0"), HasSubstr("auto, 1 to 1000, or a list of edges"));
  EXPECT_THAT(errors(", bins: 1001"), HasSubstr("'1001'"));
  EXPECT_THAT(errors(", bins: [1]"), HasSubstr("1 edges"));
  EXPECT_THAT(errors(", bins: [1, $most]"), HasSubstr("'$most'"));
  EXPECT_THAT(errors(", bins: {a: b}"), HasSubstr("bins"));
  EXPECT_THAT(errors(", scale: square"), HasSubstr("'square'"));
  EXPECT_THAT(errors(", edges: [1, 2]"), HasSubstr("edges"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, histogram: {bins: 2}}"), HasSubstr("of"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, filter: x > 1, histogram: {of: a}}"),
              HasSubstr("'filter' beside a definition by other metrics"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, histogram: {of: n}}"), HasSubstr("metrics[0].histogram"));
}

TEST(MetricSectionTest, ConcurrencyIsOfASpanAndAStatistic) {
  const Metric most = MetricOf(
      "{name: n, dataset: pulls, filter: a > 1, unit: pulls, concurrency: {during: [s, e], "
      "statistic: max}}");
  EXPECT_EQ(most.concurrency, Metric::Concurrency::kMax);
  EXPECT_EQ(most.pin.kind, TimePin::Kind::kDuring);
  EXPECT_EQ(most.pin.start, "s");
  EXPECT_EQ(most.pin.end, "e");
  EXPECT_EQ(most.dataset, "pulls");
  EXPECT_EQ(most.filter, "a > 1");
  EXPECT_EQ(most.unit, "pulls");
  EXPECT_TRUE(most.is_from_catalog);
  EXPECT_TRUE(most.expression.empty());
  const Metric mean = MetricOf(
      "{name: n, dataset: pulls, per: {keys: [k], select: {s: min(a), e: max(b)}}, concurrency: "
      "{during: [s, e], statistic: mean}}");
  EXPECT_EQ(mean.concurrency, Metric::Concurrency::kMean);
  EXPECT_EQ(mean.per->keys.at(0), "k");
}

TEST(MetricSectionTest, ConcurrencyThatCannotBeIsRefused) {
  const auto errors = [](const std::string& concurrency, const std::string& rest = "") {
    return ErrorsOfMetric("{name: n, dataset: pulls, concurrency: " + concurrency + rest + "}");
  };
  EXPECT_THAT(errors("{statistic: max}"), HasSubstr("during"));
  EXPECT_THAT(errors("{during: [s, e]}"), HasSubstr("statistic"));
  EXPECT_THAT(errors("{during: [s], statistic: max}"), HasSubstr("1 entries"));
  EXPECT_THAT(errors("{during: [s, 'e +'], statistic: max}"), HasSubstr("during"));
  EXPECT_THAT(errors("{during: [s, e], statistic: median}"), HasSubstr("'median'"));
  EXPECT_THAT(errors("{during: [s, e], statistic: max, of: a}"), HasSubstr("of"));
  const std::string most = "{during: [s, e], statistic: max}";
  for (const char* key : {"at: t", "during: [s, e]", "domain: '> 0'", "clip: true", "empty: zero",
                          "aggregate: count", "value: a", "expression: count(*)"}) {
    EXPECT_THAT(errors(most, std::string(", ") + key), HasSubstr("beside 'concurrency'")) << key;
  }
  EXPECT_THAT(errors(most, ", derived: a"), HasSubstr("both 'concurrency' and 'derived'"));
  EXPECT_THAT(errors(most, ", filter: 'a >'"), HasSubstr("filter"));
  EXPECT_THAT(ErrorsOfMetric("{name: n, concurrency: " + most + "}"), HasSubstr("dataset"));
}

TEST(MetricSectionTest, ASumSaysWhetherItIsZeroWhenEmpty) {
  const std::string sum = "{name: n, dataset: pulls, value: a, aggregate: sum";
  EXPECT_TRUE(MetricOf(sum + ", empty: zero}").is_zero_when_empty);
  EXPECT_FALSE(MetricOf(sum + ", empty: 'null'}").is_zero_when_empty);
  EXPECT_FALSE(MetricOf(sum + "}").is_zero_when_empty);
  EXPECT_THAT(ErrorsOfMetric(sum + ", empty: none}"), HasSubstr("metrics[0].empty"));
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
