#include "compute/plan/binder.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/metric_binder.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/calendar.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/nearest_names.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

constexpr char kStartColumn[] = "start";
constexpr char kSeriesColumn[] = "interval";

absl::Status BindZone(const Query& query, BoundQuery& bound) {
  const absl::StatusOr<absl::TimeZone> zone = FindTimeZone(query.time_zone);
  if (!zone.ok()) return FieldError("time_zone", std::string(zone.status().message()));
  bound.time_zone = *zone;
  bound.time_zone_name = query.time_zone;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<int64_t>> BindRangeEnd(const std::string& text,
                                                    const std::string& field,
                                                    const absl::TimeZone& zone) {
  if (text.empty()) return std::nullopt;
  const absl::StatusOr<int64_t> instant_us = ParseRangeInstantUs(text, zone);
  if (!instant_us.ok()) return FieldError(field, std::string(instant_us.status().message()));
  return *instant_us;
}

absl::Status BindTimeRange(const Query& query, BoundQuery& bound) {
  SEXTANT_ASSIGN_OR_RETURN(bound.from_us,
                           BindRangeEnd(query.from, "time_range.from", bound.time_zone));
  SEXTANT_ASSIGN_OR_RETURN(bound.to_us, BindRangeEnd(query.to, "time_range.to", bound.time_zone));
  if (bound.from_us && bound.to_us && *bound.from_us >= *bound.to_us) {
    return FieldError("time_range", absl::StrCat("from (", query.from, ") must be before to (",
                                                 query.to, ") in ", query.time_zone));
  }
  return absl::OkStatus();
}

absl::Status BindSeries(const Query& query, BoundQuery& bound) {
  if (query.week_start < 1 || query.week_start > 7) {
    return FieldError("week_start", absl::StrCat("found day ", query.week_start,
                                                 "; allowed: 1 (Monday) to 7 (Sunday)"));
  }
  bound.week_start = query.week_start;
  bound.series = query.series;
  if (bound.series.empty()) bound.series.push_back({});
  std::set<std::string> names;
  for (size_t i = 0; i < bound.series.size(); ++i) {
    const TimeSeries& series = bound.series[i];
    const std::string field = absl::StrCat("series[", i, "]");
    const bool is_all = series.unit == CalendarUnit::kAll;
    if (series.count < 1 || (is_all && series.count != 1)) {
      return FieldError(field, absl::StrCat("found '", SeriesName(series),
                                            "'; allowed: 'all', or 1 or more of a unit"));
    }
    if (!names.insert(SeriesName(series)).second) {
      return FieldError(field, absl::StrCat("the series '", SeriesName(series),
                                            "' is given twice; allowed: once"));
    }
  }
  return absl::OkStatus();
}

absl::Status BindMetrics(const Query& query, int64_t as_of_us, BoundQuery& bound) {
  if (query.metrics.size() > static_cast<size_t>(bound.limits.max_metrics)) {
    return FieldError("metrics", absl::StrCat(query.metrics.size(), " metrics; ",
                                              bound.limits.max_metrics, " are allowed"));
  }
  const PredicateContext context = {*bound.datasets[0].schema, bound.time_zone, bound.limits,
                                    as_of_us};
  for (size_t i = 0; i < query.metrics.size(); ++i) {
    SEXTANT_ASSIGN_OR_RETURN(BoundMetric metric, BindMetric(context, query.metrics[i], i, bound));
    bound.metrics.push_back(std::move(metric));
  }
  return absl::OkStatus();
}

absl::Status BindAxes(const Query& query, BoundQuery& bound) {
  BoundDataset& dataset = bound.datasets[0];
  const Schema& schema = *dataset.schema;
  for (size_t i = 0; i < query.group_by.size(); ++i) {
    const std::string field = absl::StrCat("group_by[", i, "].column");
    const std::string& name = query.group_by[i].column;
    SEXTANT_ASSIGN_OR_RETURN(const ColumnIndex column, ResolveColumn(schema, name, field, -1));
    BoundAxis axis;
    axis.name = name;
    axis.column = column;
    axis.type = schema.field(column).type;
    if (axis.type.kind == TypeKind::kList) {
      axis.is_list = true;
      axis.type = axis.type.ElementType();
    }
    if (!IsGroupable(axis.type.kind)) {
      return FieldError(field, absl::StrCat("the column '", name, "' is ", TypeName(axis.type),
                                            ", which has no equality; allowed: every other type"));
    }
    dataset.axes.push_back(std::move(axis));
  }
  return absl::OkStatus();
}

/// The columns of the result are told apart by their names.
absl::Status CheckResultNames(const BoundQuery& bound) {
  std::set<std::string> names;
  if (bound.HasTimeAxis()) names.insert(kStartColumn);
  if (bound.series.size() > 1) names.insert(kSeriesColumn);
  for (size_t i = 0; i < bound.axes().size(); ++i) {
    if (names.insert(bound.axes()[i].name).second) continue;
    return FieldError(absl::StrCat("group_by[", i, "].column"),
                      absl::StrCat("the result has two columns '", bound.axes()[i].name,
                                   "'; allowed: each column once, and in a series none called "
                                   "'start' or 'interval'"));
  }
  for (size_t i = 0; i < bound.metrics.size(); ++i) {
    if (names.insert(bound.metrics[i].name).second) continue;
    return FieldError(absl::StrCat("metrics[", i, "].name"),
                      absl::StrCat("the result has two columns '", bound.metrics[i].name,
                                   "'; allowed: a name of its own for every metric"));
  }
  return absl::OkStatus();
}

absl::Status BindFilter(const Query& query, int64_t as_of_us, BoundQuery& bound) {
  BoundDataset& dataset = bound.datasets[0];
  const PredicateContext context = {*dataset.schema, bound.time_zone, bound.limits, as_of_us};
  if (query.filter) {
    SEXTANT_ASSIGN_OR_RETURN(dataset.filter, BindPredicate(context, *query.filter));
  }
  if (query.where.empty()) return absl::OkStatus();
  SEXTANT_ASSIGN_OR_RETURN(const Predicate parsed, ParseFilter(query.where, "where"));
  SEXTANT_ASSIGN_OR_RETURN(BoundPredicate where, BindPredicate(context, parsed));
  dataset.filter =
      dataset.filter ? Conjunction(*std::move(dataset.filter), std::move(where)) : std::move(where);
  return absl::OkStatus();
}

absl::Status BindOrderBy(const Query& query, BoundQuery& bound) {
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
  for (size_t i = 0; i < query.order_by.size(); ++i) {
    const OrderBy& wanted = query.order_by[i];
    const auto found = std::find(names.begin(), names.end(), wanted.column);
    if (found == names.end()) {
      return FieldError(absl::StrCat("order_by[", i, "].name"),
                        absl::StrCat("the result has no column '", wanted.column.substr(0, 64), "'",
                                     DidYouMean(wanted.column, names),
                                     " (allowed: a group column, 'start' in a series, a metric)"),
                        -1, NearestNames(wanted.column, names));
    }
    BoundOrder order = columns[static_cast<size_t>(found - names.begin())];
    order.descending = wanted.descending;
    bound.order_by.push_back(order);
  }
  return absl::OkStatus();
}

absl::Status BindLimits(const Query& query, BoundQuery& bound) {
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

absl::StatusOr<std::string> DatasetOf(const Query& query) {
  if (query.metrics.empty()) {
    return FieldError("metrics", "no metric is asked; allowed: one or more");
  }
  const std::string& dataset = query.metrics[0].dataset;
  for (size_t i = 0; i < query.metrics.size(); ++i) {
    const std::string field = absl::StrCat("metrics[", i, "].dataset");
    const std::string& other = query.metrics[i].dataset;
    if (other.empty()) return FieldError(field, "no dataset is named; allowed: the name of one");
    if (other != dataset) {
      return FieldError(field, absl::StrCat("found the dataset '", other, "' after '", dataset,
                                            "'; allowed: one dataset per request"));
    }
  }
  return dataset;
}

absl::StatusOr<BoundQuery> Bind(const Query& query, std::shared_ptr<const Schema> schema,
                                int64_t as_of_us, const QueryLimits& limits) {
  SEXTANT_CHECK(schema != nullptr);
  BoundQuery bound;
  BoundDataset dataset;
  SEXTANT_ASSIGN_OR_RETURN(dataset.name, DatasetOf(query));
  dataset.schema = std::move(schema);
  bound.datasets.push_back(std::move(dataset));
  bound.limits = limits;
  SEXTANT_RETURN_IF_ERROR(BindZone(query, bound));
  SEXTANT_RETURN_IF_ERROR(BindTimeRange(query, bound));
  SEXTANT_RETURN_IF_ERROR(BindSeries(query, bound));
  SEXTANT_RETURN_IF_ERROR(BindMetrics(query, as_of_us, bound));
  SEXTANT_RETURN_IF_ERROR(BindAxes(query, bound));
  SEXTANT_RETURN_IF_ERROR(CheckResultNames(bound));
  SEXTANT_RETURN_IF_ERROR(BindFilter(query, as_of_us, bound));
  SEXTANT_RETURN_IF_ERROR(BindOrderBy(query, bound));
  SEXTANT_RETURN_IF_ERROR(BindLimits(query, bound));
  if (bound.from_us && bound.to_us) {
    SEXTANT_RETURN_IF_ERROR(ResolveSeries(bound, *bound.from_us, *bound.to_us).status());
  }
  return bound;
}

absl::StatusOr<BoundDerivedColumn> BindDerived(const std::string& name, const std::string& text,
                                               const Schema& schema) {
  const std::string field = absl::StrCat("derived.", name);
  if (name.empty()) return FieldError("derived", "a derived column without a name");
  if (schema.Find(name)) {
    return FieldError(field, "the source has a column of that name; allowed: a new name");
  }
  SEXTANT_ASSIGN_OR_RETURN(const Expression expression, ParseValue(text, field));
  SEXTANT_ASSIGN_OR_RETURN(ResolvedValue value, ResolveValue(schema, expression, field));
  BoundDerivedColumn derived;
  derived.field.name = name;
  derived.field.type = value.value.type;
  // A difference is NULL where it overflows (rule 5).
  derived.field.nullable = !value.value.IsColumn() || schema.field(value.value.column).nullable;
  derived.field.enum_labels = std::move(value.enum_labels);
  derived.field.unit = std::move(value.unit);
  derived.value = value.value;
  return derived;
}

absl::StatusOr<std::vector<ResolvedSeries>> ResolveSeries(const BoundQuery& query, int64_t from_us,
                                                          int64_t to_us) {
  std::vector<ResolvedSeries> resolved;
  size_t num_left = static_cast<size_t>(query.limits.max_intervals);
  for (size_t i = 0; i < query.series.size(); ++i) {
    ResolvedSeries series = {
        .series = query.series[i], .name = SeriesName(query.series[i]), .intervals = {}};
    if (series.series.unit == CalendarUnit::kAll) {
      series.intervals = {{.start_us = from_us, .end_us = to_us, .is_partial = false}};
    } else if (from_us < to_us) {
      absl::StatusOr<std::vector<ResolvedInterval>> intervals =
          ResolveIntervals({.series = series.series,
                            .week_start = query.week_start,
                            .time_zone = query.time_zone,
                            .max_intervals = num_left},
                           {from_us, to_us});
      if (!intervals.ok()) {
        return FieldError(absl::StrCat("series[", i, "]"),
                          std::string(intervals.status().message()));
      }
      series.intervals = *std::move(intervals);
    }
    num_left -= std::min(num_left, series.intervals.size());
    resolved.push_back(std::move(series));
  }
  return resolved;
}

int64_t MidnightOf(const absl::TimeZone& zone, int64_t day) {
  return FirstInstantUs(absl::CivilSecond(absl::CivilDay(1970, 1, 1) + day), zone);
}

int64_t FirstDayNotBefore(const absl::TimeZone& zone, int64_t instant_us) {
  instant_us = std::clamp(instant_us, kMinInstantUs, kMaxInstantUs);
  const absl::CivilDay local(zone.At(absl::FromUnixMicros(instant_us)).cs);
  int64_t day = local - absl::CivilDay(1970, 1, 1);
  // Local time moves by hours at most, or by the day that a zone skipped.
  while (MidnightOf(zone, day - 1) >= instant_us) --day;
  while (MidnightOf(zone, day) < instant_us) ++day;
  return day;
}

}  // namespace sextant
