#include "compute/plan/rows_query.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/aggregate_uses.h"
#include "compute/plan/binder.h"
#include "compute/plan/binder/group_condition.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/calendar.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/nearest_names.h"
#include "compute/plan/relative_time.h"
#include "compute/plan/series_text.h"

namespace sextant {
namespace {

constexpr size_t kMaxShownBytes = 64;

/// "FIELD: WHAT 'WANTED'; did you mean ..; allowed: ..".
absl::Status RefuseName(const std::string& field, const std::string& what,
                        const std::string& wanted, const std::vector<std::string>& names) {
  const std::string shown = wanted.substr(0, kMaxShownBytes);
  return FieldError(field,
                    absl::StrCat(what, " '", shown, "'", DidYouMean(shown, names),
                                 "; allowed: ", ListedNames(names)),
                    -1, NearestNames(shown, names));
}

/// The position of `wanted` among `names`; where it is not given, of the only one.
absl::StatusOr<size_t> Choose(const std::string& field, const std::string& what,
                              const std::string& wanted, const std::vector<std::string>& names) {
  if (wanted.empty() && names.size() == 1) return 0;
  if (wanted.empty()) {
    return FieldError(field, absl::StrCat("found nothing, and there are ", names.size(),
                                          "; allowed: ", ListedNames(names)));
  }
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found == names.end()) return RefuseName(field, what, wanted, names);
  return static_cast<size_t>(found - names.begin());
}

class RowsBinder {
 public:
  RowsBinder(const RowsQuery& rows, const BoundQuery& query, int64_t as_of_us,
             const RowsLimits& limits)
      : rows_(rows), query_(query), as_of_us_(as_of_us), limits_(limits) {}

  absl::StatusOr<BoundRowsQuery> Bind() {
    SEXTANT_RETURN_IF_ERROR(BindSamples());
    SEXTANT_RETURN_IF_ERROR(BindGroups());
    SEXTANT_RETURN_IF_ERROR(BindInterval());
    SEXTANT_RETURN_IF_ERROR(BindColumns());
    SEXTANT_RETURN_IF_ERROR(BindOrder());
    SEXTANT_RETURN_IF_ERROR(BindLimit());
    return std::move(bound_);
  }

 private:
  const BoundDataset& dataset() const { return query_.datasets[bound_.dataset]; }
  const Schema& schema() const { return *dataset().schema; }

  /// The aggregates of the metric, those of one dataset.
  absl::Status BindSamples() {
    std::vector<std::string> metrics;
    for (const BoundMetric& metric : query_.metrics) metrics.push_back(metric.name);
    SEXTANT_ASSIGN_OR_RETURN(const size_t metric,
                             Choose("metric", "the query has no metric", rows_.metric, metrics));
    const std::vector<uint32_t> aggregates = AggregatesOf(query_.metrics[metric].expression);
    const auto reads = [&](const BoundDataset& dataset) {
      return std::any_of(aggregates.begin(), aggregates.end(), [&](uint32_t aggregate) {
        return std::binary_search(dataset.aggregates.begin(), dataset.aggregates.end(), aggregate);
      });
    };
    std::vector<std::string> names;
    std::vector<size_t> positions;
    for (size_t i = 0; i < query_.datasets.size(); ++i) {
      if (!reads(query_.datasets[i])) continue;
      names.push_back(query_.datasets[i].name);
      positions.push_back(i);
    }
    SEXTANT_ASSIGN_OR_RETURN(
        const size_t chosen,
        Choose("dataset", absl::StrCat("the metric '", metrics[metric], "' does not read"),
               rows_.dataset, names));
    bound_.dataset = positions[chosen];
    if (dataset().derived != nullptr) {
      return FieldError("metric", absl::StrCat("the metric '", metrics[metric],
                                               "' reads rows that are made of others, one per key; "
                                               "allowed: metrics without `per`"));
    }
    BeginCell();
    for (const uint32_t aggregate : aggregates) {
      const std::vector<uint32_t>& own = dataset().aggregates;
      if (!std::binary_search(own.begin(), own.end(), aggregate)) continue;
      bound_.cell.datasets[0].aggregates.push_back(
          static_cast<uint32_t>(bound_.cell.aggregates.size()));
      bound_.cell.aggregates.push_back(query_.aggregates[aggregate]);
    }
    return absl::OkStatus();
  }

