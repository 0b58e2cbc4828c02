#include "absl/strings/str_cat.h"
#include "service/catalog/catalog.h"
#include "service/cli/commands.h"
#include "service/cli/table_format.h"
#include "service/cli/text_format.h"
#include "sextant/v1/admin_service.grpc.pb.h"
#include "sextant/v1/catalog_service.grpc.pb.h"

namespace sextant {
namespace {

const char* StateName(v1::DatasetState state) {
  switch (state) {
    case v1::DATASET_STATE_LOADING:
      return "loading";
    case v1::DATASET_STATE_SERVING:
      return "serving";
    case v1::DATASET_STATE_FAILED:
      return "failed";
    default:
      return "unknown";
  }
}

/// Rows that the caller may see: unknown without a version, and of tenants when no tenant asks.
std::string RowsText(const ConnectionFlags& connection, const v1::Dataset& dataset) {
  const bool belongs_to_others = !dataset.tenant_column().empty() && connection.tenant.empty();
  if (dataset.version() == 0 || belongs_to_others) return "-";
  return HumanInteger(dataset.row_count());
}

/// None of a dataset of tenants.
void WriteIndexes(const v1::Dataset& dataset, std::ostream& out) {
  AlignedTable table({"index of", "built", "bytes", "us"}, {false, true, true, true});
  for (const v1::DatasetIndex& index : dataset.indexes()) {
    table.AddRow({Printable(index.column()), absl::StrCat(index.parts_built(), "/", index.parts()),
                  HumanInteger(index.memory_bytes()), HumanInteger(index.build_us())});
  }
  if (table.empty()) return;
  out << '\n';
  table.Write(out);
}

std::string DistinctText(const v1::DatasetStatistics& column) {
  if (!column.has_distinct_count()) return "-";
  return absl::StrCat(column.distinct_count_is_exact() ? "" : "~",
                      HumanInteger(column.distinct_count()));
}

/// "yes", or in how many parts the values ascend.
std::string SortedText(const v1::DatasetStatistics& column) {
  if (column.is_sorted()) return "yes";
  return absl::StrCat(column.parts_sorted(), "/", column.parts());
}

/// None of a dataset of tenants.
void WriteStatistics(const v1::Dataset& dataset, std::ostream& out) {
  AlignedTable table({"statistics of", "nulls", "distinct", "min", "max", "sorted", "bytes", "us"},
                     {false, true, true, false, false, true, true, true});
  for (const v1::DatasetStatistics& column : dataset.statistics()) {
    table.AddRow({Printable(column.column()), HumanInteger(column.null_count()),
                  DistinctText(column),
                  column.has_min_value() ? Printable(column.min_value()) : "-",
                  column.has_max_value() ? Printable(column.max_value()) : "-", SortedText(column),
                  HumanInteger(column.memory_bytes()), HumanInteger(column.build_us())});
  }
  if (table.empty()) return;
  out << '\n';
  table.Write(out);
}

int ShowDataset(const ConnectionFlags& connection, const std::string& name, std::ostream& out,
                std::ostream& errors) {
  const auto stub = v1::CatalogService::NewStub(OpenChannel(connection));
  grpc::ClientContext context;
  PrepareContext(connection, context);
  v1::GetDatasetRequest request;
  request.set_name(name);
  v1::GetDatasetResponse response;
  const grpc::Status status = stub->GetDataset(&context, request, &response);
  if (!status.ok()) return ReportFailure(status, nullptr, errors);
  const v1::Dataset& dataset = response.dataset();
  out << Printable(dataset.name()) << ": " << StateName(dataset.state());
  if (dataset.version() > 0) {
    out << ", version " << dataset.version() << " as of " << dataset.as_of();
    const std::string rows = RowsText(connection, dataset);
    if (rows != "-") out << ", " << rows << " rows";
  }
  if (!dataset.tenant_column().empty())
    out << ", tenants by " << Printable(dataset.tenant_column());
  out << "\n\n";
  AlignedTable table({"column", "type", "nullable"}, {false, false, false});
  for (const v1::DatasetColumn& column : dataset.columns()) {
    table.AddRow({Printable(column.name()), column.type(), column.nullable() ? "yes" : "no"});
  }
  if (!table.empty()) table.Write(out);
  WriteStatistics(dataset, out);
  WriteIndexes(dataset, out);
  return kExitOk;
}

}  // namespace

int RunDatasets(const ConnectionFlags& connection, const std::string& name, std::ostream& out,
                std::ostream& errors) {
  if (!name.empty()) return ShowDataset(connection, name, out, errors);
  const auto stub = v1::CatalogService::NewStub(OpenChannel(connection));
  AlignedTable table({"dataset", "group", "source", "state", "version", "rows", "as of"},
                     {false, false, false, false, true, true, false});
  v1::ListDatasetsRequest request;
  do {
    grpc::ClientContext context;
    PrepareContext(connection, context);
    v1::ListDatasetsResponse response;
    const grpc::Status status = stub->ListDatasets(&context, request, &response);
    if (!status.ok()) return ReportFailure(status, nullptr, errors);
    for (const v1::Dataset& dataset : response.datasets()) {
      table.AddRow({Printable(dataset.name()), Printable(dataset.group()),
                    Printable(dataset.source()), StateName(dataset.state()),
                    absl::StrCat(dataset.version()), RowsText(connection, dataset),
                    dataset.as_of()});
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  table.Write(out);
  return kExitOk;
}

int RunCalendars(const ConnectionFlags& connection, std::ostream& out, std::ostream& errors) {
  const auto stub = v1::CatalogService::NewStub(OpenChannel(connection));
  AlignedTable table({"calendar", "dataset", "start", "end", "label", "description"},
                     {false, false, false, false, false, false});
  v1::ListCalendarsRequest request;
  do {
    grpc::ClientContext context;
    PrepareContext(connection, context);
    v1::ListCalendarsResponse response;
    const grpc::Status status = stub->ListCalendars(&context, request, &response);
    if (!status.ok()) return ReportFailure(status, nullptr, errors);
    for (const v1::Calendar& calendar : response.calendars()) {
      const std::string end = calendar.last_day().empty()
                                  ? calendar.end()
                                  : absl::StrCat(calendar.last_day(), " (last day)");
      table.AddRow({Printable(calendar.name()), Printable(calendar.dataset()),
                    Printable(calendar.start()), Printable(end), Printable(calendar.label()),
                    Printable(calendar.description())});
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  table.Write(out);
  return kExitOk;
}

int RunRefresh(const ConnectionFlags& connection, const std::string& dataset, bool wait,
               std::ostream& out, std::ostream& errors) {
  const auto stub = v1::AdminService::NewStub(OpenChannel(connection));
  grpc::ClientContext context;
  PrepareContext(connection, context);
  v1::RefreshDatasetRequest request;
  request.set_name(dataset);
  request.set_wait(wait);
  v1::RefreshDatasetResponse response;
  const grpc::Status status = stub->RefreshDataset(&context, request, &response);
  if (!status.ok()) return ReportFailure(status, nullptr, errors);
  const v1::DatasetStatus& refreshed = response.dataset();
  out << Printable(refreshed.name()) << ": " << (wait ? "refreshed" : "refresh asked")
      << ", version " << refreshed.version() << ", " << HumanInteger(refreshed.row_count())
      << " rows as of " << refreshed.as_of() << '\n';
  return kExitOk;
}

int RunCheck(const std::string& directory, std::ostream& out, std::ostream& errors) {
  const absl::StatusOr<Catalog> catalog = LoadCatalogFiles(directory);
  if (!catalog.ok()) {
    errors << catalog.status().message() << '\n';
    return kExitFailed;
  }
  out << directory << ": " << catalog->storage.sources.size() << " sources, "
      << catalog->storage.datasets.size() << " datasets, " << catalog->storage.groups.size()
      << " groups; the files are in order\n";
  return kExitOk;
}

}  // namespace sextant
