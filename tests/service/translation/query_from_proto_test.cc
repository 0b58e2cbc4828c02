#include "service/translation/query_from_proto.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

constexpr char kOneMetric[] = R"json("metrics": [
    {"definition": {"name": "n", "expression": "count(*)", "dataset": "commits"}}])json";

/// What a person would type into grpcurl.
v1::QueryMetricsRequest FromJson(const std::string& json) {
  v1::QueryMetricsRequest request;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &request);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return request;
}

v1::QueryMetricsRequest WithOneMetric(const std::string& more_json) {
  return FromJson(std::string("{") + kOneMetric + ", " + more_json + "}");
}

TranslatedQuery Translate(const v1::QueryMetricsRequest& request) {
  auto query = QueryFromProto(request, MetricCatalog(), {});
  EXPECT_TRUE(query.ok()) << query.status();
  return query.ok() ? *std::move(query) : TranslatedQuery();
}

std::string RefusedField(const v1::QueryMetricsRequest& request) {
  const auto query = QueryFromProto(request, MetricCatalog(), {});
  EXPECT_EQ(query.status().code(), absl::StatusCode::kInvalidArgument) << query.status();
  const auto detail = DetailOf(query.status());
  return detail.has_value() ? detail->field : "";
}

TEST(QueryFromProtoTest, ARequestIsPleasantToType) {
  const v1::QueryMetricsRequest request = FromJson(R"json({
    "dataset": "pull_requests",
    "metrics": [{"definition": {"name": "lead", "expression": "avg(released_at - committed_at)",
                                "at": "released_at"}}],
    "where": "not is_bot",
    "filter": {"comparison": {"operand": {"column": "author"}, "operator": "OPERATOR_EQUAL",
                              "value": {"string_value": "ann"}}},
    "group_by": [{"column": "repository"}, {"list_element": "labels"}],
    "time_range": {"from": "2024-01-01", "to": "2024-07-01T00:00:00Z"},
    "series": [{"interval": "all"}, {"interval": "2 week"}],
    "time_zone": "Europe/Berlin", "week_start": "sunday",
    "order_by": [{"name": "lead", "descending": true}], "limit": 10, "max_cells": 5000
  })json");
  const Query query = Translate(request).query;
  EXPECT_EQ(query.metrics.at(0).dataset, "pull_requests");
  EXPECT_EQ(query.metrics.at(0).pin.start, "released_at");
  EXPECT_EQ(query.where, "not is_bot");
  EXPECT_TRUE(query.filter.has_value());
  EXPECT_EQ(query.group_by.at(1).column, "labels");
  EXPECT_EQ(query.from, "2024-01-01");
  EXPECT_EQ(query.to, "2024-07-01T00:00:00Z");
  EXPECT_EQ(query.series.at(0).unit, CalendarUnit::kAll);
  EXPECT_EQ(query.series.at(1).unit, CalendarUnit::kWeek);
  EXPECT_EQ(query.series.at(1).count, 2);
  EXPECT_EQ(query.time_zone, "Europe/Berlin");
  EXPECT_EQ(query.week_start, 7);
  EXPECT_TRUE(query.order_by.at(0).descending);
  EXPECT_EQ(query.limit, 10u);
  EXPECT_EQ(query.max_cells, 5000u);
}

TEST(QueryFromProtoTest, WhatIsNotGivenHasItsDefault) {
  const TranslatedQuery translated = Translate(WithOneMetric(R"("limit": 0)"));
  EXPECT_EQ(translated.priority, Priority::kInteractive);
  EXPECT_EQ(translated.query.time_zone, "UTC");
  EXPECT_EQ(translated.query.week_start, 1);
  EXPECT_FALSE(translated.query.limit.has_value());
  EXPECT_EQ(translated.query.metrics.at(0).pin.kind, TimePin::Kind::kNone);
}

TEST(QueryFromProtoTest, TheDatasetOfAMetricGoesBeforeThatOfTheRequest) {
  EXPECT_EQ(Translate(WithOneMetric(R"("dataset": "other")")).query.metrics.at(0).dataset,
            "commits");
}

TEST(QueryFromProtoTest, PrioritiesAreKept) {
  EXPECT_EQ(Translate(WithOneMetric(R"("priority": "PRIORITY_BACKGROUND")")).priority,
            Priority::kBackground);
}

