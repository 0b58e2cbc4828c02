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
#include "compute/plan/binder/derived_rows_binder.h"
#include "compute/plan/binder/filter_binder.h"
#include "compute/plan/binder/frame_binder.h"
#include "compute/plan/binder/histogram_binder.h"
#include "compute/plan/binder/metric_binder.h"
#include "compute/plan/binder/result_binder.h"
#include "compute/plan/binder/row_sources.h"
#include "compute/plan/binder/statistics_binder.h"
#include "compute/plan/binder/time_binder.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/calendar.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

absl::Status BindMetrics(const Query& query, std::span<const RowSource> sources, BindScope& scope,
                         BoundQuery& bound) {
  if (query.metrics.size() > static_cast<size_t>(bound.limits.max_metrics)) {
    return FieldError("metrics", absl::StrCat(query.metrics.size(), " metrics; ",
                                              bound.limits.max_metrics, " are allowed"));
  }
  if (query.clip) SEXTANT_RETURN_IF_ERROR(CheckClip(*query.clip));
  if (query.confidence) SEXTANT_RETURN_IF_ERROR(CheckConfidence(*query.confidence));
  AggregateList aggregates(bound, scope.parts());
  bound.metrics.reserve(query.metrics.size());
  // Some are quotients of two: aggregates are large to move.
  bound.aggregates.reserve(query.metrics.size() + query.metrics.size() / 2);
  if (bound.datasets.size() == 1) bound.datasets[0].aggregates.reserve(query.metrics.size());
  const MetricScope metrics = {.contexts = scope.contexts(),
                               .sources = sources,
                               .query = bound,
                               .aggregates = aggregates,
                               .parts = scope.parts(),
                               .clip = query.clip ? &*query.clip : nullptr};
  MetricScope compared = metrics;
  if (query.compare_to) {
    SEXTANT_ASSIGN_OR_RETURN(compared.frame, BindComparison(*query.compare_to, bound));
    bound.compared_to = compared.frame;
  }
  const StatisticsScope statistics = {query, bound, aggregates};
  bool has_any_bounds = false;
  for (size_t i = 0; i < query.metrics.size(); ++i) {
    SEXTANT_RETURN_IF_ERROR(BindMetric(metrics, query.metrics[i], i, bound.metrics.emplace_back()));
    SEXTANT_RETURN_IF_ERROR(AddHistogramColumns(statistics, i));
    if (query.samples || query.confidence) {
      SEXTANT_ASSIGN_OR_RETURN(const bool has_bounds,
                               BindStatistics(statistics, query.metrics[i], i));
      has_any_bounds |= has_bounds;
    }
    if (!query.compare_to) continue;
    SEXTANT_RETURN_IF_ERROR(
        BindMetric(compared, query.metrics[i], i, bound.metrics.emplace_back()));
    SEXTANT_RETURN_IF_ERROR(AddHistogramColumns(statistics, i));
  }
  return query.confidence && !has_any_bounds ? RefuseWithoutBounds(query) : absl::OkStatus();
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

/// What is bound, and against what.
struct Binding {
  const Query& query;
  const std::vector<RowSource>& sources;
  int64_t as_of_us;
  const QueryLimits& limits;
  const Dimensions& dimensions;
};

/// `set_rows` gives each dataset of the query its schema, and what derives its rows.
template <typename SetRows>
absl::StatusOr<BoundQuery> BindOver(const Binding& binding, const SetRows& set_rows) {
  absl::StatusOr<BoundQuery> result{absl::in_place};
  BoundQuery& bound = *result;
  bound.datasets.reserve(binding.sources.size());
  for (size_t i = 0; i < binding.sources.size(); ++i) {
    BoundDataset& dataset = bound.datasets.emplace_back();
    dataset.name = binding.sources[i].dataset;
    set_rows(i, dataset);
    SEXTANT_CHECK(dataset.schema != nullptr);
  }
  bound.limits = binding.limits;
  const Query& query = binding.query;
  SEXTANT_RETURN_IF_ERROR(BindTime(query, binding.as_of_us, bound));
  BindScope scope(bound, binding.as_of_us, binding.dimensions);
  SEXTANT_RETURN_IF_ERROR(BindMetrics(query, binding.sources, scope, bound));
  SEXTANT_RETURN_IF_ERROR(BindAxes(query, scope, bound));
  SEXTANT_RETURN_IF_ERROR(BindFilters(query, scope, bound));
  SEXTANT_RETURN_IF_ERROR(BindResult(query, binding.as_of_us, bound));
  SEXTANT_RETURN_IF_ERROR(CheckIntervals(bound));
  return result;
}

/// Of the dataset of each source. `schemas` are in the order of DatasetsOf.
std::vector<std::shared_ptr<const Schema>> SchemasOf(
    const std::vector<RowSource>& sources, std::span<const std::shared_ptr<const Schema>> schemas) {
  std::vector<std::shared_ptr<const Schema>> of_sources;
  size_t num_datasets = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    size_t same = 0;
    while (sources[same].dataset != sources[i].dataset) ++same;
    if (same == i) SEXTANT_CHECK(num_datasets < schemas.size());
    of_sources.push_back(same == i ? schemas[num_datasets++] : of_sources[same]);
  }
  SEXTANT_CHECK(num_datasets == schemas.size());
  return of_sources;
}

