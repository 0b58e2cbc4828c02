#include "service/rpc/catalog_service.h"

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "service/rpc/dimension_values_call.h"
#include "service/rpc/immediate_call.h"
#include "service/translation/dataset_to_proto.h"
#include "service/translation/metric_to_proto.h"

namespace sextant {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;

absl::StatusOr<int> PageSize(int asked) {
  if (asked >= 0 && asked <= kMaxPageSize) return asked == 0 ? kDefaultPageSize : asked;
  return FieldError("page_size", absl::StrCat("found ", asked, ", allowed: 0 to ", kMaxPageSize));
}

bool NameLess(const DatasetSpec* a, const DatasetSpec* b) { return a->name < b->name; }

}  // namespace

CatalogService::CatalogService(const QueryServices& services)
    : services_(services),
      catalog_(services.catalog),
      cache_(services.cache),
      metrics_(services.metrics) {
  for (const DatasetSpec& dataset : services.storage.datasets) by_name_.push_back(&dataset);
  std::sort(by_name_.begin(), by_name_.end(), NameLess);
}

grpc::ServerUnaryReactor* CatalogService::ListDatasets(grpc::CallbackServerContext* context,
                                                       const v1::ListDatasetsRequest* request,
                                                       v1::ListDatasetsResponse* response) {
  return AnswerAtOnce(*context, metrics_, RpcMethod::kListDatasets, *response,
                      [&](const TenantClaim& claim) { return List(claim, *request, *response); });
}

grpc::ServerUnaryReactor* CatalogService::GetDataset(grpc::CallbackServerContext* context,
                                                     const v1::GetDatasetRequest* request,
                                                     v1::GetDatasetResponse* response) {
  return AnswerAtOnce(*context, metrics_, RpcMethod::kGetDataset, *response,
                      [&](const TenantClaim& claim) { return Get(claim, *request, *response); });
}

grpc::ServerUnaryReactor* CatalogService::ListMetrics(grpc::CallbackServerContext* context,
                                                      const v1::ListMetricsRequest* request,
                                                      v1::ListMetricsResponse* response) {
  return AnswerAtOnce(*context, metrics_, RpcMethod::kListMetrics, *response,
                      [&](const TenantClaim&) { return FillMetrics(*request, *response); });
}

grpc::ServerUnaryReactor* CatalogService::GetMetric(grpc::CallbackServerContext* context,
                                                    const v1::GetMetricRequest* request,
                                                    v1::GetMetricResponse* response) {
  return AnswerAtOnce(*context, metrics_, RpcMethod::kGetMetric, *response,
                      [&](const TenantClaim&) { return FillMetric(*request, *response); });
}

grpc::ServerUnaryReactor* CatalogService::ListCalendars(grpc::CallbackServerContext* context,
                                                        const v1::ListCalendarsRequest* request,
                                                        v1::ListCalendarsResponse* response) {
  return AnswerAtOnce(*context, metrics_, RpcMethod::kListCalendars, *response,
                      [&](const TenantClaim&) { return FillCalendars(*request, *response); });
}

grpc::ServerUnaryReactor* CatalogService::ListDimensionValues(
    grpc::CallbackServerContext* context, const v1::ListDimensionValuesRequest* request,
    v1::ListDimensionValuesResponse* response) {
  return DimensionValuesCall::Begin(services_, *context, *request, *response);
}

absl::Status CatalogService::FillMetrics(const v1::ListMetricsRequest& request,
                                         v1::ListMetricsResponse& response) const {
  SEXTANT_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  const std::map<std::string, CatalogMetric>& metrics = catalog_.metrics();
  auto metric = metrics.upper_bound(request.page_token());
  for (; metric != metrics.end() && response.metrics_size() < page_size; ++metric) {
    SEXTANT_ASSIGN_OR_RETURN(v1::Metric wire, MetricToProto(catalog_, metric->first));
    const auto& datasets = wire.datasets();
    const bool fits = request.dataset().empty() || std::find(datasets.begin(), datasets.end(),
                                                             request.dataset()) != datasets.end();
    if (fits) *response.add_metrics() = std::move(wire);
  }
  if (metric != metrics.end()) {
    response.set_next_page_token(response.metrics().rbegin()->definition().name());
  }
  return absl::OkStatus();
}

