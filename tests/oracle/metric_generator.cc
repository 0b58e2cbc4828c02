#include "tests/oracle/metric_generator.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/oracle/cell_value_generator.h"
#include "tests/oracle/periods.h"
#include "tests/oracle/product_request.h"

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

AggregateExpr MetricGenerator::DrawRegression() {
  // What is exact in float64, so that nobody takes rounding for variance.
  std::vector<int> columns;
  for (size_t i = 1; i < table_.columns.size(); ++i) {
    const Column& column = table_.columns[i];
    if (column.is_dyadic || column.type.kind == Kind::kInt2 || column.type.kind == Kind::kInt4) {
      columns.push_back(static_cast<int>(i));
    }
  }
  if (columns.empty()) return {};
  AggregateExpr aggregate;
  aggregate.kind = draws_.Of({Aggregate::kCorr, Aggregate::kRegrSlope, Aggregate::kRegrR2});
  aggregate.args = {expressions_.ColumnExpr(draws_.Pick(columns)),
                    expressions_.ColumnExpr(draws_.Pick(columns))};
  return aggregate;
}

AggregateExpr MetricGenerator::DrawTopValues() {
  AggregateExpr aggregate;
  aggregate.kind = Aggregate::kTopValues;
  aggregate.is_list = draws_.OneIn(2);
  aggregate.descending = draws_.OneIn(2);
  aggregate.first = static_cast<int>(draws_.Of({1, 1, 1, 2, 3}));
  aggregate.last = aggregate.first + static_cast<int>(draws_.Below(4));
  const auto fits = [&](Kind kind) {
    return IsGroupable(kind) && !(aggregate.is_list && kind == Kind::kNumeric);
  };
  aggregate.args = expressions_.DrawValue(fits, 1);
  aggregate.order_by = expressions_.DrawValue(IsGroupable, 1);
  if (aggregate.args.empty() || aggregate.order_by.empty()) return {};
  return aggregate;
}

