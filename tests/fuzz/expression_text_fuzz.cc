// The text of a filter, a metric, a derived column or a `having`, as callers and catalogues write
// it: the first byte says which ('f', 'm', 'd', 'h'), the rest is the text.
#include <string>
#include <string_view>

#include "compute/memory/check.h"
#include "compute/plan/binder.h"
#include "compute/plan/expression_parser.h"
#include "tests/fuzz/fuzz_table.h"
#include "tests/fuzz/fuzz_target.h"

namespace sextant::fuzz {
namespace {

Metric MetricOf(std::string expression) {
  Metric metric;
  metric.name = "m";
  metric.dataset = "items";
  metric.expression = std::move(expression);
  metric.pin = TimePin::At("at");
  return metric;
}

Query QueryOf(Metric metric) {
  Query query;
  query.metrics = {std::move(metric)};
  query.time_zone = "Europe/Berlin";
  return query;
}

void RunText(char kind, const std::string& text) {
  Query query = QueryOf(MetricOf("count(*)"));
  switch (kind) {
    case 'm':
      query.metrics[0].expression = text;
      query.group_by = {GroupAxis::Of("e")};
      return RunToTheEnd(query);
    case 'd': {
      const absl::StatusOr<BoundDerivedColumn> column =
          BindDerived("derived", text, ItemsTable()->schema());
      return column.ok() ? void() : CheckRefusal(column.status());
    }
    case 'h':
      query.group_by = {GroupAxis::Of("t"), GroupAxis::Of("i4")};
      query.having_text = text;
      return RunToTheEnd(query);
    default:
      query.where = text;
      return RunToTheEnd(query);
  }
}

}  // namespace
}  // namespace sextant::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (!input.empty()) sextant::fuzz::RunText(input[0], std::string(input.substr(1)));
  return 0;
}
