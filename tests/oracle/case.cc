#include "tests/oracle/case.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {

bool RequestCase::HasTimeAxis() const {
  return std::any_of(series.begin(), series.end(),
                     [](const SeriesSpec& one) { return one.unit != Unit::kAll; });
}

bool RequestCase::HasFrames() const {
  return std::any_of(metrics.begin(), metrics.end(), [](const MetricSpec& metric) {
    const std::vector<Lane> lanes = LanesOf(metric);
    return std::any_of(lanes.begin(), lanes.end(),
                       [](const Lane& lane) { return !lane.frame.IsPlain(); });
  });
}

bool RequestCase::ClipsAny() const {
  return std::any_of(metrics.begin(), metrics.end(), [](const MetricSpec& metric) {
    const std::vector<Lane> lanes = LanesOf(metric);
    return std::any_of(lanes.begin(), lanes.end(),
                       [](const Lane& lane) { return !lane.clip_value.empty(); });
  });
}

std::vector<int> RequestCase::Groupings() const {
  const int num_axes = static_cast<int>(axes.size());
  std::vector<int> groupings;
  switch (totals) {
    case TotalsSpec::kNone:
      break;
    case TotalsSpec::kGrand:
      groupings.push_back((1 << num_axes) - 1);
      break;
    case TotalsSpec::kRollup:
      for (int summed = 1; summed <= num_axes; ++summed) groupings.push_back((1 << summed) - 1);
      break;
    case TotalsSpec::kCube:
      for (int bits = 1; bits < 1 << num_axes; ++bits) groupings.push_back(bits);
      break;
  }
  return groupings;
}

std::string UnitName(Unit unit) {
  static constexpr const char* kNames[] = {"all",   "minute",  "hour", "day",   "week",
                                           "month", "quarter", "year", "period"};
  return kNames[static_cast<size_t>(unit)];
}

std::string SeriesText(const SeriesSpec& series) {
  const std::string unit = UnitName(series.unit);
  return absl::StrCat(series.is_rolling ? "rolling " : "",
                      series.count == 1 ? unit : absl::StrCat(series.count, " ", unit));
}

std::string DateText(int64_t days) {
  const CivilDate date = DateOfDays(days);
  const int64_t year = date.year > 0 ? date.year : 1 - date.year;
  return absl::StrFormat("%04d-%02d-%02d%s", year, date.month, date.day,
                         date.year > 0 ? "" : " BC");
}

std::string LocalText(int64_t local_us) {
  const int64_t days = FloorDivide(local_us, kDayUs);
  const int64_t rest = local_us - days * kDayUs;
  std::string date = DateText(days);
  const size_t era = date.find(" BC");
  const bool is_bc = era != std::string::npos;
  return absl::StrFormat("%s %02d:%02d:%02d.%06d%s", date.substr(0, era), rest / kHourUs,
                         rest / (60 * kSecondUs) % 60, rest / kSecondUs % 60, rest % kSecondUs,
                         is_bc ? " BC" : "");
}

Type AxisType(const TableCase& table, const AxisSpec& axis) {
  if (axis.by == AxisSpec::By::kSets) return {.kind = Kind::kText};
  const Type& type = table.columns[static_cast<size_t>(axis.column)].type;
  if (axis.by == AxisSpec::By::kBins && IsFloat(type.kind)) return {.kind = Kind::kFloat8};
  return type.kind == Kind::kList ? Type{.kind = type.element} : type;
}