  void BeginCell() {
    BoundQuery& cell = bound_.cell;
    BoundDataset& own = cell.datasets.emplace_back();
    own.name = dataset().name;
    own.schema = dataset().schema;
    own.filter = dataset().filter;
    cell.exclude_partial = query_.exclude_partial;
    cell.week_start = query_.week_start;
    cell.time_zone_name = query_.time_zone_name;
    cell.time_zone = query_.time_zone;
    cell.from_us = query_.from_us;
    cell.to_us = query_.to_us;
    cell.limits = query_.limits;
  }

  absl::Status BindGroups() {
    const std::vector<BoundAxis>& axes = dataset().axes;
    std::vector<std::string> names;
    for (const BoundAxis& axis : axes) names.push_back(axis.name);
    std::vector<std::optional<BoundPredicate>> conditions(axes.size());
    for (size_t i = 0; i < rows_.group.size(); ++i) {
      const PickedGroup& group = rows_.group[i];
      const std::string field = absl::StrCat("group[", i, "]");
      const auto found = std::find(names.begin(), names.end(), group.axis);
      if (found == names.end()) {
        return RefuseName(field + ".axis", "the query is not grouped by", group.axis, names);
      }
      const auto axis = static_cast<size_t>(found - names.begin());
      if (conditions[axis]) {
        return FieldError(field + ".axis", absl::StrCat("the axis '", group.axis,
                                                        "' is given twice; allowed: once"));
      }
      const PredicateContext context = {schema(), query_.time_zone, query_.limits, as_of_us_};
      SEXTANT_ASSIGN_OR_RETURN(conditions[axis],
                               BindGroup(context, axes[axis], group.value, field + ".value"));
    }
    for (size_t axis = 0; axis < axes.size(); ++axis) {
      if (!conditions[axis]) conditions[axis] = InAnyGroup(axes[axis], schema());
      if (conditions[axis]) Narrow(*std::move(conditions[axis]));
    }
    return absl::OkStatus();
  }

  void Narrow(BoundPredicate condition) {
    std::optional<BoundPredicate>& filter = bound_.cell.datasets[0].filter;
    filter = filter ? Conjunction(*std::move(filter), std::move(condition)) : std::move(condition);
  }

  absl::Status BindInterval() {
    std::vector<std::string> names;
    for (const TimeSeries& series : query_.series) names.push_back(SeriesName(series));
    std::string wanted = rows_.series;
    if (!wanted.empty() && std::find(names.begin(), names.end(), wanted) == names.end()) {
      SEXTANT_ASSIGN_OR_RETURN(const TimeSeries series, ParseSeries(wanted, "interval"));
      wanted = SeriesName(series);
    }
    SEXTANT_ASSIGN_OR_RETURN(const size_t chosen,
                             Choose("interval", "the query has no series", wanted, names));
    bound_.cell.series.push_back(query_.series[chosen]);
    BindRange();
    if (rows_.start.empty()) return absl::OkStatus();
    if (query_.series[chosen].unit == CalendarUnit::kAll) {
      return FieldError("start", "the series 'all' has one interval; allowed: nothing");
    }
    const RangeClock clock = {query_.time_zone, as_of_us_, query_.week_start};
    SEXTANT_ASSIGN_OR_RETURN(bound_.instant_us, ParseRangeEndUs(rows_.start, clock, "start"));
    return absl::OkStatus();
  }

  /// Samples of all groups and metrics say where an open range begins and ends.
  void BindRange() {
    const bool has_pin =
        std::any_of(query_.aggregates.begin(), query_.aggregates.end(),
                    [](const BoundAggregate& one) { return one.pin.kind != TimePin::Kind::kNone; });
    if (!has_pin || (query_.from_us && query_.to_us)) return;
    BoundQuery& range = bound_.range.emplace(query_);
    for (BoundDataset& one : range.datasets) one.axes.clear();
    for (BoundAggregate& one : range.aggregates) {
      one.kind = AggregateKind::kCountRows;
      one.value = BoundValue();
      one.second = BoundValue();
      one.result_type = DataType::Of(TypeKind::kInt64);
      one.outside.reset();
      one.clip.reset();
    }
    BoundMetric count;
    count.name = "rows";
    count.expression.type = DataType::Of(TypeKind::kInt64);  // aggregate 0
    count.result_type = count.expression.type;
    range.metrics.assign(1, std::move(count));
    range.series.assign(1, TimeSeries());
    range.exclude_partial = false;
    range.fill = FillMode::kSparse;
    range.top_n.reset();
    range.totals = Totals::kNone;
    range.having.reset();
    range.order_by.clear();
    range.limit.reset();
  }