AggregateExpr MetricGenerator::DrawAggregate() {
  if (draws_.OneIn(9)) return DrawRegression();
  if (draws_.OneIn(7)) return DrawTopValues();
  if (draws_.OneIn(3)) return DrawStatistic();
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

AggregateExpr MetricGenerator::DrawFiltered() {
  AggregateExpr aggregate = DrawAggregate();
  if (draws_.OneIn(4)) aggregate.filter.push_back(expressions_.DrawCondition(1));
  return aggregate;
}

AggregateExpr MetricGenerator::DrawNumber() {
  for (int attempt = 0; attempt < 8; ++attempt) {
    AggregateExpr aggregate = DrawFiltered();
    const Type type = ResultType(aggregate);
    if (IsNumber(type.kind) && type.scale <= 10) return aggregate;
  }
  return {};
}

void MetricGenerator::DrawSpan(MetricSpec& metric, const std::vector<int>& instants) {
  metric.pin = draws_.OneIn(2) ? MetricSpec::Pin::kDuring : MetricSpec::Pin::kAsOfEnd;
  metric.start = draws_.Pick(instants);
  metric.end = draws_.Pick(instants);
  if (table_.closed >= 0 && !draws_.OneIn(4)) {
    metric.start = table_.opened;
    metric.end = table_.closed;
  }
}

void MetricGenerator::DrawPin(MetricSpec& metric) {
  const std::vector<int> instants = expressions_.ColumnsThat(IsTime);
  if (instants.empty() || (!needs_time_ && draws_.OneIn(2))) return;
  if (draws_.OneIn(3)) {
    DrawSpan(metric, instants);
    return;
  }
  metric.pin = MetricSpec::Pin::kAt;
  metric.start = draws_.OneIn(2) ? instants[0] : draws_.Pick(instants);
  std::vector<int> lists;
  for (size_t i = 0; i < table_.columns.size(); ++i) {
    const Type& type = table_.columns[i].type;
    const bool is_list = type.kind == Kind::kList && type.element == Kind::kTimestamptz;
    if (is_list) lists.push_back(static_cast<int>(i));
  }
  if (!lists.empty() && draws_.OneIn(2)) metric.start = draws_.Pick(lists);
}

std::vector<MetricSpec> MetricGenerator::DrawConcurrency(const std::string& name) {
  const std::vector<int> instants = expressions_.ColumnsThat(IsTime);
  if (instants.empty()) return {};
  MetricSpec metric;
  metric.name = name;
  metric.aggregate.kind = draws_.Of({Aggregate::kConcurrencyMax, Aggregate::kConcurrencyMean});
  if (draws_.OneIn(3)) metric.filter.push_back(expressions_.DrawCondition(1));
  DrawSpan(metric, instants);
  metric.pin = MetricSpec::Pin::kDuring;
  return {std::move(metric)};
}

MetricSpec MetricGenerator::DrawExpression(std::string name, bool is_number) {
  if (draws_.OneIn(15)) {
    std::vector<MetricSpec> concurrency = DrawConcurrency(name);
    if (!concurrency.empty()) return std::move(concurrency[0]);
  }
  MetricSpec metric;
  metric.name = std::move(name);
  if (draws_.OneIn(4)) {
    metric.aggregate = DrawNumber();
    std::vector<Type> types = {ResultType(metric.aggregate)};
    for (uint64_t i = 1 + draws_.Below(2); i > 0; --i) {
      metric.second.push_back(DrawNumber());
      types.push_back(ResultType(metric.second.back()));
    }
    metric.value = DrawCellValue(draws_, types);
  } else {
    metric.aggregate = is_number ? DrawNumber() : DrawFiltered();
  }
  if (draws_.OneIn(6)) metric.filter.push_back(expressions_.DrawCondition(1));
  if (draws_.OneIn(6)) DrawDomain(metric);
  DrawPin(metric);
  const bool may_be_zero = metric.second.empty() && metric.aggregate.kind == Aggregate::kSum;
  if (may_be_zero && draws_.OneIn(5)) {
    const Type type = ResultType(metric.aggregate);
    metric.is_zero_when_empty = true;
    metric.value = {.op = CellExpr::Op::kOrZero, .type = type, .args = {{.type = type}}};
  }
  return metric;
}

bool MetricGenerator::HasOneSample(const MetricSpec& metric) {
  const AggregateExpr& aggregate = metric.aggregate;
  return metric.IsAggregate() && aggregate.kind != Aggregate::kTopValues &&
         aggregate.args.size() == 1 && IsGroupable(aggregate.args[0].type.kind);
}

void MetricGenerator::DrawDomain(MetricSpec& metric) {
  if (!HasOneSample(metric)) return;
  for (uint64_t i = 1 + draws_.Below(2); i > 0; --i) {
    metric.domain.push_back(expressions_.DrawSampleCondition(metric.aggregate.args[0]));
  }
}

std::vector<MetricSpec> MetricGenerator::DrawThreshold(const std::string& name) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    MetricSpec of = DrawExpression("c0", false);
    if (!HasOneSample(of)) continue;
    const SampleCondition passes = expressions_.DrawSampleCondition(of.aggregate.args[0]);
    if (!PlainText(passes.literal)) continue;
    MetricSpec metric;
    metric.name = name;
    metric.form = MetricSpec::Form::kThreshold;
    metric.threshold = {passes};
    metric.components.push_back(std::move(of));
    return {std::move(metric)};
  }
  return {};
}

MetricSpec MetricGenerator::DrawSumOf(std::string name) {
  MetricSpec metric;
  metric.name = std::move(name);
  metric.form = MetricSpec::Form::kSumOf;
  metric.is_complete = draws_.OneIn(3);
  std::vector<Type> types;
  for (uint64_t i = 1 + draws_.Below(3); i > 0; --i) {
    metric.components.push_back(DrawExpression(absl::StrCat("c", metric.components.size()), true));
    types.push_back(ResultType(metric.components.back()));
  }
  metric.value = SumOfOperands(types, metric.is_complete);
  return metric;
}

