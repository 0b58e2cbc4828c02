#include "tests/oracle/cell_generator.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/oracle/naive_value.h"

namespace sextant::oracle {
namespace {

constexpr int kMaxBinDigits = 18;

constexpr size_t kLargeRows = 10'000;
constexpr int64_t kMostDense = 20'000;

/// Whether the value is the same to the last bit for everybody: what cells are chosen by.
bool IsExact(const AggregateExpr& aggregate) {
  const Type type = ResultType(aggregate);
  if (type.kind == Kind::kList) return false;
  if (!aggregate.args.empty() && aggregate.args[0].type.kind == Kind::kDuration) {
    return IsCountLike(aggregate.kind);
  }
  const bool is_of_samples =
      aggregate.kind == Aggregate::kMin || aggregate.kind == Aggregate::kMax ||
      aggregate.kind == Aggregate::kPercentileDisc || aggregate.kind == Aggregate::kMode ||
      aggregate.kind == Aggregate::kTopValues;
  return is_of_samples ? aggregate.args[0].op == Op::kColumn : !IsFloat(type.kind);
}

bool IsExact(const MetricSpec& metric) {
  const std::vector<Lane> lanes = LanesOf(metric);
  return std::all_of(lanes.begin(), lanes.end(),
                     [](const Lane& lane) { return IsExact(lane.aggregate); });
}

bool HasBins(const Type& type) {
  if (type.kind != Kind::kNumeric) return IsNumber(type.kind);
  return type.precision > 0 && type.precision <= kMaxBinDigits;
}

std::string EdgeText(const Type& type, const Datum& value) {
  if (IsFloat(type.kind)) return FloatText(value.number);
  return DecimalText(value.integer, type.kind == Kind::kNumeric ? type.scale : 0);
}

}  // namespace

bool CellGenerator::DrawColumnAxis() {
  AxisSpec axis;
  axis.column = static_cast<int>(draws_.Index(table_.columns.size()));
  if (axis.column == 0 && !draws_.OneIn(8)) axis.column = 1;
  axis.name = table_.columns[static_cast<size_t>(axis.column)].name;
  const bool is_used = std::any_of(request_.axes.begin(), request_.axes.end(),
                                   [&](const AxisSpec& other) { return other.name == axis.name; });
  if (!is_used) request_.axes.push_back(std::move(axis));
  return !is_used;
}

/// Of some of the values that a column has, mostly: edges are where mistakes are made.
bool CellGenerator::DrawBins() {
  std::vector<int> columns;
  for (size_t i = 0; i < table_.columns.size(); ++i) {
    if (HasBins(table_.columns[i].type)) columns.push_back(static_cast<int>(i));
  }
  if (table_.rows.empty()) return false;
  AxisSpec axis = {.by = AxisSpec::By::kBins, .column = draws_.Pick(columns)};
  axis.name = absl::StrCat("bins", request_.axes.size());
  const auto column = static_cast<size_t>(axis.column);
  const Type& type = table_.columns[column].type;
  std::vector<Datum> edges;
  for (uint64_t i = 4 + draws_.Below(5); i > 0; --i) {
    Datum value = draws_.Pick(table_.rows)[column];
    if (value.is_null) continue;
    if (IsFloat(type.kind) && !std::isfinite(value.number)) continue;
    if (draws_.OneIn(6)) value = IsFloat(type.kind) ? Datum::OfNumber(0) : Datum::OfInteger(0);
    edges.push_back(std::move(value));
  }
  const auto compare = [&](const Datum& a, const Datum& b) {
    return CompareDatums(type.kind, a, b);
  };
  std::sort(edges.begin(), edges.end(),
            [&](const Datum& a, const Datum& b) { return compare(a, b) < 0; });
  edges.erase(std::unique(edges.begin(), edges.end(),
                          [&](const Datum& a, const Datum& b) { return compare(a, b) == 0; }),
              edges.end());
  if (edges.size() < 2) return false;
  for (const Datum& edge : edges) axis.edges.push_back(EdgeText(type, edge));
  request_.axes.push_back(std::move(axis));
  return true;
}

bool CellGenerator::KeepsARow(const Expr& condition) const {
  const size_t num_tried = std::min<size_t>(table_.rows.size(), 300);
  return std::any_of(
      table_.rows.begin(), table_.rows.begin() + static_cast<std::ptrdiff_t>(num_tried),
      [&](const Row& row) { return NaiveRow(table_, row, request_.zone).IsTrue(condition); });
}

/// Sets that overlap, are empty, or leave rows out; in no order of their names.
void CellGenerator::DrawSets() {
  AxisSpec axis = {.by = AxisSpec::By::kSets};
  axis.name = absl::StrCat("sets", request_.axes.size());
  axis.is_zipped = draws_.OneIn(4);
  std::vector<std::string> names = {"middle", "Zulu", "an 'odd' one", "alpha"};
  for (uint64_t i = 1 + draws_.Below(names.size()); i > 0; --i) {
    Expr condition = expressions_.DrawCondition(1);
    for (int attempt = 0; attempt < 3 && !KeepsARow(condition); ++attempt) {
      condition = expressions_.DrawCondition(1);
    }
    if (axis.is_zipped) condition = Condition(Op::kAnd, {condition, expressions_.DrawCondition(1)});
    axis.members.emplace_back(names[i - 1], std::move(condition));
  }
  request_.axes.push_back(std::move(axis));
}

void CellGenerator::DrawAxes() {
  // Now and then more than the codes of a cell fit in 128 bits.
  const uint64_t num_axes =
      draws_.OneIn(12) ? 5 + draws_.Below(2) : draws_.Of<uint64_t>({0, 0, 1, 1, 1, 2, 2, 3});
  for (uint64_t i = num_axes; i > 0; --i) {
    if (draws_.OneIn(5) && DrawBins()) continue;
    if (draws_.OneIn(5)) {
      DrawSets();
    } else {
      DrawColumnAxis();
    }
  }
}

void CellGenerator::DrawTotals() {
  if (!draws_.OneIn(4)) return;
  request_.totals = draws_.Of({TotalsSpec::kGrand, TotalsSpec::kRollup, TotalsSpec::kCube});
  constexpr size_t kMostAxes = 4;  // of which every subset is summed up
  if (table_.rows.size() > kLargeRows || request_.axes.size() > kMostAxes) {
    request_.totals = TotalsSpec::kGrand;
  }
}

void CellGenerator::DrawTopN() {
  if (!draws_.OneIn(4)) return;
  std::vector<size_t> metrics;
  for (size_t i = 0; i < request_.metrics.size(); ++i) {
    const MetricSpec& metric = request_.metrics[i];
    if (metric.IsAggregate() && IsExact(metric)) metrics.push_back(i);
  }
  if (metrics.empty()) return;
  request_.top_n = {.count = static_cast<int>(1 + draws_.Below(5)),
                    .metric = draws_.Pick(metrics),
                    .smallest = draws_.OneIn(3),
                    .others = draws_.OneIn(2)};
}

std::string CellGenerator::DrawNumber(const MetricSpec& metric) {
  const bool is_plain = metric.IsAggregate() && !metric.aggregate.args.empty();
  if (is_plain && !table_.rows.empty() && draws_.OneIn(2)) {
    const Expr& value = metric.aggregate.args[0];
    if (value.op == Op::kColumn && IsNumber(value.type.kind)) {
      const Datum& datum = draws_.Pick(table_.rows)[static_cast<size_t>(value.column)];
      const bool is_short =
          IsFloat(value.type.kind) && std::abs(datum.number) > 1e-3 && std::abs(datum.number) < 1e6;
      if (!datum.is_null && (is_short || !IsFloat(value.type.kind))) {
        return EdgeText(value.type, datum);
      }
    }
  }
  return draws_.Of<const char*>({"0", "1", "1", "2", "3", "10", "0.5", "1.5", "-2.25"});
}

void CellGenerator::DrawHaving() {
  if (!draws_.OneIn(6)) return;
  for (uint64_t i = draws_.OneIn(4) ? 2 : 1; i > 0; --i) {
    HavingSpec having = {.metric = draws_.Index(request_.metrics.size())};
    if (draws_.OneIn(4)) {
      having.is_of_axis = !request_.axes.empty() && draws_.OneIn(2);
      if (having.is_of_axis) having.metric = draws_.Index(request_.axes.size());
      const MetricSpec& metric = request_.metrics[having.is_of_axis ? 0 : having.metric];
      if (!having.is_of_axis && ResultType(metric).kind == Kind::kList) continue;
      // Where a divisor may be zero, nobody knows.
      if (!having.is_of_axis && !metric.IsAggregate() && !IsExact(metric)) continue;
      having.op = draws_.OneIn(4) ? "IS NULL" : "IS NOT NULL";
      request_.having.push_back(std::move(having));
      continue;
    }
    const MetricSpec& metric = request_.metrics[having.metric];
    if (!IsExact(metric) || !IsNumber(ResultType(metric).kind)) continue;
    having.op = draws_.Of<const char*>({"=", "<>", "<", "<=", ">", ">=", ">", ">="});
    having.number = DrawNumber(metric);
    request_.having.push_back(std::move(having));
  }
}

void CellGenerator::DrawShape(int64_t num_intervals) {
  if (!request_.axes.empty()) {
    DrawTotals();
    DrawTopN();
  }
  DrawHaving();
  const auto num_rows = static_cast<int64_t>(table_.rows.size());
  request_.is_dense = num_rows * num_intervals < kMostDense && draws_.OneIn(4);
}

}  // namespace sextant::oracle
