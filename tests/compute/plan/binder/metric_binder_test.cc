#include "compute/plan/binder/metric_binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using testing::HasSubstr;

Field FieldOf(const char* name, DataType type, const char* unit = "") {
  return {.name = name, .type = type, .unit = unit};
}

std::shared_ptr<const Schema> PullRequests(bool has_key = true) {
  std::vector<Field> fields = {
      FieldOf("id", DataType::Of(TypeKind::kInt64)),
      FieldOf("created_at", DataType::Of(TypeKind::kTimestamp)),
      FieldOf("closed_at", DataType::Of(TypeKind::kTimestamp)),
      FieldOf("additions", DataType::Of(TypeKind::kInt32), "lines"),
      FieldOf("cost", DataType::Decimal(12, 3), "EUR"),
      FieldOf("score", DataType::Of(TypeKind::kFloat32)),
      FieldOf("author", DataType::Of(TypeKind::kText)),
      FieldOf("is_bot", DataType::Of(TypeKind::kBool)),
      FieldOf("labels", DataType::ListOf(TypeKind::kText)),
      FieldOf("payload", DataType::Of(TypeKind::kJson)),
      FieldOf("token", DataType::Of(TypeKind::kUuid)),
      FieldOf("review_time", DataType::Of(TypeKind::kInterval)),
  };
  return std::make_shared<const Schema>(
      std::move(fields), std::nullopt,
      has_key ? std::vector<ColumnIndex>{0} : std::vector<ColumnIndex>{});
}

Metric Of(std::string name, std::string expression) {
  return {.name = std::move(name), .dataset = "pulls", .expression = std::move(expression)};
}

Metric Derived(std::string name, std::string text, std::vector<Metric> components) {
  Metric metric;
  metric.name = std::move(name);
  metric.derived = std::move(text);
  metric.components = std::move(components);
  return metric;
}

Metric RatioOf(std::string name, Metric numerator, Metric denominator, double offset = 0) {
  Metric metric;
  metric.name = std::move(name);
  metric.ratio = Metric::Ratio{numerator.name, denominator.name, offset};
  metric.components = {std::move(numerator), std::move(denominator)};
  return metric;
}

absl::StatusOr<BoundQuery> BindAll(std::vector<Metric> metrics, bool has_key = true) {
  Query query;
  query.metrics = std::move(metrics);
  query.time_zone = "Asia/Kolkata";
  return Bind(query, PullRequests(has_key), 0);
}

absl::StatusOr<BoundQuery> BindText(const std::string& expression) {
  return BindAll({Of("m", expression)});
}

std::string ResultOf(const std::string& expression) {
  const auto bound = BindText(expression);
  if (!bound.ok()) return std::string(bound.status().message());
  const BoundMetric& metric = bound->metrics[0];
  return absl::StrCat(TypeName(metric.result_type), metric.unit.empty() ? "" : " in ", metric.unit);
}

std::string ErrorOf(std::vector<Metric> metrics) {
  const auto bound = BindAll(std::move(metrics));
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(bound.status().message());
}

TEST(MetricBinderTest, Rule2EveryAggregateHasItsResultType) {
  EXPECT_EQ(ResultOf("stddev(additions)"), "double precision in lines");
  EXPECT_EQ(ResultOf("variance(cost)"), "double precision");
  EXPECT_EQ(ResultOf("var_pop(score)"), "double precision");
  EXPECT_EQ(ResultOf("median(additions)"), "double precision in lines");
  EXPECT_EQ(ResultOf("percentile_cont(0.9) WITHIN GROUP (ORDER BY closed_at - created_at)"),
            "double precision in seconds");
  EXPECT_EQ(ResultOf("percentile_disc(0.5) WITHIN GROUP (ORDER BY closed_at - created_at)"),
            "double precision in seconds");
  EXPECT_EQ(ResultOf("percentile_disc(0.5) WITHIN GROUP (ORDER BY created_at)"),
            "timestamp with time zone");
  EXPECT_EQ(ResultOf("mode() WITHIN GROUP (ORDER BY author)"), "text");
  EXPECT_EQ(ResultOf("mode() WITHIN GROUP (ORDER BY token)"), "uuid");
  EXPECT_EQ(ResultOf("bool_or(is_bot)"), "boolean");
  EXPECT_EQ(ResultOf("bool_and(additions > 3)"), "boolean");
  EXPECT_EQ(ResultOf("corr(additions, score)"), "double precision");
  EXPECT_EQ(ResultOf("regr_slope(cost, score)"), "double precision");
  EXPECT_EQ(ResultOf("(array_agg(author ORDER BY additions DESC))[1]"), "text");
  EXPECT_EQ(ResultOf("(array_agg(author ORDER BY additions DESC))[1:3]"), "text[]");
}