Type ResultType(const AggregateExpr& aggregate) {
  const Type type = aggregate.args.empty() ? Type{} : aggregate.args[0].type;
  switch (aggregate.kind) {
    case Aggregate::kCountRows:
    case Aggregate::kCount:
    case Aggregate::kCountDistinct:
    case Aggregate::kConcurrencyMax:
      return {.kind = Kind::kInt8};
    case Aggregate::kSum:
      if (IsInteger(type.kind)) return {.kind = Kind::kInt8};
      if (type.kind == Kind::kNumeric) return {Kind::kNumeric, 38, type.scale};
      return {.kind = Kind::kFloat8};
    case Aggregate::kMin:
    case Aggregate::kMax:
    case Aggregate::kPercentileDisc:
    case Aggregate::kMode:
      return type.kind == Kind::kDuration ? Type{.kind = Kind::kFloat8} : type;
    case Aggregate::kTopValues: {
      const Type element = type.kind == Kind::kDuration ? Type{.kind = Kind::kFloat8} : type;
      return aggregate.is_list ? Type{.kind = Kind::kList, .element = element.kind} : element;
    }
    case Aggregate::kHistogramCounts:
      return {.kind = Kind::kList, .element = Kind::kInt8};
    case Aggregate::kHistogramEdges:
      return {.kind = Kind::kList, .element = Kind::kFloat8};
    case Aggregate::kBoolOr:
    case Aggregate::kBoolAnd:
      return {.kind = Kind::kBool};
    case Aggregate::kRankBound:
      if (!aggregate.is_discrete || type.kind == Kind::kDuration) return {.kind = Kind::kFloat8};
      return type;
    default:
      return {.kind = Kind::kFloat8};
  }
}

namespace {

/// `value op literal`; of floats NaN passes none (rule 8).
Expr PassesOf(const std::vector<SampleCondition>& conditions, const Expr& value, bool with_nan) {
  std::vector<Expr> all;
  for (const SampleCondition& condition : conditions) {
    all.push_back(Condition(Op::kCompare, {value, condition.literal}, condition.op));
  }
  if (!with_nan && IsFloat(value.type.kind)) {
    Expr nan = {.op = Op::kLiteral, .type = {.kind = Kind::kFloat8}};
    nan.literal = Datum::OfNumber(std::numeric_limits<double>::quiet_NaN());
    nan.text = "float8 'NaN'";
    all.push_back(Condition(Op::kCompare, {value, nan}, "<>"));
  }
  return all.size() == 1 ? all[0] : Condition(Op::kAnd, std::move(all));
}

void And(std::vector<Expr>& filter, const Expr& more) {
  filter = {filter.empty() ? more : Condition(Op::kAnd, {filter[0], more})};
}

/// The samples of the component, and those that pass.
std::vector<Lane> ShareLanes(const MetricSpec& metric) {
  MetricSpec of = metric.components[0];
  of.request_clips = metric.request_clips;
  of.clip = metric.clip.value_or(false);
  Lane samples = LanesOf(of)[0];
  samples.aggregate.kind = Aggregate::kCount;
  Lane passing = samples;
  passing.aggregate.kind = Aggregate::kCountRows;
  passing.aggregate.args.clear();
  passing.has_domain = false;
  And(passing.aggregate.filter, PassesOf(metric.threshold, samples.aggregate.args[0], true));
  return {std::move(passing), std::move(samples)};
}

/// The lanes of the metric, whatever its own frame.
std::vector<Lane> UnframedLanes(const MetricSpec& metric) {
  std::vector<Lane> lanes;
  if (metric.is_statistic) {
    MetricSpec values = metric;
    values.is_statistic = false;
    lanes = LanesOf(values);
    for (Lane& lane : lanes) {
      lane.is_statistic = true;
      lane.has_domain = false;
    }
    return lanes;
  }
  if (metric.form == MetricSpec::Form::kThreshold) return ShareLanes(metric);
  if (metric.form != MetricSpec::Form::kExpression) {
    for (const MetricSpec& component : metric.components) {
      for (Lane& lane : LanesOf(component)) lanes.push_back(std::move(lane));
    }
    return lanes;
  }
  const auto add = [&](const AggregateExpr& aggregate) {
    Lane lane = {aggregate, metric.pin, metric.start, metric.end, metric.scope};
    std::vector<Expr>& filter = lane.aggregate.filter;
    for (const std::vector<Expr>* more : {&metric.filter, &metric.scope}) {
      if (!more->empty()) And(filter, (*more)[0]);
    }
    if (!metric.domain.empty()) {
      const Expr inside = PassesOf(metric.domain, aggregate.args[0], false);
      lane.has_domain = true;
      lane.before_domain = filter;
      And(filter, inside);
    }
    if (metric.request_clips && metric.clip.value_or(aggregate.kind == Aggregate::kAvg)) {
      lane.clip_value = aggregate.args;
      lane.clip_filter = filter;
    }
    lanes.push_back(std::move(lane));
  };
  add(metric.aggregate);
  for (const AggregateExpr& aggregate : metric.second) add(aggregate);
  return lanes;
}

}  // namespace

