#include "service/translation/metrics_from_proto.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

MetricCatalog CatalogOfReviews() {
  CatalogMetric reviews;
  reviews.metric.name = "reviews";
  reviews.metric.dataset = "reviews";
  reviews.metric.expression = "count(*)";
  reviews.metric.is_from_catalog = true;
  CatalogMetric of_team = reviews;
  of_team.metric.name = "of-team";
  of_team.metric.filter = "team = $team";
  of_team.parameters = {
      {.name = "team", .type = MetricParameter::Type::kText, .default_value = "web"}};
  return MetricCatalog({reviews, of_team}, {}, {});
}

absl::StatusOr<std::vector<Metric>> Read(const std::string& text) {
  v1::QueryMetricsRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return MetricsFromProto(request, CatalogOfReviews(), {});
}

std::string ErrorOf(const std::string& text) { return std::string(Read(text).status().message()); }

TEST(MetricsFromProtoTest, ANameIsAMetricOfTheCatalogue) {
  const auto metrics = Read("metrics {name: 'reviews'}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ(metrics->at(0).expression, "count(*)");
  EXPECT_TRUE(metrics->at(0).is_from_catalog);
}

TEST(MetricsFromProtoTest, ADerivedMetricRestsOnTheRequestAndTheCatalogue) {
  const auto metrics = Read(
      "dataset: 'pulls' metrics {definition {name: 'pulls' expression: 'count(*)'}}"
      "metrics {definition {name: 'left' derived: 'pulls - reviews'}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  ASSERT_EQ(metrics->at(1).components.size(), 2u);
  EXPECT_EQ(metrics->at(1).components[0].dataset, "pulls");
  EXPECT_EQ(metrics->at(1).components[1].dataset, "reviews");
}

TEST(MetricsFromProtoTest, SpansPinByTheirEnds) {
  const auto metrics = Read(
      "metrics {definition {name: 'open' dataset: 'd' expression: 'count(*)'"
      "  as_of_end {start: 'a' end: 'b'}}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ(metrics->at(0).pin.kind, TimePin::Kind::kAsOfEnd);
  EXPECT_EQ(metrics->at(0).pin.end, "b");
}

TEST(MetricsFromProtoTest, ARatioKeepsItsOffset) {
  const auto metrics = Read(
      "metrics {definition {name: 'r' ratio {numerator: 'reviews' denominator: 'reviews'"
      " offset: 1}}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ(metrics->at(0).ratio->offset, 1);
}

TEST(MetricsFromProtoTest, AThresholdAndASumNameMetrics) {
  const auto metrics = Read(
      "metrics {definition {name: 't' threshold {of: 'reviews' op: '<=' value: '2d'}}}"
      "metrics {definition {name: 's' sum_of {metrics: 'reviews' metrics: 't' complete: true}}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ(metrics->at(0).threshold->value, "2d");
  EXPECT_EQ(metrics->at(0).components.at(0).name, "reviews");
  EXPECT_EQ(metrics->at(1).sum_of->names.at(1), "t");
  EXPECT_EQ(metrics->at(1).components.at(1).name, "t");
  EXPECT_TRUE(metrics->at(1).sum_of->is_complete);
}

TEST(MetricsFromProtoTest, AWindowNamesAMetric) {
  const auto metrics = Read(
      "metrics {definition {name: 'w' cumulative {of: 'reviews' window: '28d'}}}"
      "metrics {definition {name: 'm' cumulative {of: 'w' to_date: 'month'}}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ(metrics->at(0).cumulative->window, "28d");
  EXPECT_EQ(metrics->at(0).components.at(0).name, "reviews");
  EXPECT_EQ(metrics->at(1).cumulative->to_date, "month");
}

TEST(MetricsFromProtoTest, AHistogramNamesAMetric) {
  const auto metrics = Read(
      "metrics {definition {name: 'h' histogram {of: 'reviews' bins: 20 scale: "
      "HISTOGRAM_SCALE_LOG}}}"
      "metrics {definition {name: 'g' clip: true histogram {of: 'reviews' edges: '1' edges: "
      "'2'}}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ(metrics->at(0).histogram->bins, 20);
  EXPECT_TRUE(metrics->at(0).histogram->is_log);
  EXPECT_EQ(metrics->at(0).components.at(0).name, "reviews");
  EXPECT_EQ(metrics->at(1).histogram->edges.at(1), "2");
  EXPECT_FALSE(metrics->at(1).histogram->is_log);
  EXPECT_EQ(metrics->at(1).clip, true);
}

TEST(MetricsFromProtoTest, AHistogramThatIsNoneIsRefused) {
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' histogram {bins: 2}}}"),
              HasSubstr("metrics[0].definition.histogram.of"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' derived: 'a' histogram {of: 'a'}}}"),
              HasSubstr("several of expression, derived, ratio"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' at: 't' histogram {of: 'a'}}}"),
              HasSubstr("beside derived, ratio"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' histogram {of: 'a' edges: '" +
                      std::string(17'000, '1') + "'}}}"),
              HasSubstr("metrics[0].definition.histogram.edges"));
}

TEST(MetricsFromProtoTest, ConcurrencyHasASpanAndAStatistic) {
  const auto metrics = Read(
      "metrics {definition {name: 'm' dataset: 'd' filter: 'c' concurrency {during {start: 's' "
      "end: 'e'} statistic: CONCURRENCY_STATISTIC_MEAN}}}"
      "metrics {definition {name: 'o' cumulative {of: 'm' window: '7d'}}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ(metrics->at(0).concurrency, Metric::Concurrency::kMean);
  EXPECT_EQ(metrics->at(0).pin.kind, TimePin::Kind::kDuring);
  EXPECT_EQ(metrics->at(0).pin.end, "e");
  EXPECT_EQ(metrics->at(0).dataset, "d");
  EXPECT_EQ(metrics->at(0).filter, "c");
  EXPECT_EQ(metrics->at(1).components.at(0).concurrency, Metric::Concurrency::kMean);
}

TEST(MetricsFromProtoTest, ConcurrencyThatIsNoneIsRefused) {
  const auto error_of = [](const std::string& concurrency, const std::string& rest = "") {
    return ErrorOf("metrics {definition {name: 'n' dataset: 'd' concurrency {" + concurrency +
                   "} " + rest + "}}");
  };
  const std::string span = "during {start: 's' end: 'e'} ";
  const std::string most = span + "statistic: CONCURRENCY_STATISTIC_MAX";
  EXPECT_THAT(error_of("statistic: CONCURRENCY_STATISTIC_MAX"),
              HasSubstr("metrics[0].definition.concurrency.during.start: found nothing"));
  EXPECT_THAT(error_of("during {start: 's'} statistic: CONCURRENCY_STATISTIC_MAX"),
              HasSubstr("metrics[0].definition.concurrency.during.end"));
  EXPECT_THAT(error_of(span),
              HasSubstr("metrics[0].definition.concurrency.statistic: found nothing"));
  EXPECT_THAT(error_of(span + "statistic: 9"), HasSubstr("of a newer version"));
  for (const char* rest : {"at: 't'", "during {start: 's' end: 'e'}", "domain: '> 0'", "clip: true",
                           "zero_when_empty: true", "as_of_end {start: 's' end: 'e'}"}) {
    EXPECT_THAT(error_of(most, rest), HasSubstr("beside concurrency")) << rest;
  }
  EXPECT_THAT(error_of(most, "expression: 'count(*)'"), HasSubstr("several of expression"));
  EXPECT_THAT(error_of(most, "filter: '" + std::string(17'000, '1') + "'"),
              HasSubstr("metrics[0].definition.filter"));
}

TEST(MetricsFromProtoTest, ASumMayBeZeroWhenEmpty) {
  const auto metrics = Read(
      "metrics {definition {name: 's' dataset: 'd' expression: 'sum(x)' zero_when_empty: true}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_TRUE(metrics->at(0).is_zero_when_empty);
}

TEST(MetricsFromProtoTest, AMetricMayReadARowPerKey) {
  const auto metrics = Read(
      "metrics {definition {name: 'n' dataset: 'd' expression: 'avg(x)' at: 'b' filter: 'c' per {"
      "keys: 'k' keys: 'l' select {name: 'x' expression: 'max(y)'}}}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  const Metric& metric = metrics->at(0);
  ASSERT_NE(metric.per, nullptr);
  EXPECT_EQ(*metric.per, (PerKey{.keys = {"k", "l"}, .select = {{"x", "max(y)"}}}));
  EXPECT_EQ(metric.filter, "c");
}

TEST(MetricsFromProtoTest, AUseOfAMetricGivesConstantsAndAName) {
  const auto metrics = Read(
      "metrics {name: 'of-team'}"
      "metrics {name: 'of-team' alias: 'api' parameters {key: 'team' value: 'api'}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ(metrics->at(0).name, "of-team");
  EXPECT_EQ(metrics->at(0).filter, "team = ('web')");
  EXPECT_EQ(metrics->at(1).name, "api");
  EXPECT_EQ(metrics->at(1).filter, "team = ('api')");
}

TEST(MetricsFromProtoTest, MetricsRestOnWhatTheRequestCallsByAnAlias) {
  const auto metrics = Read(
      "metrics {definition {name: 'x' derived: 'api / \"of-team\"'}}"
      "metrics {name: 'of-team' alias: 'api' parameters {key: 'team' value: 'api'}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  ASSERT_EQ(metrics->at(0).components.size(), 2u);
  EXPECT_EQ(metrics->at(0).components[0].name, "api");
  EXPECT_EQ(metrics->at(0).components[0].filter, "team = ('api')");
  EXPECT_EQ(metrics->at(0).components[1].filter, "team = ('web')");
}

TEST(MetricsFromProtoTest, MetricsRestOnTheConstantsThatTheRequestGives) {
  const auto metrics = Read(
      "metrics {name: 'of-team' parameters {key: 'team' value: 'api'}}"
      "metrics {definition {name: 'x' derived: '\"of-team\" * 2'}}");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ(metrics->at(1).components[0].filter, "team = ('api')");
}

TEST(MetricsFromProtoTest, ConstantsThatDoNotFitAreRefused) {
  EXPECT_THAT(ErrorOf("metrics {name: 'of-team' parameters {key: 'tem' value: 'api'}}"),
              HasSubstr("metrics[0]: there is no parameter 'tem'; did you mean 'team'"));
  EXPECT_THAT(ErrorOf("metrics {name: 'reviews' parameters {key: 'a' value: '1'}}"),
              HasSubstr("allowed: none"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' dataset: 'd' expression: 'count(*)'} "
                      "alias: 'a'}"),
              HasSubstr("beside a definition"));
}

TEST(MetricsFromProtoTest, AnUnknownNameIsNotFound) {
  const absl::Status status = Read("metrics {name: 'review'}").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("metrics[0]: there is no metric 'review'"));
}

TEST(MetricsFromProtoTest, AFaultInADerivedTextIsAtThatText) {
  const absl::Status status = Read(
                                  "metrics {definition {name: 'a' derived: 'b'}}"
                                  "metrics {definition {name: 'b' derived: 'reviews +'}}")
                                  .status();
  EXPECT_THAT(std::string(status.message()), StartsWith("metrics[1].derived: "));
  EXPECT_EQ(DetailOf(status)->field, "metrics[1].derived");
  EXPECT_EQ(DetailOf(status)->position, 9);
}

TEST(MetricsFromProtoTest, ACycleOfTheRequestIsRefused) {
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'a' derived: 'b'}}"
                      "metrics {definition {name: 'b' derived: 'a'}}"),
              HasSubstr("a -> b -> a"));
}

TEST(MetricsFromProtoTest, PartsThatDoNotGoTogetherAreRefused) {
  EXPECT_THAT(ErrorOf("metrics {}"), HasSubstr("allowed: name or definition"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n'}}"),
              HasSubstr("or derived, ratio, threshold, sum_of, cumulative, histogram or"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' cumulative {window: '28d'}}}"),
              HasSubstr("metrics[0].definition.cumulative.of"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' derived: 'a' zero_when_empty: true}}"),
              HasSubstr("beside derived, ratio"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' expression: 'count(*)'}}"),
              HasSubstr("metrics[0].definition.dataset"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' expression: 'count(*)' derived: 'a'}}"),
              HasSubstr("several of expression, derived, ratio"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' derived: 'a' at: 't'}}"),
              HasSubstr("beside derived, ratio"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' ratio {numerator: 'a'}}}"),
              HasSubstr("numerator and denominator"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' threshold {of: 'a' op: '<'}}}"),
              HasSubstr("metrics[0].definition.threshold"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' sum_of {}}}"),
              HasSubstr("metrics[0].definition.sum_of.metrics"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' derived: 'a' domain: '>= 0'}}"),
              HasSubstr("beside derived, ratio"));
  EXPECT_THAT(
      ErrorOf("metrics {definition {name: 'n' dataset: 'd' expression: 'count(*)' per {}}}"),
      HasSubstr("metrics[0].definition.per.keys"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' dataset: 'd' expression: 'count(*)' per {"
                      "keys: 'k' select {name: 'x'}}}}"),
              HasSubstr("metrics[0].definition.per.select[0]"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' derived: 'a' per {keys: 'k'}}}"),
              HasSubstr("beside derived, ratio"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' dataset: 'd' expression: 'count(*)' at: 't'"
                      " during {start: 'a' end: 'b'}}}"),
              HasSubstr("several of at, during and as_of_end"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' dataset: 'd' expression: 'count(*)'"
                      " during {start: 'a'}}}"),
              HasSubstr("metrics[0].definition.during.end"));
}

}  // namespace
}  // namespace sextant
