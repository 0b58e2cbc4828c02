#include "tests/oracle/metric_generator.h"

#include <utility>

#include "tests/oracle/features.h"

namespace sextant::oracle {
namespace {

bool HasSum(Kind kind) { return IsNumber(kind) || kind == Kind::kDuration; }

bool HasOrder(Kind kind) {
  return HasSum(kind) || IsTime(kind) || IsText(kind) || kind == Kind::kEnum ||
         kind == Kind::kInterval;
}

bool IsGroupable(Kind kind) { return kind != Kind::kList; }

}  // namespace

AggregateExpr MetricGenerator::DrawAggregate() {
  AggregateExpr aggregate;
  aggregate.kind = draws_.Of({Aggregate::kCountRows, Aggregate::kCount, Aggregate::kCountDistinct,
                              Aggregate::kSum, Aggregate::kSum, Aggregate::kAvg, Aggregate::kAvg,
                              Aggregate::kMin, Aggregate::kMax});
  if (aggregate.kind == Aggregate::kCountRows) return aggregate;
  const auto fits = [&](Kind kind) {
    if (aggregate.kind == Aggregate::kCount) return true;
    if (aggregate.kind == Aggregate::kCountDistinct) return IsGroupable(kind);
    const bool is_sum = aggregate.kind == Aggregate::kSum || aggregate.kind == Aggregate::kAvg;
    return is_sum ? HasSum(kind) : HasOrder(kind);
  };
  aggregate.args = expressions_.DrawValue(fits, 2);
  if (aggregate.args.empty()) aggregate.kind = Aggregate::kCountRows;
  return aggregate;
}

void MetricGenerator::DrawPin(MetricSpec& metric) {
  const std::vector<int> instants = expressions_.ColumnsThat(IsTime);
  if (instants.empty() || (!needs_time_ && draws_.OneIn(2))) return;
  metric.pin = MetricSpec::Pin::kAt;
  metric.start = draws_.OneIn(2) ? instants[0] : draws_.Pick(instants);
}

MetricSpec MetricGenerator::Draw(std::string name) {
  MetricSpec metric;
  metric.name = std::move(name);
  metric.aggregate = DrawAggregate();
  DrawPin(metric);
  return metric;
}

}  // namespace sextant::oracle