v1::QueryMetricsRequest WithMetrics(int count) {
  v1::QueryMetricsRequest request;
  request.set_dataset("commits");
  for (int i = 0; i < count; ++i) {
    v1::MetricDefinition* definition = request.add_metrics()->mutable_definition();
    definition->set_name("m" + std::to_string(i));
    definition->set_expression("count(*)");
  }
  return request;
}

TEST(QueryFromProtoTest, FiveHundredAnd12MetricsAreAllowedAndOneMoreIsNot) {
  EXPECT_EQ(Translate(WithMetrics(512)).query.metrics.size(), 512u);
  EXPECT_EQ(RefusedField(WithMetrics(513)), "metrics");
}

TEST(QueryFromProtoTest, ARequestWithoutMetricIsRefused) {
  EXPECT_EQ(RefusedField(WithMetrics(0)), "metrics");
}

TEST(QueryFromProtoTest, SixteenKilobytesOfWhereAreAllowedAndOneByteMoreIsNot) {
  v1::QueryMetricsRequest request = WithMetrics(1);
  request.set_where(std::string(16 * 1024, 'x'));
  EXPECT_EQ(Translate(request).query.where.size(), 16u * 1024);
  request.set_where(std::string(16 * 1024 + 1, 'x'));
  EXPECT_EQ(RefusedField(request), "where");
}

TEST(QueryFromProtoTest, AnExpressionOfMoreThan16KilobytesIsRefused) {
  v1::QueryMetricsRequest request = WithMetrics(1);
  request.mutable_metrics(0)->mutable_definition()->set_expression(std::string(16385, 'x'));
  EXPECT_EQ(RefusedField(request), "metrics[0].definition.expression");
}

TEST(QueryFromProtoTest, AMetricWithoutDatasetIsRefused) {
  v1::QueryMetricsRequest request = WithMetrics(1);
  request.clear_dataset();
  EXPECT_EQ(RefusedField(request), "metrics[0].definition.dataset");
}

TEST(QueryFromProtoTest, AMetricWithoutNameIsRefused) {
  v1::QueryMetricsRequest request = WithMetrics(2);
  request.mutable_metrics(1)->mutable_definition()->clear_name();
  EXPECT_EQ(RefusedField(request), "metrics[1].definition.name");
}

TEST(QueryFromProtoTest, AMetricWithoutExpressionIsRefused) {
  v1::QueryMetricsRequest request = WithMetrics(1);
  request.mutable_metrics(0)->mutable_definition()->clear_expression();
  EXPECT_EQ(RefusedField(request), "metrics[0].definition.expression");
}

TEST(QueryFromProtoTest, AnEmptyMetricIsRefused) {
  v1::QueryMetricsRequest request = WithMetrics(1);
  request.mutable_metrics(0)->clear_definition();
  EXPECT_EQ(RefusedField(request), "metrics[0]");
}

TEST(QueryFromProtoTest, AnEmptyAxisIsRefused) {
  EXPECT_EQ(RefusedField(WithOneMetric(R"("group_by": [{"column": "a"}, {}])")), "group_by[1]");
}

