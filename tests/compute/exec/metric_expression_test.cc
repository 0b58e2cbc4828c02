#include "compute/exec/metric_expression.h"

#include <gmock/gmock.h>

#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<const Table> Pulls() {
  return TableOf(
      {{"team",
        DataType::Of(TypeKind::kText),
        {Text("a"), Text("a"), Text("b"), Text("c"), Text("c")}},
       {"minutes", DataType::Of(TypeKind::kInt64), {Int(1), Int(5), Null(), Int(3), Int(-3)}}});
}

BoundExpression Aggregate(uint32_t index) {
  BoundExpression column;
  column.column = index;
  column.type = DataType::Of(TypeKind::kInt64);
  return column;
}

BoundExpression Float(BoundExpression argument) {
  BoundExpression cast;
  cast.op = ExpressionOp::kCast;
  cast.type = DataType::Of(TypeKind::kFloat64);
  cast.arguments = {std::move(argument)};
  return cast;
}

BoundExpression Call(ExpressionOp op, BoundExpression left, BoundExpression right) {
  BoundExpression call;
  call.op = op;
  call.type = left.type;
  call.arguments = {std::move(left), std::move(right)};
  return call;
}

/// count(*), count(minutes) and sum(minutes) by team, then a metric over them.
BoundQuery WithMetric(const BoundExpression& expression, bool is_ratio) {
  Query query;
  for (const std::string text : {"count(*)", "count(minutes)", "sum(minutes)"}) {
    query.metrics.push_back({.name = text, .dataset = "dataset", .expression = text});
  }
  query.group_by = {GroupAxis::Of("team")};
  BoundQuery bound = BindOrDie(query, *Pulls());
  bound.metrics.push_back({.name = "m",
                           .expression = expression,
                           .result_type = expression.type,
                           .unit = "",
                           .is_ratio = is_ratio});
  return bound;
}

ResultText ResultOf(const BoundQuery& query) {
  absl::StatusOr<ResultText> result = RunBound(query, Pulls());
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ResultText();
}

TEST(MetricExpressionTest, AMetricIsComputedOfTheAggregatesOfItsCell) {
  const BoundExpression difference = Call(ExpressionOp::kSubtract, Aggregate(0), Aggregate(1));
  EXPECT_THAT(ResultOf(WithMetric(difference, false)).rows,
              ElementsAre("a|2|2|6|0", "b|1|0|-|1", "c|2|2|0|0"));
}

TEST(MetricExpressionTest, AMissingOperandGivesNoValueAndIsNotExcluded) {  // (rule 17)
  const BoundExpression sum = Call(ExpressionOp::kAdd, Aggregate(2), Aggregate(0));
  const ResultText result = ResultOf(WithMetric(sum, false));
  EXPECT_THAT(result.rows, ElementsAre("a|2|2|6|8", "b|1|0|-|-", "c|2|2|0|2"));
  EXPECT_EQ(result.summary.excluded, 0u);
}

TEST(MetricExpressionTest, ADivisionByZeroIsExcluded) {  // (rule 5)
  const BoundExpression quotient =
      Call(ExpressionOp::kDivide, Float(Aggregate(0)), Float(Aggregate(2)));
  const ResultText result = ResultOf(WithMetric(quotient, false));
  EXPECT_EQ(result.rows.back(), "c|2|2|0|-");
  EXPECT_EQ(result.summary.excluded, 1u);
}

TEST(MetricExpressionTest, ARatioWithoutAValueIsExcluded) {  // (rule 17)
  const BoundExpression ratio =
      Call(ExpressionOp::kDivide, Float(Aggregate(0)), Float(Aggregate(2)));
  const ResultText result = ResultOf(WithMetric(ratio, true));
  EXPECT_EQ(result.summary.excluded, 2u);  // b lacks an operand, c divides by zero
}

TEST(MetricExpressionTest, TotalsAreComputedAnewAndExcludeNothing) {  // (rule 18)
  BoundQuery query =
      WithMetric(Call(ExpressionOp::kDivide, Float(Aggregate(2)), Float(Aggregate(0))), false);
  query.totals = Totals::kGrand;
  const ResultText result = ResultOf(query);
  EXPECT_EQ(result.rows.back(), "-|1|5|4|6|1.2");
  EXPECT_EQ(result.summary.excluded, 0u);
}

TEST(MetricExpressionTest, TheTopMayBeOfAComputedMetric) {
  BoundQuery query = WithMetric(Call(ExpressionOp::kSubtract, Aggregate(0), Aggregate(1)), false);
  query.top_n = BoundTopN{.count = 1, .metric = 3};
  EXPECT_THAT(ResultOf(query).rows, ElementsAre("b|1|0|-|1"));
}

}  // namespace
}  // namespace sextant
