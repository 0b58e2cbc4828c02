#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/catalog/catalog.h"
#include "service/cli/commands.h"
#include "service/cli/metric_page.h"
#include "service/cli/table_format.h"
#include "service/cli/text_format.h"
#include "service/translation/metric_to_proto.h"
#include "sextant/v1/catalog_service.grpc.pb.h"

namespace sextant {
namespace {

/// What a metric is, in a line.
std::string DefinitionOf(const v1::MetricDefinition& definition) {
  return definition.expression().empty() ? FormulaOf(definition) : definition.expression();
}

void ShowMetric(const v1::Metric& metric, std::ostream& out) {
  const v1::MetricDefinition& definition = metric.definition();
  out << Printable(definition.name()) << " = " << PrintableLine(DefinitionOf(definition)) << '\n';
  const auto line = [&](const char* label, const std::string& text) {
    if (!text.empty()) out << "  " << label << PrintableLine(text) << '\n';
  };
  line("", metric.description());
  line("unit: ", definition.unit());
  line("dataset: ", absl::StrJoin(metric.datasets(), ", "));
  line("time: ", TimeOf(definition));
  line("filter: ", definition.filter());
  if (definition.has_per()) line("a row per: ", absl::StrJoin(definition.per().keys(), ", "));
  for (const v1::PerKey::Column& column : definition.per().select()) {
    line("  ", absl::StrCat(column.name(), " = ", column.expression()));
  }
  line("samples: ", definition.domain());
  if (definition.has_clip()) line("clipped: ", definition.clip() ? "yes" : "no");
  if (definition.zero_when_empty()) line("empty: ", "zero");
  for (const v1::MetricParameter& parameter : metric.parameters()) {
    const std::string fallback =
        parameter.has_default_value() ? absl::StrCat(", default ", parameter.default_value()) : "";
    line("parameter: ", absl::StrCat("$", parameter.name(), " ", parameter.type(), fallback));
  }
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

/// Appends those of the server, page by page.
int ListAll(const ConnectionFlags& connection, std::vector<v1::Metric>& metrics,
            std::ostream& errors) {
  const auto stub = v1::CatalogService::NewStub(OpenChannel(connection));
  v1::ListMetricsRequest request;
  do {
    grpc::ClientContext context;
    PrepareContext(connection, context);
    v1::ListMetricsResponse response;
    const grpc::Status status = stub->ListMetrics(&context, request, &response);
    if (!status.ok()) return ReportFailure(status, nullptr, errors);
    metrics.insert(metrics.end(), response.metrics().begin(), response.metrics().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return kExitOk;
}

}  // namespace

int RunMetrics(const ConnectionFlags& connection, const std::string& name, std::ostream& out,
               std::ostream& errors) {
  if (!name.empty()) return ShowOne(connection, name, out, errors);
  std::vector<v1::Metric> metrics;
  if (const int code = ListAll(connection, metrics, errors); code != kExitOk) return code;
  AlignedTable table({"metric", "dataset", "unit", "definition"}, {false, false, false, false});
  for (const v1::Metric& metric : metrics) {
    table.AddRow(
        {Printable(metric.definition().name()), Printable(absl::StrJoin(metric.datasets(), ", ")),
         Printable(metric.definition().unit()), PrintableLine(DefinitionOf(metric.definition()))});
  }
  table.Write(out);
  return kExitOk;
}

int RunMetricPage(const ConnectionFlags& connection, std::ostream& out, std::ostream& errors) {
  std::vector<v1::Metric> metrics;
  if (const int code = ListAll(connection, metrics, errors); code != kExitOk) return code;
  out << MetricPage(metrics);
  return kExitOk;
}

int RunMetricPage(const std::string& directory, std::ostream& out, std::ostream& errors) {
  const absl::StatusOr<Catalog> catalog = LoadCatalogFiles(directory);
  if (!catalog.ok()) {
    errors << catalog.status().message() << '\n';
    return kExitFailed;
  }
  std::vector<v1::Metric> metrics;
  for (const auto& [name, entry] : catalog->metrics.metrics()) {
    const absl::StatusOr<v1::Metric> metric = MetricToProto(catalog->metrics, name);
    if (!metric.ok()) {
      errors << metric.status().message() << '\n';
      return kExitFailed;
    }
    metrics.push_back(*metric);
  }
  out << MetricPage(metrics);
  return kExitOk;
}

}  // namespace sextant