  absl::StatusOr<ColumnIndex> FindColumn(const std::string& name, const std::string& field) const {
    return ResolveColumn(schema(), name, field, /*position=*/-1);
  }

  absl::Status BindColumns() {
    for (size_t i = 0; i < rows_.columns.size(); ++i) {
      const std::string field = absl::StrCat("columns[", i, "]");
      SEXTANT_ASSIGN_OR_RETURN(const ColumnIndex column, FindColumn(rows_.columns[i], field));
      const std::vector<ColumnIndex>& before = bound_.columns;
      if (std::find(before.begin(), before.end(), column) != before.end()) {
        return FieldError(field, absl::StrCat("the column '", rows_.columns[i],
                                              "' is given twice; allowed: once"));
      }
      bound_.columns.push_back(column);
    }
    if (!bound_.columns.empty()) return absl::OkStatus();
    for (ColumnIndex column = 0; column < schema().num_fields(); ++column) {
      bound_.columns.push_back(column);
    }
    return absl::OkStatus();
  }

  absl::Status BindOrder() {
    if (rows_.order_by.size() > schema().num_fields()) {
      return FieldError("order_by",
                        absl::StrCat("found ", rows_.order_by.size(), " columns; allowed: at most ",
                                     "the ", schema().num_fields(), " that the dataset has"));
    }
    for (size_t i = 0; i < rows_.order_by.size(); ++i) {
      const std::string field = absl::StrCat("order_by[", i, "].name");
      SEXTANT_ASSIGN_OR_RETURN(const ColumnIndex column,
                               FindColumn(rows_.order_by[i].column, field));
      const DataType& type = schema().field(column).type;
      if (!IsGroupable(type.kind)) {
        return FieldError(field,
                          absl::StrCat("'", rows_.order_by[i].column, "' is ", TypeName(type),
                                       ", which has no order here; allowed: columns of "
                                       "single values other than json"));
      }
      bound_.order_by.push_back({column, rows_.order_by[i].descending});
    }
    return absl::OkStatus();
  }

  absl::Status BindLimit() {
    bound_.limit = rows_.limit.value_or(std::min(limits_.default_rows, limits_.max_rows));
    if (bound_.limit >= 1 && bound_.limit <= limits_.max_rows) return absl::OkStatus();
    return FieldError("limit",
                      absl::StrCat("found ", bound_.limit, ", allowed: 1 to ", limits_.max_rows));
  }

  const RowsQuery& rows_;
  const BoundQuery& query_;
  const int64_t as_of_us_;
  const RowsLimits& limits_;
  BoundRowsQuery bound_;
};

}  // namespace

absl::StatusOr<BoundRowsQuery> BindRows(const RowsQuery& rows, const BoundQuery& query,
                                        int64_t as_of_us, const RowsLimits& limits) {
  return RowsBinder(rows, query, as_of_us, limits).Bind();
}

absl::StatusOr<ResolvedSeries> ResolveInterval(const BoundRowsQuery& rows, int64_t from_us,
                                               int64_t to_us) {
  SEXTANT_ASSIGN_OR_RETURN(std::vector<ResolvedSeries> resolved,
                           ResolveSeries(rows.cell, from_us, to_us));
  ResolvedSeries series = std::move(resolved[0]);
  if (!rows.instant_us) return series;
  const std::vector<ResolvedInterval>& intervals = series.intervals;
  const auto found =
      std::find_if(intervals.begin(), intervals.end(), [&](const ResolvedInterval& interval) {
        return interval.start_us <= *rows.instant_us && *rows.instant_us < interval.end_us;
      });
  if (found != intervals.end()) {
    series.intervals = {ResolvedInterval(*found)};
    return series;
  }
  const absl::TimeZone& zone = rows.cell.time_zone;
  const std::string allowed =
      intervals.empty()
          ? "nothing, there is none"
          : absl::StrCat("an instant from ", FormatInstant(intervals.front().start_us, zone),
                         " until before ", FormatInstant(intervals.back().end_us, zone));
  return FieldError("start",
                    absl::StrCat("no interval of the series '", series.name, "' holds ",
                                 FormatInstant(*rows.instant_us, zone), "; allowed: ", allowed));
}

}  // namespace sextant