TEST(QueryFromProtoTest, AnIntervalThatIsNoneIsRefusedWithWhatIsAllowed) {
  for (const char* interval : {"", "fortnight", "0 day", "-1 day", "2 all", "1 2 day", "x week"}) {
    const auto request =
        WithOneMetric(std::string(R"("series": [{"interval": ")") + interval + R"("}])");
    EXPECT_EQ(RefusedField(request), "series[0].interval") << interval;
    EXPECT_THAT(std::string(QueryFromProto(request, MetricCatalog(), {}).status().message()),
                HasSubstr("allowed: all, minute, hour, day, week, month, quarter, year"));
  }
}

TEST(QueryFromProtoTest, AWeekDayThatIsNoneIsRefused) {
  EXPECT_EQ(RefusedField(WithOneMetric(R"("week_start": "someday")")), "week_start");
}

TEST(QueryFromProtoTest, ANegativeLimitIsRefused) {
  EXPECT_EQ(RefusedField(WithOneMetric(R"("limit": -1)")), "limit");
  EXPECT_EQ(RefusedField(WithOneMetric(R"("max_cells": -1)")), "max_cells");
}

TEST(QueryFromProtoTest, AnOrderWithoutNameIsRefused) {
  EXPECT_EQ(RefusedField(WithOneMetric(R"("order_by": [{}])")), "order_by[0].name");
}

TEST(QueryFromProtoTest, APriorityThatIsNoneIsRefused) {
  EXPECT_EQ(RefusedField(WithOneMetric(R"("priority": 9)")), "priority");
}

TEST(QueryFromProtoTest, TheFormatIsThatOfColumnsUnlessArrowIsAskedFor) {
  EXPECT_EQ(Translate(WithOneMetric(R"("limit": 1)")).format, v1::RESULT_FORMAT_COLUMNS);
  EXPECT_EQ(Translate(WithOneMetric(R"("format": "RESULT_FORMAT_ARROW_IPC")")).format,
            v1::RESULT_FORMAT_ARROW_IPC);
}

TEST(QueryFromProtoTest, AFormatThatIsNoneIsRefused) {
  EXPECT_EQ(RefusedField(WithOneMetric(R"("format": 9)")), "format");
}

TEST(QueryFromProtoTest, AxesMayBeBinsAndSets) {
  const Query query = Translate(WithOneMetric(R"("group_by": [
      {"bins": {"column": "lines", "edges": ["0", "10.5"]}},
      {"sets": {"name": "size", "members": [{"name": "big", "condition": "lines > 9"}]}}])"))
                          .query;
  EXPECT_EQ(query.group_by.at(0).kind, GroupAxis::Kind::kBins);
  EXPECT_EQ(query.group_by.at(0).edges.at(1), "10.5");
  EXPECT_EQ(query.group_by.at(1).kind, GroupAxis::Kind::kSets);
  EXPECT_EQ(query.group_by.at(1).members.at(0).condition, "lines > 9");
}

TEST(QueryFromProtoTest, ASetOfTheCatalogueIsPutIn) {
  const MetricCatalog catalog({}, {{"teams", "", {{"web", "a = 1"}}}}, {});
  const auto known = WithOneMetric(R"("group_by": [{"sets": {"name": "teams"}}])");
  const auto query = QueryFromProto(known, catalog, {});
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_TRUE(query->query.group_by.at(0).is_from_catalog);
  EXPECT_EQ(query->query.group_by.at(0).members.at(0).name, "web");
  const auto unknown = WithOneMetric(R"("group_by": [{"sets": {"name": "team"}}])");
  EXPECT_THAT(std::string(QueryFromProto(unknown, catalog, {}).status().message()),
              HasSubstr("did you mean 'teams'"));
}

TEST(QueryFromProtoTest, TheShapeOfTheResultIsRead) {
  const Query query = Translate(WithOneMetric(R"("exclude_partial": true, "having_text": "n > 1",
      "top_n": {"count": 3, "others": true}, "totals": "TOTALS_ROLLUP", "fill": "FILL_MODE_DENSE")"))
                          .query;
  EXPECT_TRUE(query.exclude_partial);
  EXPECT_EQ(query.having_text, "n > 1");
  EXPECT_EQ(query.top_n->count, 3u);
  EXPECT_TRUE(query.top_n->others);
  EXPECT_EQ(query.totals, Totals::kRollup);
  EXPECT_EQ(query.fill, FillMode::kDense);
}

TEST(QueryFromProtoTest, AClipIsOfTwoQuantilesAndAStride) {
  const auto clip = [](const std::string& json) {
    return *Translate(WithOneMetric(R"("clip": )" + json)).query.clip;
  };
  EXPECT_EQ(clip(R"({"high": 0.95})").high, 0.95);
  EXPECT_EQ(clip(R"({"high": 0.95})").stride_days, 14);
  EXPECT_EQ(clip(R"({"low": 0.1, "high": 1, "stride": "7d"})").low, 0.1);
  EXPECT_EQ(clip(R"({"high": 1, "stride": "7d"})").stride_days, 7);
  EXPECT_EQ(clip(R"({"high": 1, "stride": "all"})").stride_days, 0);
}

TEST(QueryFromProtoTest, AClipThatCannotBeIsRefused) {
  const auto error = [](const std::string& json) {
    const auto query = QueryFromProto(WithOneMetric(R"("clip": )" + json), MetricCatalog(), {});
    return std::string(query.status().message());
  };
  EXPECT_THAT(error(R"({"low": 0.1})"), HasSubstr("clip.high: found 0 or nothing"));
  for (const char* stride : {"14", "0d", "-1d", "d", "2w"}) {
    EXPECT_THAT(error(absl::StrCat(R"({"high": 1, "stride": ")", stride, R"("})")),
                HasSubstr("clip.stride: found"));
  }
}

TEST(QueryFromProtoTest, AComparisonHasAnOffset) {
  const auto query = Translate(WithOneMetric(R"("compare_to": {"offset": "1y"})")).query;
  EXPECT_EQ(query.compare_to->offset, "1y");
  EXPECT_FALSE(Translate(WithOneMetric(R"("dataset": "d")")).query.compare_to.has_value());
}

TEST(QueryFromProtoTest, SetsAreZipped) {
  const auto query = Translate(WithOneMetric(R"("group_by": [{"zip": {"sets": [
      {"name": "a", "members": [{"name": "x", "condition": "p"}]},
      {"name": "b", "members": [{"name": "y", "condition": "q"}]}]}}])"))
                         .query;
  ASSERT_EQ(query.group_by.at(0).zipped.size(), 2u);
  EXPECT_EQ(query.group_by[0].zipped[1].members.at(0).condition, "q");
}

