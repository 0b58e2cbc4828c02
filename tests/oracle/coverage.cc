#include "tests/oracle/coverage.h"

#include <algorithm>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace sextant::oracle {
namespace {

const char* AggregateName(Aggregate kind) {
  static constexpr const char* kNames[] = {"count(*)",
                                           "count",
                                           "count distinct",
                                           "sum",
                                           "avg",
                                           "min",
                                           "max",
                                           "stddev_samp",
                                           "stddev_pop",
                                           "var_samp",
                                           "var_pop",
                                           "percentile_cont",
                                           "percentile_disc",
                                           "median",
                                           "mode",
                                           "bool_or",
                                           "bool_and",
                                           "corr",
                                           "regr_slope",
                                           "regr_r2",
                                           "top values"};
  return kNames[static_cast<size_t>(kind)];
}

void Columns(const Expr& expr, std::set<int>& columns) {
  if (expr.op == Op::kColumn) columns.insert(expr.column);
  for (const Expr& arg : expr.args) Columns(arg, columns);
}

bool HasNull(const TableCase& table, const Expr& expr) {
  std::set<int> columns;
  Columns(expr, columns);
  return std::any_of(columns.begin(), columns.end(), [&](int column) {
    return std::any_of(table.rows.begin(), table.rows.end(),
                       [&](const Row& row) { return row[static_cast<size_t>(column)].is_null; });
  });
}

}  // namespace

void Coverage::CountExpr(const TableCase& table, const Expr& expr) {
  std::vector<OperatorUse> uses;
  CollectOperators(expr, uses);
  const bool has_null = HasNull(table, expr);
  for (const OperatorUse& use : uses) {
    const bool is_order = use.op == "<" || use.op == "<=" || use.op == ">" || use.op == ">=";
    const bool is_equality = use.op == "=" || use.op == "<>";
    const std::string op = is_order ? "< <= > >=" : (is_equality ? "= <>" : use.op);
    Counts& counts = counts_[absl::StrCat(op, " ", KindName(use.kind))];
    ++(has_null ? counts.with_nulls : counts.without_nulls);
  }
}

void Coverage::Count(const TableCase& table, const RequestCase& request, bool is_empty) {
  ++num_cases_;
  num_non_empty_ += is_empty ? 0 : 1;
  for (const Expr& filter : request.filter) CountExpr(table, filter);
  const auto count_aggregate = [&](const AggregateExpr& aggregate) {
    bool has_null = false;
    for (const Expr& arg : aggregate.args) {
      CountExpr(table, arg);
      has_null = has_null || HasNull(table, arg);
    }
    for (const Expr& filter : aggregate.filter) CountExpr(table, filter);
    const std::string type =
        aggregate.args.empty() ? "rows" : KindName(aggregate.args[0].type.kind);
    Counts& counts = counts_[absl::StrCat(AggregateName(aggregate.kind), " of ", type)];
    ++(has_null ? counts.with_nulls : counts.without_nulls);
  };
  for (const MetricSpec& metric : request.metrics) {
    for (const Lane& lane : LanesOf(metric)) count_aggregate(lane.aggregate);
  }
  for (const AxisSpec& axis : request.axes) {
    if (axis.by == AxisSpec::By::kSets) {
      ++counts_["GROUP BY sets"].without_nulls;
      for (const auto& [name, condition] : axis.members) CountExpr(table, condition);
      continue;
    }
    Expr column = {.op = Op::kColumn, .column = axis.column};
    const Kind kind = table.columns[static_cast<size_t>(axis.column)].type.kind;
    Counts& counts = counts_[absl::StrCat(
        "GROUP BY ", axis.by == AxisSpec::By::kBins ? "bins of " : "", KindName(kind))];
    ++(HasNull(table, column) ? counts.with_nulls : counts.without_nulls);
  }
  static constexpr const char* kTotals[] = {"none", "grand", "rollup", "cube"};
  ++counts_[absl::StrCat("totals ", kTotals[static_cast<size_t>(request.totals)])].without_nulls;
  if (request.top_n) {
    ++counts_[request.top_n->others ? "top-N with others" : "top-N"].without_nulls;
  }
  if (!request.having.empty()) ++counts_["having"].without_nulls;
  if (request.is_dense) ++counts_["dense fill"].without_nulls;
  for (const SeriesSpec& series : request.series) {
    ++counts_[absl::StrCat("series ", UnitName(series.unit))].without_nulls;
  }
}

std::string Coverage::Table() const {
  std::string text =
      absl::StrFormat("%-34s %10s %10s\n", "operator and type", "with NULL", "without");
  for (const auto& [name, counts] : counts_) {
    absl::StrAppendFormat(&text, "%-34s %10d %10d\n", name, counts.with_nulls,
                          counts.without_nulls);
  }
  return text;
}

std::string Coverage::Missing(uint64_t least) const {
  std::string missing;
  for (const auto& [name, counts] : counts_) {
    if (counts.with_nulls + counts.without_nulls >= least) continue;
    absl::StrAppend(&missing, name, ": ", counts.with_nulls, " + ", counts.without_nulls, "\n");
  }
  return missing;
}

double Coverage::share_of_non_empty() const {
  return num_cases_ == 0 ? 0
                         : static_cast<double>(num_non_empty_) / static_cast<double>(num_cases_);
}

}  // namespace sextant::oracle
