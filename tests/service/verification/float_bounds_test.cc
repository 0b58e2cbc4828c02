#include "service/verification/float_bounds.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

/// A query of one metric that is an aggregate of a column of `type`.
BoundQuery QueryOf(AggregateKind kind, const DataType& type) {
  BoundQuery query;
  query.datasets.resize(1);
  query.datasets[0].aggregates = {0};
  BoundAggregate& aggregate = query.aggregates.emplace_back();
  aggregate.kind = kind;
  aggregate.value.type = type;
  aggregate.result_type = DataType::Of(TypeKind::kFloat64);
  BoundMetric& metric = query.metrics.emplace_back();
  metric.name = "m";
  metric.expression.column = 0;
  return query;
}

FloatBound BoundOf(AggregateKind kind, TypeKind type) {
  return WithBounds(QueryOf(kind, DataType::Of(type))).bounds.at(0);
}

TEST(FloatBoundsTest, Rule3ASumOfFloatsIsBoundByItsMagnitudes) {
  const BoundedQuery bounded =
      WithBounds(QueryOf(AggregateKind::kSum, DataType::Of(TypeKind::kFloat64)));
  ASSERT_EQ(bounded.query.metrics.size(), 3u);
  EXPECT_EQ(bounded.bounds.size(), 1u);
  EXPECT_EQ(bounded.bounds[0].magnitude_metric, 1u);
  EXPECT_EQ(bounded.bounds[0].count_metric, 2u);
  const BoundExpression& magnitude = *bounded.query.aggregates[1].value.expression;
  EXPECT_EQ(magnitude.op, ExpressionOp::kMultiply);
  EXPECT_EQ(magnitude.arguments[0].op, ExpressionOp::kAbs);
  EXPECT_EQ(std::get<double>(magnitude.arguments[1].constant.value) * kMagnitudeScale, 1);
  EXPECT_EQ(bounded.query.aggregates[2].kind, AggregateKind::kCount);
  EXPECT_EQ(bounded.query.datasets[0].aggregates, (std::vector<uint32_t>{0, 1, 2}));
}

TEST(FloatBoundsTest, WithItsBoundsAQueryMayHaveAsManyCellsAsBefore) {
  BoundQuery query = QueryOf(AggregateKind::kSum, DataType::Of(TypeKind::kFloat64));
  query.limits.max_values = 2;
  EXPECT_EQ(WithBounds(query).query.limits.max_values, 2u * 3);
  query.metrics.push_back(query.metrics[0]);
  query.limits.max_values = 5;
  EXPECT_EQ(WithBounds(query).query.limits.max_values, 2u * 6);
}

TEST(FloatBoundsTest, CopiesAndExactSumsAreExact) {
  EXPECT_EQ(BoundOf(AggregateKind::kMax, TypeKind::kFloat64).relative, 0);
  EXPECT_EQ(BoundOf(AggregateKind::kPercentileDisc, TypeKind::kFloat64).relative, 0);
  EXPECT_EQ(BoundOf(AggregateKind::kCount, TypeKind::kFloat64).relative, 0);
}

TEST(FloatBoundsTest, MeansOfExactSumsAreRoundedTwiceAtMost) {
  EXPECT_EQ(BoundOf(AggregateKind::kAvg, TypeKind::kInt64).relative, 1e-15);
  EXPECT_FALSE(BoundOf(AggregateKind::kAvg, TypeKind::kInt64).magnitude_metric.has_value());
}

TEST(FloatBoundsTest, WhatIsComputedOfSeveralAggregatesHasARelativeBound) {
  BoundQuery query = QueryOf(AggregateKind::kCount, DataType::Of(TypeKind::kInt64));
  query.metrics[0].expression.op = ExpressionOp::kDivide;
  EXPECT_EQ(WithBounds(query).bounds.at(0).relative, 1e-9);
}

}  // namespace
}  // namespace sextant