TEST(MetricBinderTest, AggregatesThatATypeDoesNotHaveAreRefused) {
  for (const char* expression :
       {"stddev(author)", "stddev(closed_at - created_at)", "median(created_at)",
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY created_at)", "bool_or(additions)",
        "corr(author, additions)", "mode() WITHIN GROUP (ORDER BY payload)",
        "percentile_disc(0.5) WITHIN GROUP (ORDER BY labels)", "(array_agg(cost ORDER BY id))[1:2]",
        "(array_agg(labels ORDER BY id))[1]", "(array_agg(author ORDER BY labels))[1]",
        "min(is_bot)", "max(token)"}) {
    EXPECT_THAT(ErrorOf({Of("m", expression)}), HasSubstr("allowed: ")) << expression;
  }
}

/// A column of intervals may have months, which are no number of seconds.
TEST(MetricBinderTest, Rule6AggregatesOfIntervalsAreOfTheirOrderOnly) {
  for (const char* expression :
       {"min(review_time)", "max(review_time)", "mode() WITHIN GROUP (ORDER BY review_time)",
        "percentile_disc(0.5) WITHIN GROUP (ORDER BY review_time)",
        "(array_agg(review_time ORDER BY id))[1]"}) {
    EXPECT_EQ(ResultOf(expression), "interval") << expression;
  }
  EXPECT_EQ(ResultOf("count(review_time)"), "bigint");
  EXPECT_EQ(ResultOf("count(DISTINCT review_time)"), "bigint");
  for (const char* expression :
       {"sum(review_time)", "avg(review_time)", "stddev(review_time)", "stddev_pop(review_time)",
        "variance(review_time)", "var_pop(review_time)", "median(review_time)",
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY review_time)", "corr(review_time, additions)",
        "regr_slope(additions, review_time)", "regr_r2(review_time, review_time)",
        "bool_or(review_time)"}) {
    EXPECT_THAT(ErrorOf({Of("m", expression)}), HasSubstr("interval; allowed: ")) << expression;
  }
}

TEST(MetricBinderTest, Rule9TopValuesNeedAKey) {
  const auto bound = BindAll({Of("m", "(array_agg(author ORDER BY id))[1]")}, /*has_key=*/false);
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(bound.status().message()), HasSubstr("key: [column, ..]"));
  ASSERT_TRUE(DetailOf(bound.status()).has_value());
  EXPECT_EQ(DetailOf(bound.status())->reason, "DATASET_WITHOUT_KEY");
}

TEST(MetricBinderTest, ValuesMayBeExpressions) {
  const auto bound = BindText("sum(coalesce(additions, 0) * 2)");
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_NE(bound->aggregates[0].value.expression, nullptr);
  EXPECT_EQ(bound->aggregates[0].result_type, DataType::Of(TypeKind::kInt64));
  EXPECT_EQ(bound->metrics[0].unit, "lines");
}

TEST(MetricBinderTest, TheFilterOfAMetricIsAndedWithThatOfEachAggregate) {
  Metric metric = Of("m", "count(*) FILTER (WHERE additions > 3)");
  metric.filter = "NOT is_bot";
  const auto bound = BindAll({metric});
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(ToString(*bound->aggregates[0].filter),
            "and((#3 integer) in [4, 9223372036854775807], not((#7 boolean) in [1, 1]))");
}