TEST(QueryFromProtoTest, AZipOfAnUnknownSetIsRefused) {
  EXPECT_EQ(RefusedField(WithOneMetric(R"("group_by": [{"zip": {"sets": [{"name": "a"}]}}])")),
            "group_by[0].zip.sets[0].name");
  EXPECT_EQ(RefusedField(WithOneMetric(R"("group_by": [{"zip": {}}])")), "group_by[0].zip");
}

TEST(QueryFromProtoTest, AConfidenceIsAnalyticAtEightTenthsUnlessItSaysSo) {
  const auto query = [](const std::string& json) { return Translate(WithOneMetric(json)).query; };
  EXPECT_FALSE(query(R"("samples": true)").confidence.has_value());
  EXPECT_TRUE(query(R"("samples": true)").samples);
  EXPECT_EQ(query(R"("confidence": {})").confidence->level, 0.8);
  EXPECT_EQ(query(R"("confidence": {})").confidence->method, Confidence::Method::kAnalytic);
  EXPECT_EQ(query(R"("confidence": {"level": 0.95})").confidence->level, 0.95);
  EXPECT_EQ(query(R"("confidence": {"method": "CONFIDENCE_METHOD_BOOTSTRAP"})").confidence->method,
            Confidence::Method::kBootstrap);
  // What the binder refuses.
  EXPECT_EQ(query(R"("confidence": {"level": 0})").confidence->level, 0);
  EXPECT_EQ(RefusedField(WithOneMetric(R"("confidence": {"method": 9})")), "confidence.method");
}

TEST(QueryFromProtoTest, AShapeThatCannotBeIsRefused) {
  EXPECT_EQ(RefusedField(WithOneMetric(R"("top_n": {"count": 0})")), "top_n.count");
  EXPECT_EQ(RefusedField(WithOneMetric(R"("totals": 9)")), "totals");
  EXPECT_EQ(RefusedField(WithOneMetric(R"("fill": 9)")), "fill");
  EXPECT_EQ(RefusedField(WithOneMetric(R"("group_by": [{"sets": {}}])")), "group_by[0].sets.name");
  EXPECT_EQ(RefusedField(WithOneMetric(R"("group_by": [{"bins": {"edges": ["1"]}}])")),
            "group_by[0].bins.column");
}

TEST(CheckAxesTest, AListElementMustBeOfAListAndAColumnMayBeOne) {
  BoundQuery bound;
  bound.datasets.resize(1);
  BoundAxis& axis = bound.datasets[0].axes.emplace_back();
  axis.name = "labels";
  axis.is_list = true;
  const auto as_list = WithOneMetric(R"("group_by": [{"list_element": "labels"}])");
  const auto as_column = WithOneMetric(R"("group_by": [{"column": "labels"}])");
  EXPECT_TRUE(CheckAxes(as_list, bound).ok());
  EXPECT_TRUE(CheckAxes(as_column, bound).ok());
  axis.is_list = false;
  EXPECT_TRUE(CheckAxes(as_column, bound).ok());
  EXPECT_EQ(DetailOf(CheckAxes(as_list, bound))->field, "group_by[0].list_element");
}

}  // namespace
}  // namespace sextant
