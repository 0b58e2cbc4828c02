#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/binder.h"
#include "compute/plan/binder/bound_parts.h"

namespace sextant {
namespace {

using testing::HasSubstr;

std::shared_ptr<const Schema> Rows() {
  std::vector<Field> fields;
  fields.push_back({.name = "n", .type = DataType::Of(TypeKind::kInt64)});
  fields.push_back({.name = "team", .type = DataType::Of(TypeKind::kText)});
  return std::make_shared<const Schema>(std::move(fields));
}

Metric MetricOf(std::string name, std::string expression) {
  return {.name = std::move(name), .dataset = "rows", .expression = std::move(expression)};
}

/// greatest(..) of `count` aggregates that no other `first` has.
std::string Greatest(int count, int first) {
  std::string text = absl::StrCat("greatest(sum(n + ", first, ")");
  for (int i = 1; i < count; ++i) absl::StrAppend(&text, ", sum(n+", first + i, ")");
  return text + ")";
}

/// greatest(name, name, ..).
std::string Repeated(const std::string& name, int count) {
  std::string text = absl::StrCat("greatest(", name);
  for (int i = 1; i < count; ++i) absl::StrAppend(&text, ",", name);
  return text + ")";
}

Metric Derived(std::string name, std::string text, Metric component) {
  Metric metric;
  metric.name = std::move(name);
  metric.derived = std::move(text);
  metric.components = {std::move(component)};
  return metric;
}

std::string TestsOfNull(int depth) {
  std::string text = "n = 1";
  for (int i = 0; i < depth; ++i) text = absl::StrCat("(", text, ") IS NULL");
  return text;
}

/// nullif within nullif, of about 2^depth parts.
std::string NullIfs(int depth) {
  std::string text = "n";
  for (int i = 0; i < depth; ++i) text = absl::StrCat("nullif(", text, ",", i, ")");
  return text;
}

absl::StatusOr<BoundQuery> BindMetrics(std::vector<Metric> metrics, const std::string& where = "") {
  Query query;
  query.metrics = std::move(metrics);
  query.where = where;
  return Bind(query, Rows(), 0);
}

std::string ErrorOf(const absl::StatusOr<BoundQuery>& bound) {
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(bound.status().message());
}

TEST(QuerySizeTest, TestsOfConditionsDoNotGrowWithoutEnd) {
  EXPECT_TRUE(BindMetrics({MetricOf("m", "count(*)")}, TestsOfNull(6)).ok());
  EXPECT_THAT(ErrorOf(BindMetrics({MetricOf("m", "count(*)")}, TestsOfNull(30))),
              HasSubstr("where: tests of conditions within each other, of more than 8192 parts"));
}

TEST(QuerySizeTest, ManyConditionsOfLargeValuesAreRefused) {
  std::string where = absl::StrCat(NullIfs(8), " = 0");
  for (int i = 0; i < 60; ++i) absl::StrAppend(&where, " OR ", NullIfs(8), " = ", i);
  std::vector<Metric> metrics;
  for (int i = 0; i < 256; ++i) {
    metrics.push_back(MetricOf(absl::StrCat("m", i), absl::StrCat("sum(n + ", i, ")")));
    metrics.back().filter = where;
  }
  EXPECT_THAT(ErrorOf(BindMetrics(std::move(metrics))),
              HasSubstr("the query has more than 1000000 parts"));
}

TEST(QuerySizeTest, AFilterIsHeldByEveryAggregateOnce) {
  std::string filter = "team IN ('a'";
  for (int i = 0; i < 900; ++i) absl::StrAppend(&filter, ",'team", i, "'");
  std::vector<Metric> metrics;
  for (int i = 0; i < 4; ++i) {
    metrics.push_back(MetricOf(absl::StrCat("m", i), Greatest(450, i * 225)));
    metrics.back().filter = filter + ")";
  }
  const auto bound = BindMetrics(std::move(metrics));
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->aggregates.size(), 450u + 3 * 225u);
}

TEST(QuerySizeTest, AQueryHasSoManyAggregates) {
  std::vector<Metric> metrics;
  for (int i = 0; i < 4; ++i) {
    metrics.push_back(MetricOf(absl::StrCat("m", i), Greatest(450, i * 450)));
  }
  metrics.push_back(MetricOf("edge", Greatest(248, 1800)));
  const auto bound = BindMetrics(metrics);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->aggregates.size(), 2048u);
  metrics.push_back(MetricOf("beyond", "count(*)"));
  EXPECT_THAT(ErrorOf(BindMetrics(metrics)),
              HasSubstr("metrics[5].expression: the metrics have more than 2048 aggregates"));
}

TEST(QuerySizeTest, AComponentIsNotWrittenOutWithoutEnd) {
  const Metric inner = Derived("b", Repeated("a", 15), MetricOf("a", Greatest(250, 0)));
  EXPECT_TRUE(BindMetrics({inner}).ok());
  EXPECT_THAT(ErrorOf(BindMetrics({Derived("c", Repeated("b", 1000), inner)})),
              HasSubstr("metrics[0].derived: with it the query has more than 1000000 parts"));
}

TEST(QuerySizeTest, AQueryHasSoManyGroupings) {
  Query query;
  query.metrics = {MetricOf("m", "count(*)")};
  for (int i = 0; i < 32; ++i) {
    GroupAxis axis;
    axis.kind = GroupAxis::Kind::kSets;
    axis.name = absl::StrCat("set", i);
    axis.members = {{"one", "n = 1"}};
    query.group_by.push_back(axis);
  }
  EXPECT_TRUE(Bind(query, Rows(), 0).ok());
  query.group_by.push_back(GroupAxis::Of("team"));
  EXPECT_THAT(ErrorOf(Bind(query, Rows(), 0)),
              HasSubstr("group_by: found 33 groupings; allowed: at most 32"));
}

TEST(QuerySizeTest, AResultIsOrderedByItsColumnsAtMost) {
  Query query;
  query.metrics = {MetricOf("m", "count(*)")};
  query.order_by = {{"m", false}};
  EXPECT_TRUE(Bind(query, Rows(), 0).ok());
  query.order_by = {{"m", false}, {"m", false}};
  EXPECT_THAT(ErrorOf(Bind(query, Rows(), 0)), HasSubstr("order_by: found 2 columns; allowed: at "
                                                         "most the 1 that the result has"));
}

TEST(QuerySizeTest, TheAllowedNamesAreTold) {
  Query query;
  query.metrics = {MetricOf("m", "count(*)")};
  query.group_by = {GroupAxis::Of("team")};
  query.order_by = {{"zzz", false}};
  EXPECT_THAT(ErrorOf(Bind(query, Rows(), 0)), HasSubstr("'zzz'; allowed: team, m"));
  query.order_by.clear();
  query.top_n = TopN{.count = 1, .metric = "zzz"};
  EXPECT_THAT(ErrorOf(Bind(query, Rows(), 0)), HasSubstr("'zzz'; allowed: m"));
  query.top_n.reset();
  query.having_text = "zzz > 1";
  EXPECT_THAT(ErrorOf(Bind(query, Rows(), 0)), HasSubstr("'zzz'; allowed: team, m"));
}

}  // namespace
}  // namespace sextant