MetricSpec MetricGenerator::DrawMetricOfMetrics(std::string name) {
  MetricSpec metric;
  metric.name = std::move(name);
  metric.form = draws_.OneIn(2) ? MetricSpec::Form::kDerived : MetricSpec::Form::kRatio;
  const bool is_ratio = metric.form == MetricSpec::Form::kRatio;
  std::vector<Type> types;
  for (uint64_t i = is_ratio ? 2 : 1 + draws_.Below(3); i > 0; --i) {
    metric.components.push_back(DrawExpression(absl::StrCat("c", metric.components.size()), true));
    types.push_back(ResultType(metric.components.back()));
  }
  if (is_ratio) {
    metric.offset = draws_.Of({"0", "0", "1", "0.5"});
  } else {
    metric.value = DrawCellValue(draws_, types);
  }
  return metric;
}

std::vector<MetricSpec> MetricGenerator::DrawSums() {
  MetricSpec like;
  DrawPin(like);
  std::vector<MetricSpec> sums(8 + draws_.Below(9), like);
  for (size_t i = 0; i < sums.size(); ++i) {
    AggregateExpr& sum = sums[i].aggregate;
    sums[i].name = absl::StrCat("m", i);
    sum.kind = draws_.Of({Aggregate::kSum, Aggregate::kAvg});
    sum.args = expressions_.DrawValue(HasSum, draws_.OneIn(4) ? 1 : 0);
    if (sum.args.empty()) sum.kind = Aggregate::kCountRows;
  }
  return sums;
}

FrameSpec MetricGenerator::DrawWindow() {
  FrameSpec frame;
  if (draws_.OneIn(3)) {
    frame.window = FrameSpec::Window::kToDate;
    frame.unit = draws_.Of(
        {Unit::kDay, Unit::kWeek, Unit::kWeek, Unit::kMonth, Unit::kQuarter, Unit::kYear});
    frame.text = UnitName(frame.unit);
    return frame;
  }
  frame.window = FrameSpec::Window::kTrailing;
  const Period period = DrawPeriod(draws_);
  frame.text = period.text;
  frame.length = period.length;
  return frame;
}

MetricSpec MetricGenerator::DrawCumulative(const std::string& name) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    MetricSpec of = DrawExpression("c0", false);
    // Parts of what a dataset has are not looked for within parts.
    const bool may_nest = table_.second < 0;
    if (may_nest && draws_.OneIn(4)) of = DrawMetricOfMetrics("c0");
    if (may_nest && draws_.OneIn(6)) {
      const std::vector<MetricSpec> threshold = DrawThreshold("c0");
      if (!threshold.empty()) of = threshold[0];
    }
    const std::vector<Lane> lanes = LanesOf(of);
    const bool fits = std::all_of(lanes.begin(), lanes.end(), [](const Lane& lane) {
      return lane.pin == MetricSpec::Pin::kAt || lane.pin == MetricSpec::Pin::kDuring;
    });
    if (!fits) continue;
    MetricSpec metric;
    metric.name = name;
    metric.form = MetricSpec::Form::kCumulative;
    metric.frame = DrawWindow();
    metric.value.type = ResultType(of);
    metric.components.push_back(std::move(of));
    return metric;
  }
  return DrawExpression(name, false);
}

MetricSpec MetricGenerator::Draw(std::string name) {
  if (draws_.OneIn(12)) return DrawCumulative(name);
  if (draws_.OneIn(5)) return DrawMetricOfMetrics(std::move(name));
  if (draws_.OneIn(12)) return DrawSumOf(std::move(name));
  if (draws_.OneIn(12)) {
    const std::vector<MetricSpec> threshold = DrawThreshold(name);
    if (!threshold.empty()) return threshold[0];
  }
  return DrawExpression(std::move(name), false);
}

}  // namespace sextant::oracle
