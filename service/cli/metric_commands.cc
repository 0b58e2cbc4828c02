#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/cli/commands.h"
#include "service/cli/table_format.h"
#include "service/cli/text_format.h"
#include "sextant/v1/catalog_service.grpc.pb.h"

namespace sextant {
namespace {

/// What a metric is, in a line.
std::string FormulaOf(const v1::MetricDefinition& definition) {
  if (!definition.derived().empty()) return definition.derived();
  if (!definition.has_ratio()) return definition.expression();
  const v1::Ratio& ratio = definition.ratio();
  if (ratio.offset() == 0) return absl::StrCat(ratio.numerator(), " / ", ratio.denominator());
  return absl::StrCat("(", ratio.numerator(), " + ", ratio.offset(), ") / (", ratio.denominator(),
                      " + ", ratio.offset(), ")");
}

std::string TimeOf(const v1::MetricDefinition& definition) {
  if (definition.has_during()) {
    return absl::StrCat("during [", definition.during().start(), ", ", definition.during().end(),
                        ")");
  }
  if (definition.has_as_of_end()) {
    return absl::StrCat("open at the end: [", definition.as_of_end().start(), ", ",
                        definition.as_of_end().end(), ")");
  }
  return definition.at().empty() ? "" : absl::StrCat("at ", definition.at());
}

void ShowMetric(const v1::Metric& metric, std::ostream& out) {
  const v1::MetricDefinition& definition = metric.definition();
  out << Printable(definition.name()) << " = " << Printable(FormulaOf(definition)) << '\n';
  const auto line = [&](const char* label, const std::string& text) {
    if (!text.empty()) out << "  " << label << Printable(text) << '\n';
  };
  line("", metric.description());
  line("unit: ", definition.unit());
  line("dataset: ", absl::StrJoin(metric.datasets(), ", "));
  line("time: ", TimeOf(definition));
  line("filter: ", definition.filter());
}

int ShowOne(const ConnectionFlags& connection, const std::string& name, std::ostream& out,
            std::ostream& errors) {
  const auto stub = v1::CatalogService::NewStub(OpenChannel(connection));
  grpc::ClientContext context;
  PrepareContext(connection, context);
  v1::GetMetricRequest request;
  request.set_name(name);
  v1::GetMetricResponse response;
  const grpc::Status status = stub->GetMetric(&context, request, &response);
  if (!status.ok()) return ReportFailure(status, nullptr, errors);
  ShowMetric(response.metric(), out);
  if (!response.components().empty()) out << "\nwhere\n";
  for (const v1::Metric& component : response.components()) ShowMetric(component, out);
  return kExitOk;
}

}  // namespace

int RunMetrics(const ConnectionFlags& connection, const std::string& name, std::ostream& out,
               std::ostream& errors) {
  if (!name.empty()) return ShowOne(connection, name, out, errors);
  const auto stub = v1::CatalogService::NewStub(OpenChannel(connection));
  AlignedTable table({"metric", "dataset", "unit", "definition"}, {false, false, false, false});
  v1::ListMetricsRequest request;
  do {
    grpc::ClientContext context;
    PrepareContext(connection, context);
    v1::ListMetricsResponse response;
    const grpc::Status status = stub->ListMetrics(&context, request, &response);
    if (!status.ok()) return ReportFailure(status, nullptr, errors);
    for (const v1::Metric& metric : response.metrics()) {
      table.AddRow(
          {Printable(metric.definition().name()), Printable(absl::StrJoin(metric.datasets(), ", ")),
           Printable(metric.definition().unit()), Printable(FormulaOf(metric.definition()))});
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  table.Write(out);
  return kExitOk;
}

}  // namespace sextant
