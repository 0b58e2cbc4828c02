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
  return MetricCatalog({reviews}, {}, {});
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
              HasSubstr("or derived, ratio, threshold or sum_of"));
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
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' dataset: 'd' expression: 'count(*)' at: 't'"
                      " during {start: 'a' end: 'b'}}}"),
              HasSubstr("several of at, during and as_of_end"));
  EXPECT_THAT(ErrorOf("metrics {definition {name: 'n' dataset: 'd' expression: 'count(*)'"
                      " during {start: 'a'}}}"),
              HasSubstr("metrics[0].definition.during.end"));
}

}  // namespace
}  // namespace sextant