/// Binds twice: first to learn which columns of the datasets must have one value per key, then over
/// rows that have these. What is named and not read (x = NULL) is resolved both times.
absl::StatusOr<BoundQuery> BindWithDerivedRows(
    const Binding& binding, std::span<const std::shared_ptr<const Schema>> schemas) {
  const std::vector<RowSource>& sources = binding.sources;
  const std::vector<std::shared_ptr<const Schema>> own = SchemasOf(sources, schemas);
  std::vector<std::shared_ptr<const BoundDerivedRows>> rows(sources.size());
  const auto bind_rows = [&](size_t i, const std::vector<std::string>& constants) {
    return BindDerivedRows({sources[i], own[i], binding.query, binding.as_of_us, binding.limits},
                           constants);
  };
  const auto bind = [&] {
    return BindOver(binding, [&](size_t i, BoundDataset& dataset) {
      dataset.derived = rows[i];
      dataset.schema =
          rows[i] == nullptr ? own[i] : std::make_shared<Schema>(WithAllColumns(*rows[i]));
    });
  };
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].per == nullptr) continue;
    SEXTANT_ASSIGN_OR_RETURN(rows[i], bind_rows(i, {}));
  }
  absl::StatusOr<BoundQuery> bound = bind();
  if (!bound.ok()) return bound;
  bool is_again = false;
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].per == nullptr) continue;
    const std::vector<std::string> constants = ConstantsRead(*bound, i);
    if (constants.empty()) continue;
    SEXTANT_ASSIGN_OR_RETURN(rows[i], bind_rows(i, constants));
    is_again = true;
  }
  if (!is_again) return bound;
  bound = bind();
  for (size_t i = 0; bound.ok() && i < sources.size(); ++i) {
    SEXTANT_CHECK(sources[i].per == nullptr || ConstantsRead(*bound, i).empty());
  }
  return bound;
}

}  // namespace

absl::StatusOr<BoundQuery> Bind(const Query& query,
                                std::span<const std::shared_ptr<const Schema>> schemas,
                                int64_t as_of_us, const QueryLimits& limits,
                                const Dimensions& dimensions) {
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<RowSource> sources, RowSourcesOf(query));
  const bool has_derived = std::any_of(sources.begin(), sources.end(),
                                       [](const RowSource& one) { return one.per != nullptr; });
  const Binding binding = {query, sources, as_of_us, limits, dimensions};
  if (has_derived) return BindWithDerivedRows(binding, schemas);
  SEXTANT_CHECK(schemas.size() == sources.size());
  return BindOver(binding, [&](size_t i, BoundDataset& dataset) { dataset.schema = schemas[i]; });
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
    absl::StatusOr<std::vector<ResolvedInterval>> intervals =
        IntervalsOf({.series = query.series[i],
                     .week_start = query.week_start,
                     .time_zone = query.time_zone,
                     .max_intervals = num_left},
                    {from_us, to_us}, query.exclude_partial);
    if (!intervals.ok()) {
      return FieldError(absl::StrCat("series[", i, "]"), std::string(intervals.status().message()));
    }
    ResolvedSeries series = {.series = query.series[i],
                             .name = SeriesName(query.series[i]),
                             .intervals = *std::move(intervals)};
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
