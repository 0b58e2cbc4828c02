#include "tests/bench/peers/spec_request.h"

#include "absl/strings/str_cat.h"
#include "tests/bench/peers/spec_query.h"

namespace sextant::peers {
namespace {

v1::Value ValueOf(const std::string& text, bool is_number) {
  v1::Value value;
  if (is_number) {
    value.set_int_value(std::stoll(text));
  } else {
    value.set_string_value(text);
  }
  return value;
}

v1::Filter NotNull(const FilterSpec& spec) {
  v1::Filter filter;
  filter.mutable_is_not_null()->set_column(spec.column);
  return filter;
}

v1::Filter ComparisonOf(const FilterSpec& spec) {
  v1::Filter filter;
  v1::Comparison& comparison = *filter.mutable_comparison();
  comparison.mutable_operand()->set_column(spec.column);
  comparison.set_operator_(spec.op == "lt"   ? v1::Comparison::OPERATOR_LESS
                           : spec.op == "ge" ? v1::Comparison::OPERATOR_GREATER_OR_EQUAL
                                             : v1::Comparison::OPERATOR_EQUAL);
  *comparison.mutable_value() = ValueOf(spec.values.front(), spec.is_number);
  if (spec.op == "is") comparison.mutable_value()->set_bool_value(spec.values.front() == "true");
  return filter;
}

v1::Filter ListOf(const FilterSpec& spec) {
  v1::Filter filter;
  v1::ListMatch& match = *filter.mutable_list_match();
  match.set_column(spec.column);
  match.set_quantifier(spec.op == "any_of" ? v1::ListMatch::QUANTIFIER_ANY
                                           : v1::ListMatch::QUANTIFIER_NONE);
  match.mutable_values()->mutable_strings()->Assign(spec.values.begin(), spec.values.end());
  return filter;
}

v1::Filter RangeOf(const FilterSpec& spec) {
  const char* zone = spec.op == "range" ? "Z" : "";
  v1::Filter filter;
  v1::Range& range = *filter.mutable_range();
  range.mutable_operand()->set_column(spec.column);
  *range.mutable_low() = ValueOf(spec.low + zone, spec.is_number);
  *range.mutable_high() = ValueOf(spec.high + zone, spec.is_number);
  range.set_high_inclusive(spec.op == "between");
  return filter;
}

v1::Filter FilterOf(const FilterSpec& spec) {
  v1::Filter filter;
  if (spec.op == "in") {
    v1::InList& list = *filter.mutable_in_list();
    list.mutable_operand()->set_column(spec.column);
    list.mutable_values()->mutable_strings()->Assign(spec.values.begin(), spec.values.end());
    return filter;
  }
  if (spec.op == "null") {
    filter.mutable_is_null()->set_column(spec.column);
    return filter;
  }
  if (spec.op == "not_null") return NotNull(spec);
  if (spec.op == "any_of" || spec.op == "none_of") return ListOf(spec);
  return spec.op == "range" || spec.op == "between" ? RangeOf(spec) : ComparisonOf(spec);
}

}  // namespace

v1::ComputeMetricsRequest RequestOf(const QuerySpec& spec) {
  const Query query = QueryOf(spec);
  v1::ComputeMetricsRequest request;
  v1::QueryMetricsRequest& asked = *request.mutable_query();
  asked.set_dataset(spec.dataset);
  asked.set_time_zone(query.time_zone);
  std::string event;
  for (const Metric& metric : query.metrics) {
    v1::MetricDefinition& definition = *asked.add_metrics()->mutable_definition();
    definition.set_name(metric.name);
    definition.set_expression(metric.expression);
    definition.set_at(event = metric.pin.start);
  }
  for (const GroupAxis& axis : query.group_by) asked.add_group_by()->set_column(axis.column);
  for (const KeySpec& key : spec.keys) {
    if (!key.unit.empty())
      asked.add_series()->set_interval(key.unit == "month1" ? "month" : key.unit);
  }
  for (const FilterSpec& filter : spec.filters) {
    if (filter.op == "range" && filter.column == event) continue;
    *asked.mutable_filter()->mutable_all_of()->add_filters() = FilterOf(filter);
  }
  if (!query.from.empty()) {
    asked.mutable_time_range()->set_from(query.from);
    asked.mutable_time_range()->set_to(query.to);
  }
  return request;
}

}  // namespace sextant::peers