absl::Status CatalogService::FillMetric(const v1::GetMetricRequest& request,
                                        v1::GetMetricResponse& response) const {
  if (request.name().empty()) {
    return FieldError("name", "found nothing, allowed: the name of a metric");
  }
  SEXTANT_ASSIGN_OR_RETURN(*response.mutable_metric(), MetricToProto(catalog_, request.name()));
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> components,
                           ComponentsOf(catalog_, request.name()));
  for (const std::string& component : components) {
    SEXTANT_ASSIGN_OR_RETURN(*response.add_components(), MetricToProto(catalog_, component));
  }
  return absl::OkStatus();
}

absl::Status CatalogService::FillCalendars(const v1::ListCalendarsRequest& request,
                                           v1::ListCalendarsResponse& response) const {
  SEXTANT_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  const std::map<std::string, CatalogCalendar>& calendars = catalog_.calendars();
  auto calendar = calendars.upper_bound(request.page_token());
  for (; calendar != calendars.end() && response.calendars_size() < page_size; ++calendar) {
    *response.add_calendars() = CalendarToProto(calendar->second);
  }
  if (calendar != calendars.end()) {
    response.set_next_page_token(response.calendars().rbegin()->name());
  }
  return absl::OkStatus();
}

absl::Status CatalogService::List(const TenantClaim& claim, const v1::ListDatasetsRequest& request,
                                  v1::ListDatasetsResponse& response) const {
  SEXTANT_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  // A page token is the last name of the page before, so that it stays good when datasets change.
  auto dataset = std::upper_bound(
      by_name_.begin(), by_name_.end(), request.page_token(),
      [](const std::string& token, const DatasetSpec* spec) { return token < spec->name; });
  for (; dataset != by_name_.end() && response.datasets_size() < page_size; ++dataset) {
    SEXTANT_RETURN_IF_ERROR(
        Describe(**dataset, claim, /*with_columns=*/false, *response.add_datasets()));
  }
  if (dataset != by_name_.end()) {
    response.set_next_page_token(response.datasets().rbegin()->name());
  }
  return absl::OkStatus();
}

absl::Status CatalogService::Get(const TenantClaim& claim, const v1::GetDatasetRequest& request,
                                 v1::GetDatasetResponse& response) const {
  if (request.name().empty()) {
    return FieldError("name", "found nothing, allowed: the name of a dataset");
  }
  const auto found = std::find_if(by_name_.begin(), by_name_.end(), [&](const DatasetSpec* spec) {
    return spec->name == request.name();
  });
  // The cache knows the error for a dataset that is not there, nearest names included.
  if (found == by_name_.end()) return cache_.StatusOf(request.name()).status();
  return Describe(**found, claim, /*with_columns=*/true, *response.mutable_dataset());
}

absl::Status CatalogService::Describe(const DatasetSpec& spec, const TenantClaim& claim,
                                      bool with_columns, v1::Dataset& dataset) const {
  SEXTANT_ASSIGN_OR_RETURN(const DatasetStatus status, cache_.StatusOf(spec.name));
  dataset = DatasetToProto(spec, status);
  const absl::StatusOr<std::shared_ptr<const Table>> table = cache_.Pin(spec.name);
  if (!table.ok()) return absl::OkStatus();  // loading: its state says so
  if (with_columns) {
    AddColumns((*table)->schema(), dataset);
    // They are of all rows, and a claim reaches all rows only where there are no tenants.
    if (spec.tenant.empty()) {
      AddIndexes(**table, dataset);
      AddStatistics(**table, services_.statistics.Of((*table)->identity()), dataset);
    }
  }
  // A caller without a tenant reaches no rows of a dataset of tenants.
  const absl::StatusOr<TenantScope> scope = TenantScope::Resolve(*table, claim);
  if (scope.ok()) dataset.set_row_count(static_cast<int64_t>(scope->num_rows()));
  return absl::OkStatus();
}

}  // namespace sextant