TEST(MetricBinderTest, Rule15LiteralsOfTheCatalogueAreInUtc) {
  Metric request = Of("a", "count(*)");
  request.filter = "created_at >= '2024-05-01'";
  Metric catalog = request;
  catalog.name = "b";
  catalog.is_from_catalog = true;
  const auto bound = BindAll({request, catalog});
  ASSERT_TRUE(bound.ok()) << bound.status();
  ASSERT_EQ(bound->aggregates.size(), 2u);
  EXPECT_THAT(ToString(*bound->aggregates[0].filter), HasSubstr("[1714501800000000,"));
  EXPECT_THAT(ToString(*bound->aggregates[1].filter), HasSubstr("[1714521600000000,"));
}

Metric OfCatalog(Metric metric) {
  metric.is_from_catalog = true;
  return metric;
}

TEST(MetricBinderTest, AFaultOfTheCatalogueIsBlamedOnItsMetric) {
  const absl::Status status = BindAll({OfCatalog(Of("m", "sum(aditions)"))}).status();
  EXPECT_THAT(std::string(status.message()),
              testing::StartsWith("catalogue metric 'm': expression: unknown column 'aditions'"));
  EXPECT_EQ(DetailOf(status)->field, "metrics[0]");
  EXPECT_EQ(DetailOf(status)->position, -1);
}

TEST(MetricBinderTest, AFaultOfAComponentIsBlamedOnTheMetricOfTheCatalogueThatHasIt) {
  const absl::Status status = BindAll({OfCatalog(RatioOf("r", OfCatalog(Of("a", "count(*)")),
                                                         OfCatalog(Of("b", "sum(aditions)"))))})
                                  .status();
  EXPECT_THAT(std::string(status.message()),
              testing::StartsWith("catalogue metric 'b': expression: unknown column 'aditions'"));
  EXPECT_EQ(DetailOf(status)->field, "metrics[0]");
}

TEST(MetricBinderTest, AnAggregateThatIsAskedTwiceIsComputedOnce) {
  const auto bound = BindAll({Of("a", "count(*)"), Of("b", "count(*)"), Of("c", "sum(additions)")});
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->aggregates.size(), 2u);
  EXPECT_EQ(bound->metrics[1].expression.column, 0u);
  EXPECT_EQ(bound->metrics[2].expression.column, 1u);
  EXPECT_THAT(bound->datasets[0].aggregates, testing::ElementsAre(0u, 1u));
}

TEST(MetricBinderTest, Rule1ArithmeticOverAggregatesIsOfTheirTypes) {
  EXPECT_EQ(ResultOf("sum(additions) + count(*)"), "bigint");
  EXPECT_EQ(ResultOf("sum(cost) * 2"), "numeric(38,3) in EUR");
  EXPECT_EQ(ResultOf("sum(additions)::float8 / count(*)"), "double precision");
  EXPECT_EQ(ResultOf("sum(cost) / count(*)"), "double precision");
  EXPECT_EQ(ResultOf("round(avg(additions)::numeric(20,4), 2)"), "numeric(38,2) in lines");
  EXPECT_EQ(ResultOf("extract(epoch from max(closed_at - created_at))"),
            "double precision in seconds");
  EXPECT_EQ(ResultOf("coalesce(sum(additions), 0)"), "bigint in lines");
  EXPECT_EQ(ResultOf("CASE WHEN count(*) > 10 THEN avg(additions) END"),
            "double precision in lines");
  EXPECT_EQ(ResultOf("max(closed_at) - min(created_at)"), "double precision in seconds");
}

TEST(MetricBinderTest, Rule1IntegerDivisionBetweenAggregatesIsRefused) {
  EXPECT_THAT(ErrorOf({Of("m", "sum(additions) / count(*)")}),
              HasSubstr("write x::float8 / y, or use a ratio"));
}

TEST(MetricBinderTest, Rule1DerivedMetricsDivideInFloat8) {
  const auto bound = BindAll({Derived(
      "share", "1 - a / b", {Of("a", "count(*) FILTER (WHERE is_bot)"), Of("b", "count(*)")})});
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->metrics[0].result_type, DataType::Of(TypeKind::kFloat64));
  EXPECT_EQ(bound->aggregates.size(), 2u);
  EXPECT_FALSE(bound->metrics[0].is_ratio);
}

