#include "service/translation/metric_to_proto.h"

#include <set>

#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

void AddComponents(const Metric& metric, std::set<std::string>& names) {
  for (const Metric& component : metric.components) {
    names.insert(component.name);
    AddComponents(component, names);
  }
}

void AddDatasets(const Metric& metric, std::set<std::string>& datasets) {
  if (!metric.dataset.empty()) datasets.insert(metric.dataset);
  for (const Metric& component : metric.components) AddDatasets(component, datasets);
}

void WriteSpan(const TimePin& pin, v1::TimeSpan& span) {
  span.set_start(pin.start);
  span.set_end(pin.end);
}

void WritePer(const PerKey& per, v1::PerKey& wire) {
  for (const std::string& key : per.keys) wire.add_keys(key);
  for (const PerKey::Column& column : per.select) {
    v1::PerKey::Column& selected = *wire.add_select();
    selected.set_name(column.name);
    selected.set_expression(column.expression);
  }
}

void WriteHistogram(const Metric::Histogram& histogram, v1::Histogram& wire) {
  wire.set_of(histogram.of);
  wire.set_bins(static_cast<int32_t>(histogram.bins));
  wire.mutable_edges()->Assign(histogram.edges.begin(), histogram.edges.end());
  wire.set_scale(histogram.is_log ? v1::HISTOGRAM_SCALE_LOG : v1::HISTOGRAM_SCALE_LINEAR);
}

v1::ConcurrencyStatistic StatisticOf(Metric::Concurrency concurrency) {
  return concurrency == Metric::Concurrency::kMax ? v1::CONCURRENCY_STATISTIC_MAX
                                                  : v1::CONCURRENCY_STATISTIC_MEAN;
}

void WriteDefinition(const Metric& metric, v1::MetricDefinition& definition) {
  definition.set_name(metric.name);
  definition.set_dataset(metric.dataset);
  definition.set_expression(metric.expression);
  definition.set_filter(metric.filter);
  definition.set_unit(metric.unit);
  definition.set_derived(metric.derived);
  switch (metric.pin.kind) {
    case TimePin::Kind::kNone:
      break;
    case TimePin::Kind::kAt:
      definition.set_at(metric.pin.start);
      break;
    case TimePin::Kind::kDuring:
      WriteSpan(metric.pin, metric.concurrency ? *definition.mutable_concurrency()->mutable_during()
                                               : *definition.mutable_during());
      break;
    case TimePin::Kind::kAsOfEnd:
      WriteSpan(metric.pin, *definition.mutable_as_of_end());
      break;
  }
  definition.set_domain(metric.domain);
  if (metric.per != nullptr) WritePer(*metric.per, *definition.mutable_per());
  if (metric.clip) definition.set_clip(*metric.clip);
  definition.set_zero_when_empty(metric.is_zero_when_empty);
  if (metric.cumulative) {
    definition.mutable_cumulative()->set_of(metric.cumulative->of);
    definition.mutable_cumulative()->set_window(metric.cumulative->window);
    definition.mutable_cumulative()->set_to_date(metric.cumulative->to_date);
  }
  if (metric.concurrency) {
    definition.mutable_concurrency()->set_statistic(StatisticOf(*metric.concurrency));
  }
  if (metric.histogram) WriteHistogram(*metric.histogram, *definition.mutable_histogram());
  if (metric.ratio) {
    definition.mutable_ratio()->set_numerator(metric.ratio->numerator);
    definition.mutable_ratio()->set_denominator(metric.ratio->denominator);
    definition.mutable_ratio()->set_offset(metric.ratio->offset);
  }
  if (metric.threshold) {
    definition.mutable_threshold()->set_of(metric.threshold->of);
    definition.mutable_threshold()->set_op(metric.threshold->op);
    definition.mutable_threshold()->set_value(metric.threshold->value);
  }
  if (metric.sum_of) {
    for (const std::string& name : metric.sum_of->names) {
      definition.mutable_sum_of()->add_metrics(name);
    }
    definition.mutable_sum_of()->set_complete(metric.sum_of->is_complete);
  }
}

}  // namespace

absl::StatusOr<v1::Metric> MetricToProto(const MetricCatalog& catalog, const std::string& name) {
  SEXTANT_ASSIGN_OR_RETURN(const Metric metric, catalog.ResolveSample(name));
  const CatalogMetric& entry = catalog.metrics().at(name);
  v1::Metric wire;
  WriteDefinition(entry.metric, *wire.mutable_definition());
  wire.set_description(entry.description);
  for (const MetricParameter& parameter : entry.parameters) {
    v1::MetricParameter& told = *wire.add_parameters();
    told.set_name(parameter.name);
    told.set_type(ParameterTypeName(parameter.type));
    if (parameter.default_value) told.set_default_value(*parameter.default_value);
  }
  std::set<std::string> datasets;
  AddDatasets(metric, datasets);
  for (const std::string& dataset : datasets) wire.add_datasets(dataset);
  for (const Metric& operand : metric.components) wire.add_operands(operand.name);
  return wire;
}

absl::StatusOr<std::vector<std::string>> ComponentsOf(const MetricCatalog& catalog,
                                                      const std::string& name) {
  SEXTANT_ASSIGN_OR_RETURN(const Metric metric, catalog.ResolveSample(name));
  std::set<std::string> names;
  AddComponents(metric, names);
  return std::vector<std::string>(names.begin(), names.end());
}

v1::Calendar CalendarToProto(const CatalogCalendar& calendar) {
  v1::Calendar wire;
  wire.set_name(calendar.name);
  wire.set_description(calendar.description);
  wire.set_dataset(calendar.dataset);
  wire.set_start(calendar.start);
  wire.set_end(calendar.end);
  wire.set_last_day(calendar.last_day);
  wire.set_label(calendar.label);
  return wire;
}

}  // namespace sextant