std::vector<Lane> LanesOf(const MetricSpec& metric) {
  std::vector<Lane> lanes = UnframedLanes(metric);
  for (Lane& lane : lanes) {
    const bool is_compared = lane.frame.is_compared || metric.frame.is_compared;
    if (metric.frame.window != FrameSpec::Window::kNone) lane.frame = metric.frame;
    lane.frame.is_compared = is_compared;
  }
  return lanes;
}

bool IsRatio(const MetricSpec& metric) {
  if (metric.form == MetricSpec::Form::kCumulative) return IsRatio(metric.components[0]);
  return metric.form == MetricSpec::Form::kRatio;
}

namespace {

/// Operands counted from `first`.
CellExpr Shifted(CellExpr value, size_t first) {
  value.operand += first;
  for (CellExpr& arg : value.args) arg = Shifted(std::move(arg), first);
  return value;
}

/// Operands replaced.
CellExpr WithOperands(const CellExpr& value, const std::vector<CellExpr>& operands) {
  if (value.op == CellExpr::Op::kOperand) return operands[value.operand];
  CellExpr copy = value;
  for (CellExpr& arg : copy.args) arg = WithOperands(arg, operands);
  return copy;
}

/// (numerator + offset) / (denominator + offset)
CellExpr RatioOf(const std::vector<CellExpr>& sides, const std::string& offset) {
  constexpr Type kFloat = {.kind = Kind::kFloat8};
  CellExpr ratio = {.op = CellExpr::Op::kDivide, .type = kFloat, .args = sides};
  if (offset == "0") return ratio;
  for (CellExpr& side : ratio.args) {
    const CellExpr constant = {.op = CellExpr::Op::kConstant, .text = offset, .type = kFloat};
    side = {.op = CellExpr::Op::kAdd, .type = kFloat, .args = {side, constant}};
  }
  return ratio;
}

/// passing / nullif(samples, 0)
CellExpr ShareOf(double level) {
  const CellExpr passing;
  const CellExpr samples = {.operand = 1};
  if (level != 0) {
    return {.op = CellExpr::Op::kShareBound,
            .type = {.kind = Kind::kFloat8},
            .args = {passing, samples},
            .level = level};
  }
  return {.op = CellExpr::Op::kDivide,
          .type = {.kind = Kind::kFloat8},
          .args = {passing, {.op = CellExpr::Op::kNullIfZero, .args = {samples}}}};
}

}  // namespace

CellExpr ValueOf(const MetricSpec& metric) {
  if (metric.IsAggregate()) return {.type = ResultType(metric.aggregate)};
  if (metric.form == MetricSpec::Form::kExpression) return metric.value;
  if (metric.form == MetricSpec::Form::kThreshold || metric.level != 0) {
    return ShareOf(metric.level);
  }
  std::vector<CellExpr> operands;
  size_t num_lanes = 0;
  for (const MetricSpec& component : metric.components) {
    operands.push_back(Shifted(ValueOf(component), num_lanes));
    num_lanes += LanesOf(component).size();
  }
  if (metric.form == MetricSpec::Form::kRatio) return RatioOf(operands, metric.offset);
  return WithOperands(metric.value, operands);
}

Type ResultType(const MetricSpec& metric) {
  if (metric.IsAggregate()) return ResultType(metric.aggregate);
  const bool is_quotient =
      metric.form == MetricSpec::Form::kRatio || metric.form == MetricSpec::Form::kThreshold;
  return is_quotient ? Type{.kind = Kind::kFloat8} : metric.value.type;
}

}  // namespace sextant::oracle
