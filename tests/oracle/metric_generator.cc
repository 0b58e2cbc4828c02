#include "tests/oracle/metric_generator.h"

#include <iterator>
#include <utility>

#include "tests/oracle/features.h"

namespace sextant::oracle {
namespace {

bool HasSum(Kind kind) { return IsNumber(kind) || kind == Kind::kDuration; }

bool HasOrder(Kind kind) {
  return HasSum(kind) || IsTime(kind) || IsText(kind) || kind == Kind::kEnum ||
         kind == Kind::kInterval;
}

bool IsBpchar(Kind kind) { return kind == Kind::kBpchar; }

bool IsGroupable(Kind kind) { return kind != Kind::kList; }

}  // namespace

AggregateExpr MetricGenerator::DrawStatistic() {
  AggregateExpr aggregate;
  aggregate.kind =
      draws_.Of({Aggregate::kStddevSamp, Aggregate::kStddevPop, Aggregate::kVarSamp,
                 Aggregate::kVarPop, Aggregate::kPercentileCont, Aggregate::kPercentileDisc,
                 Aggregate::kMedian, Aggregate::kMode, Aggregate::kBoolOr, Aggregate::kBoolAnd});
  const bool is_bool =
      aggregate.kind == Aggregate::kBoolOr || aggregate.kind == Aggregate::kBoolAnd;
  const bool is_ordered =
      aggregate.kind == Aggregate::kPercentileDisc || aggregate.kind == Aggregate::kMode;
  const bool is_spread =
      aggregate.kind >= Aggregate::kStddevSamp && aggregate.kind <= Aggregate::kVarPop;
  std::vector<int> columns = expressions_.ColumnsThat([&](Kind kind) {
    if (is_bool) return kind == Kind::kBool;
    return is_ordered ? HasOrder(kind) && !IsBpchar(kind) : IsNumber(kind);
  });
  // Squares of extremes overflow in PostgreSQL.
  if (is_spread) {
    std::erase_if(columns, [&](int column) {
      const Column& from = table_.columns[static_cast<size_t>(column)];
      return !from.is_dyadic && from.type.kind != Kind::kInt2 && from.type.kind != Kind::kInt4 &&
             !(from.type.kind == Kind::kNumeric && from.type.precision <= 12);
    });
  }
  if (columns.empty()) return {};
  aggregate.args = {expressions_.ColumnExpr(draws_.Pick(columns))};
  if (!is_spread && aggregate.kind != Aggregate::kMedian) {
    static constexpr const char* kFractions[] = {"0", "0.25", "0.5", "0.9", "1"};
    static constexpr double kValues[] = {0, 0.25, 0.5, 0.9, 1};
    const size_t index = draws_.Index(std::size(kFractions));
    aggregate.fraction_text = kFractions[index];
    aggregate.fraction = kValues[index];
  }
  return aggregate;
}

AggregateExpr MetricGenerator::DrawAggregate() {
  if (kHasAggregates && draws_.OneIn(3)) return DrawStatistic();
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
  if (kHasAggregates && draws_.OneIn(4)) {
    metric.aggregate.filter.push_back(expressions_.DrawCondition(1));
  }
  DrawPin(metric);
  return metric;
}

}  // namespace sextant::oracle
