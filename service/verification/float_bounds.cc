#include "service/verification/float_bounds.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/postgres/query_sql.h"

namespace sextant {
namespace {

constexpr double kRoundedTwice = 1e-15;
constexpr double kComputed = 1e-9;

bool IsBareAggregate(const BoundMetric& metric) {
  return metric.expression.op == ExpressionOp::kColumn;
}

BoundExpression ExpressionOf(const BoundValue& value) {
  if (value.expression != nullptr) return *value.expression;
  BoundExpression column;
  column.type = value.type;
  column.column = value.column;
  return column;
}

BoundExpression FloatExpression(ExpressionOp op, std::vector<BoundExpression> arguments) {
  BoundExpression expression;
  expression.op = op;
  expression.type = DataType::Of(TypeKind::kFloat64);
  expression.arguments = std::move(arguments);
  return expression;
}

/// |x| / kMagnitudeScale of a float value: a column or an expression.
BoundValue Magnitude(const BoundValue& value) {
  BoundExpression number = ExpressionOf(value);
  if (value.type.kind != TypeKind::kFloat64) {
    number = FloatExpression(ExpressionOp::kCast, {std::move(number)});
  }
  BoundExpression scale = FloatExpression(ExpressionOp::kConstant, {});
  scale.constant.value = 1 / kMagnitudeScale;
  BoundExpression magnitude = FloatExpression(ExpressionOp::kAbs, {std::move(number)});
  BoundValue result;
  result.type = magnitude.type;
  result.expression = std::make_shared<BoundExpression>(
      FloatExpression(ExpressionOp::kMultiply, {std::move(magnitude), std::move(scale)}));
  return result;
}

/// Adds a metric that is `aggregate`, of the dataset of aggregate `like`; returns its index.
size_t AddMetric(BoundQuery& query, BoundAggregate aggregate, uint32_t like) {
  const auto index = static_cast<uint32_t>(query.aggregates.size());
  for (BoundDataset& dataset : query.datasets) {
    for (const uint32_t known : dataset.aggregates) {
      if (known != like) continue;
      dataset.aggregates.push_back(index);
      break;
    }
  }
  BoundMetric metric;
  metric.name = absl::StrCat("bound ", index);
  metric.result_type = aggregate.result_type;
  metric.expression.type = aggregate.result_type;
  metric.expression.column = index;
  query.aggregates.push_back(std::move(aggregate));
  query.metrics.push_back(std::move(metric));
  return query.metrics.size() - 1;
}

FloatBound BoundOfFloatSum(BoundQuery& query, uint32_t index) {
  BoundAggregate magnitude = query.aggregates[index];
  magnitude.kind = AggregateKind::kSum;
  magnitude.value = Magnitude(magnitude.value);
  magnitude.result_type = DataType::Of(TypeKind::kFloat64);
  BoundAggregate count = query.aggregates[index];
  count.kind = AggregateKind::kCount;
  count.result_type = DataType::Of(TypeKind::kInt64);
  FloatBound bound;
  bound.relative = kRoundedTwice;
  bound.magnitude_metric = AddMetric(query, std::move(magnitude), index);
  bound.count_metric = AddMetric(query, std::move(count), index);
  return bound;
}

FloatBound BoundOf(BoundQuery& query, const BoundMetric& metric) {
  if (!HasSql(query, metric)) return {.has_sql = false};
  if (!IsBareAggregate(metric)) return {.relative = kComputed};
  const uint32_t index = metric.expression.column;
  const BoundAggregate& aggregate = query.aggregates[index];
  switch (aggregate.kind) {
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      // A difference of two float columns has no expression to take the magnitude of.
      if (IsFloat(aggregate.value.type.kind) && !aggregate.value.minus) {
        return BoundOfFloatSum(query, index);
      }
      return {.relative = IsFloat(aggregate.value.type.kind) ? kComputed : kRoundedTwice};
    case AggregateKind::kPercentileCont:
    case AggregateKind::kConcurrencyMean:
      return {.relative = kRoundedTwice};
    case AggregateKind::kStddevSamp:
    case AggregateKind::kStddevPop:
    case AggregateKind::kVarSamp:
    case AggregateKind::kVarPop:
    case AggregateKind::kCorr:
    case AggregateKind::kRegrSlope:
    case AggregateKind::kRegrR2:
      return {.relative = kComputed};
    default:
      return {};
  }
}

}  // namespace

BoundedQuery WithBounds(BoundQuery query) {
  BoundedQuery bounded{std::move(query), {}};
  const size_t num_metrics = bounded.query.metrics.size();
  for (size_t i = 0; i < num_metrics; ++i) {
    const BoundMetric metric = bounded.query.metrics[i];
    bounded.bounds.push_back(BoundOf(bounded.query, metric));
  }
  if (num_metrics > 0) {
    uint64_t& max_values = bounded.query.limits.max_values;
    max_values = max_values / num_metrics * bounded.query.metrics.size();
  }
  return bounded;
}

}  // namespace sextant
