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
      WriteSpan(metric.pin, *definition.mutable_during());
      break;
    case TimePin::Kind::kAsOfEnd:
      WriteSpan(metric.pin, *definition.mutable_as_of_end());
      break;
  }
  definition.set_domain(metric.domain);
  if (metric.clip) definition.set_clip(*metric.clip);
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
  SEXTANT_ASSIGN_OR_RETURN(const Metric metric, catalog.Resolve(name));
  v1::Metric wire;
  WriteDefinition(metric, *wire.mutable_definition());
  wire.set_description(catalog.metrics().at(name).description);
  std::set<std::string> datasets;
  AddDatasets(metric, datasets);
  for (const std::string& dataset : datasets) wire.add_datasets(dataset);
  for (const Metric& operand : metric.components) wire.add_operands(operand.name);
  return wire;
}

absl::StatusOr<std::vector<std::string>> ComponentsOf(const MetricCatalog& catalog,
                                                      const std::string& name) {
  SEXTANT_ASSIGN_OR_RETURN(const Metric metric, catalog.Resolve(name));
  std::set<std::string> names;
  AddComponents(metric, names);
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace sextant