TEST(MetricBinderTest, DerivedMetricsNameOthersInQuotesAndNest) {
  Metric inner =
      RatioOf("bot-share", Of("bots", "count(*) FILTER (WHERE is_bot)"), Of("all", "count(*)"));
  const auto bound =
      BindAll({Derived("people", "1 - \"bot-share\"", {inner}), Of("n", "count(*)")});
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->aggregates.size(), 2u);
}

TEST(MetricBinderTest, Rule17ARatioIsMarkedAndItsOffsetIsOnBothSides) {
  const auto plain = BindAll({RatioOf("r", Of("a", "sum(additions)"), Of("b", "count(*)"))});
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_TRUE(plain->metrics[0].is_ratio);
  EXPECT_EQ(plain->metrics[0].expression.op, ExpressionOp::kDivide);
  EXPECT_EQ(plain->metrics[0].expression.arguments[0].op, ExpressionOp::kCast);
  const auto offset = BindAll({RatioOf("r", Of("a", "sum(additions)"), Of("b", "count(*)"), 1.5)});
  ASSERT_TRUE(offset.ok()) << offset.status();
  EXPECT_EQ(offset->metrics[0].expression.arguments[0].op, ExpressionOp::kAdd);
  EXPECT_EQ(offset->metrics[0].expression.arguments[1].op, ExpressionOp::kAdd);
}

TEST(MetricBinderTest, Rule1HavingDividesInFloat8) {
  Query query;
  query.metrics = {Of("a", "sum(additions)"), Of("b", "count(*)")};
  query.having_text = "a / b > 0.5";
  const auto bound = Bind(query, PullRequests(), 0);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_THAT(ToString(*bound->having), HasSubstr("double precision"));
}

TEST(MetricBinderTest, WhatMetricsOfMetricsCannotSayIsRefused) {
  const Metric a = Of("a", "count(*)");
  EXPECT_THAT(ErrorOf({Derived("m", "a / bb", {a, Of("b", "count(*)")})}),
              HasSubstr("unknown metric 'bb'; did you mean"));
  EXPECT_THAT(ErrorOf({Derived("m", "opencount / a", {a, Of("openCount", "count(*)")})}),
              HasSubstr("did you mean \"openCount\"? A name with capitals needs the double"));
  EXPECT_THAT(ErrorOf({Derived("m", "1 + 1", {a})}), HasSubstr("at least one aggregate"));
  Metric filtered = Derived("m", "a + 1", {a});
  filtered.filter = "is_bot";
  EXPECT_THAT(ErrorOf({filtered}), HasSubstr("has no rows of its own"));
  Metric both = Derived("m", "a + 1", {a});
  both.expression = "count(*)";
  EXPECT_THAT(ErrorOf({both}), HasSubstr("2 definitions"));
  EXPECT_THAT(ErrorOf({RatioOf("r", Of("t", "max(author)"), a)}), HasSubstr("allowed: numbers"));
  EXPECT_THAT(ErrorOf({Of("m", "additions + 1")}), HasSubstr("additions"));
}

TEST(MetricBinderTest, DepthAndSizeOfMetricsOfMetricsAreBounded) {
  Metric deep = Of("m0", "count(*)");
  for (int i = 1; i <= 40; ++i) {
    deep = Derived(absl::StrCat("m", i), absl::StrCat("m", i - 1, " + 1"), {deep});
  }
  EXPECT_THAT(ErrorOf({deep}), HasSubstr("nest deeper than 32"));
  Metric wide = Of("m0", "count(*)");
  for (int i = 1; i <= 20; ++i) {
    const std::string before = absl::StrCat("m", i - 1);
    wide = Derived(absl::StrCat("m", i), absl::StrCat(before, " * ", before), {wide});
  }
  EXPECT_THAT(ErrorOf({wide}), HasSubstr("parts when its components are written out"));
}

}  // namespace
}  // namespace sextant
