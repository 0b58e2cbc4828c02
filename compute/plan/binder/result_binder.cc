#include "compute/plan/binder/result_binder.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/axis_binder.h"
#include "compute/plan/binder/bind_scope.h"
#include "compute/plan/binder/bound_parts.h"
#include "compute/plan/binder/histogram_binder.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr char kStartColumn[] = "start";
constexpr char kSeriesColumn[] = "interval";
constexpr char kGroupingColumn[] = "grouping";

/// A few names are compared one by one, many are hashed.
class DistinctNames {
 public:
  /// False: it is there.
  bool Insert(std::string_view name) {
    if (few_.size() < kFew) {
      if (std::find(few_.begin(), few_.end(), name) != few_.end()) return false;
      few_.push_back(name);
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(name).second;
  }

 private:
  static constexpr size_t kFew = 16;

  absl::InlinedVector<std::string_view, kFew> few_;
  absl::flat_hash_set<std::string_view> many_;  // `few_` too
};

/// The columns of the result are told apart by their names.
absl::Status CheckResultNames(const BoundQuery& bound) {
  DistinctNames names;
  if (bound.HasTimeAxis()) names.Insert(kStartColumn);
  if (bound.series.size() > 1) names.Insert(kSeriesColumn);
  if (bound.HasGrouping()) names.Insert(kGroupingColumn);
  for (size_t i = 0; i < bound.axes().size(); ++i) {
    if (names.Insert(bound.axes()[i].name)) continue;
    return FieldError(absl::StrCat("group_by[", i, "].column"),
                      absl::StrCat("the result has two columns '", bound.axes()[i].name,
                                   "'; allowed: each column once, in a series none called "
                                   "'start' or 'interval', and with totals none called "
                                   "'grouping'"));
  }
  size_t num_metrics = 0;  // up to here, without their statistics
  const size_t num_of_each = bound.compared_to == nullptr ? 1 : 2;
  for (const BoundMetric& metric : bound.metrics) {
    num_metrics += metric.statistic == MetricStatistic::kValue ? 1 : 0;
    if (names.Insert(metric.name)) continue;
    return FieldError(absl::StrCat("metrics[", (num_metrics - 1) / num_of_each, "].name"),
                      absl::StrCat("the result has two columns '", metric.name,
                                   "'; allowed: a name of its own for every metric"));
  }
  return absl::OkStatus();
}

absl::Status RefuseUnordered(const std::string& field, const std::string& name) {
  return FieldError(field, absl::StrCat("'", name,
                                        "' is of a histogram, and has no order; allowed: metrics "
                                        "of one value, or the quartiles of the histogram, NAME.q25 "
                                        "and NAME.q75"));
}

absl::Status BindOrderBy(const Query& query, BoundQuery& bound) {
  if (query.order_by.empty()) return absl::OkStatus();
  std::vector<std::string> names;
  std::vector<BoundOrder> columns;
  for (uint32_t i = 0; i < bound.axes().size(); ++i) {
    names.push_back(bound.axes()[i].name);
    columns.push_back({BoundOrder::Target::kAxis, i, false});
  }
  if (bound.HasTimeAxis()) {
    names.emplace_back(kStartColumn);
    columns.push_back({BoundOrder::Target::kStart, 0, false});
  }
  for (uint32_t i = 0; i < bound.metrics.size(); ++i) {
    names.push_back(bound.metrics[i].name);
    columns.push_back({BoundOrder::Target::kMetric, i, false});
  }
  if (query.order_by.size() > names.size()) {
    return FieldError(
        "order_by", absl::StrCat("found ", query.order_by.size(), " columns; allowed: at most the ",
                                 names.size(), " that the result has"));
  }
  for (size_t i = 0; i < query.order_by.size(); ++i) {
    const OrderBy& wanted = query.order_by[i];
    const auto found = std::find(names.begin(), names.end(), wanted.column);
    if (found == names.end()) {
      return FieldError(
          absl::StrCat("order_by[", i, "].name"),
          absl::StrCat("the result has no column '", wanted.column.substr(0, 64), "'",
                       DidYouMean(wanted.column, names), "; allowed: ", ListedNames(names)),
          -1, NearestNames(wanted.column, names));
    }
    BoundOrder order = columns[static_cast<size_t>(found - names.begin())];
    if (order.target == BoundOrder::Target::kMetric &&
        IsHistogramList(bound, bound.metrics[order.index])) {
      return RefuseUnordered(absl::StrCat("order_by[", i, "].name"), *found);
    }
    order.descending = wanted.descending;
    bound.order_by.push_back(order);
  }
  return absl::OkStatus();
}

absl::Status BindTopN(const Query& query, BoundQuery& bound) {
  if (!query.top_n) return absl::OkStatus();
  const TopN& wanted = *query.top_n;
  if (bound.axes().empty()) {
    return FieldError("top_n", "there are no groups to choose from; allowed: with group_by");
  }
  if (wanted.count == 0) return FieldError("top_n.count", "found 0; allowed: 1 or more");
  BoundTopN top = {.count = wanted.count, .smallest = wanted.smallest, .others = wanted.others};
  if (!wanted.metric.empty()) {
    std::vector<std::string> names;
    for (const BoundMetric& metric : bound.metrics) names.push_back(metric.name);
    const auto found = std::find(names.begin(), names.end(), wanted.metric);
    if (found == names.end()) {
      return FieldError(
          "top_n.metric",
          absl::StrCat("the request has no metric '", wanted.metric.substr(0, 64), "'",
                       DidYouMean(wanted.metric, names), "; allowed: ", ListedNames(names)),
          -1, NearestNames(wanted.metric, names));
    }
    top.metric = static_cast<uint32_t>(found - names.begin());
  }
  const BoundMetric& ranking = bound.metrics[top.metric];
  if (IsHistogramList(bound, ranking)) return RefuseUnordered("top_n.metric", ranking.name);
  bound.top_n = top;
  return absl::OkStatus();
}

absl::Status BindTotals(const Query& query, BoundQuery& bound) {
  bound.totals = query.totals;
  if (query.totals == Totals::kNone) return absl::OkStatus();
  const size_t num_axes = bound.axes().size();
  if (num_axes == 0 || num_axes > kMaxTotalsAxes) {
    return FieldError("totals",
                      absl::StrCat("totals over ", num_axes, " groupings; allowed: with 1 to ",
                                   kMaxTotalsAxes, " of group_by"));
  }
  return absl::OkStatus();
}

/// A list of a cell has no condition.
absl::Status CheckNoLists(const Schema& schema, const Predicate& condition,
                          const std::string& field) {
  for (const std::string& name : ColumnsOf(condition)) {
    const std::optional<ColumnIndex> column = schema.Find(name);
    if (!column || schema.field(*column).type.kind != TypeKind::kList) continue;
    return FieldError(field, absl::StrCat("'", name,
                                          "' is a list; allowed: group columns, 'start' "
                                          "and metrics of single values"));
  }
  return absl::OkStatus();
}

absl::Status BindHaving(const Query& query, int64_t as_of_us, BoundQuery& bound) {
  if (!query.having && query.having_text.empty()) return absl::OkStatus();
  const Schema schema = ResultSchema(bound);
  PartsBudget parts;
  PredicateContext context = {schema, bound.time_zone, bound.limits, as_of_us, &parts};
  context.division = Division::kFloat64;  // rule 1
  std::vector<std::pair<Predicate, std::string>> conditions;
  if (query.having) conditions.emplace_back(*query.having, "having");
  if (!query.having_text.empty()) {
    SEXTANT_ASSIGN_OR_RETURN(Predicate parsed, ParseFilter(query.having_text, "having_text"));
    conditions.emplace_back(std::move(parsed), "having_text");
  }
  for (const auto& [condition, field] : conditions) {
    SEXTANT_RETURN_IF_ERROR(CheckNoLists(schema, condition, field));
    SEXTANT_ASSIGN_OR_RETURN(BoundPredicate one, BindPredicate(context, condition));
    bound.having =
        bound.having ? Conjunction(*std::move(bound.having), std::move(one)) : std::move(one);
  }
  return absl::OkStatus();
}

absl::Status BindLimits(const Query& query, BoundQuery& bound) {
  bound.fill = query.fill;
  bound.limit = query.limit;
  if (!query.max_cells) return absl::OkStatus();
  if (*query.max_cells == 0) return FieldError("max_cells", "found 0; allowed: 1 or more");
  const uint64_t num_metrics = bound.metrics.size();
  if (*query.max_cells <= bound.limits.max_values / num_metrics) {
    bound.limits.max_values = *query.max_cells * num_metrics;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BindResult(const Query& query, int64_t as_of_us, BoundQuery& bound) {
  SEXTANT_RETURN_IF_ERROR(BindTopN(query, bound));
  SEXTANT_RETURN_IF_ERROR(BindTotals(query, bound));
  SEXTANT_RETURN_IF_ERROR(CheckResultNames(bound));
  SEXTANT_RETURN_IF_ERROR(BindOrderBy(query, bound));
  SEXTANT_RETURN_IF_ERROR(BindHaving(query, as_of_us, bound));
  return BindLimits(query, bound);
}

}  // namespace sextant
