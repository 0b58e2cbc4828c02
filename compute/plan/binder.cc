#include "compute/plan/binder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/aggregate_list.h"
#include "compute/plan/binder/axis_binder.h"
#include "compute/plan/binder/bind_scope.h"
#include "compute/plan/binder/clip_binder.h"
#include "compute/plan/binder/filter_binder.h"
#include "compute/plan/binder/metric_binder.h"
#include "compute/plan/binder/result_binder.h"
#include "compute/plan/binder/time_binder.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/calendar.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

absl::Status BindMetrics(const Query& query, BindScope& scope, BoundQuery& bound) {
  if (query.metrics.size() > static_cast<size_t>(bound.limits.max_metrics)) {
    return FieldError("metrics", absl::StrCat(query.metrics.size(), " metrics; ",
                                              bound.limits.max_metrics, " are allowed"));
  }
  if (query.clip) SEXTANT_RETURN_IF_ERROR(CheckClip(*query.clip));
  AggregateList aggregates(bound, scope.parts());
  bound.metrics.reserve(query.metrics.size());
  // Some are quotients of two: aggregates are large to move.
  bound.aggregates.reserve(query.metrics.size() + query.metrics.size() / 2);
  if (bound.datasets.size() == 1) bound.datasets[0].aggregates.reserve(query.metrics.size());
  for (size_t i = 0; i < query.metrics.size(); ++i) {
    SEXTANT_RETURN_IF_ERROR(BindMetric(
        {scope.contexts(), bound, aggregates, scope.parts(), query.clip ? &*query.clip : nullptr},
        query.metrics[i], i, bound.metrics.emplace_back()));
  }
  return absl::OkStatus();
}

/// Whether the range, where it is given, has intervals within the limit. They are made later.
absl::Status CheckIntervals(const BoundQuery& query) {
  if (!query.from_us || !query.to_us) return absl::OkStatus();
  if (query.series.size() == 1) {
    const TimeSeries& series = query.series[0];
    const bool is_sure =
        series.unit == CalendarUnit::kAll ||
        SurelyResolves({.series = series,
                        .week_start = query.week_start,
                        .time_zone = query.time_zone,
                        .max_intervals = static_cast<size_t>(query.limits.max_intervals)},
                       {*query.from_us, *query.to_us});
    if (is_sure) return absl::OkStatus();
  }
  return ResolveSeries(query, *query.from_us, *query.to_us).status();
}

}  // namespace

absl::StatusOr<BoundQuery> Bind(const Query& query,
                                std::span<const std::shared_ptr<const Schema>> schemas,
                                int64_t as_of_us, const QueryLimits& limits,
                                const Dimensions& dimensions) {
  SEXTANT_ASSIGN_OR_RETURN(std::vector<std::string> names, DatasetsOf(query));
  absl::StatusOr<BoundQuery> result{absl::in_place};
  BoundQuery& bound = *result;
  SEXTANT_CHECK(schemas.size() == names.size());
  bound.datasets.reserve(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    SEXTANT_CHECK(schemas[i] != nullptr);
    BoundDataset& dataset = bound.datasets.emplace_back();
    dataset.name = std::move(names[i]);
    dataset.schema = schemas[i];
  }
  bound.limits = limits;
  SEXTANT_RETURN_IF_ERROR(BindTime(query, as_of_us, bound));
  BindScope scope(bound, as_of_us, dimensions);
  SEXTANT_RETURN_IF_ERROR(BindMetrics(query, scope, bound));
  SEXTANT_RETURN_IF_ERROR(BindAxes(query, scope, bound));
  SEXTANT_RETURN_IF_ERROR(BindFilters(query, scope, bound));
  SEXTANT_RETURN_IF_ERROR(BindResult(query, as_of_us, bound));
  SEXTANT_RETURN_IF_ERROR(CheckIntervals(bound));
  return result;
}

absl::StatusOr<BoundQuery> Bind(const Query& query, const std::shared_ptr<const Schema>& schema,
                                int64_t as_of_us, const QueryLimits& limits) {
  return Bind(query, {&schema, 1}, as_of_us, limits);
}

absl::StatusOr<BoundDerivedColumn> BindDerived(const std::string& name, const std::string& text,
                                               const Schema& schema) {
  const std::string field = absl::StrCat("derived.", name);
  if (name.empty()) return FieldError("derived", "a derived column without a name");
  if (schema.Find(name)) {
    return FieldError(field, "the source has a column of that name; allowed: a new name");
  }
  SEXTANT_ASSIGN_OR_RETURN(const Expression expression, ParseValue(text, field));
  // Literals of a catalogue are in UTC (rule 15).
  PredicateContext context = {schema, absl::UTCTimeZone(), QueryLimits()};
  context.has_now = false;
  SEXTANT_ASSIGN_OR_RETURN(ResolvedValue value, ResolveValue(context, expression, field));
  BoundDerivedColumn derived;
  derived.field.name = name;
  derived.field.type = value.value.type;
  // A difference is NULL where it overflows (rule 5).
  derived.field.nullable = !value.value.IsColumn() || schema.field(value.value.column).nullable;
  derived.field.enum_labels.assign(value.typed.enum_labels.begin(), value.typed.enum_labels.end());
  derived.field.unit = value.typed.unit;
  derived.field.is_blank_padded = value.typed.is_blank_padded;
  derived.value = std::move(value.value);
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
      if (query.exclude_partial) {
        std::erase_if(series.intervals, [](const auto& interval) { return interval.is_partial; });
      }
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
