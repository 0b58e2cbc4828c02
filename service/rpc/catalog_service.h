#pragma once

#include <vector>

#include "absl/status/status.h"
#include "compute/plan/metric_catalog.h"
#include "service/instrumentation/service_metrics.h"
#include "service/rpc/query_services.h"
#include "sextant/v1/catalog_service.grpc.pb.h"
#include "storage/dataset_spec.h"
#include "storage/table_cache.h"

namespace sextant {

/// CatalogService: answers from memory, at once, on the thread of the call; values of dimensions
/// are a query on the pool.
class CatalogService final : public v1::CatalogService::CallbackService {
 public:
  /// All outlive this.
  explicit CatalogService(const QueryServices& services);

  grpc::ServerUnaryReactor* ListDatasets(grpc::CallbackServerContext* context,
                                         const v1::ListDatasetsRequest* request,
                                         v1::ListDatasetsResponse* response) override;
  grpc::ServerUnaryReactor* GetDataset(grpc::CallbackServerContext* context,
                                       const v1::GetDatasetRequest* request,
                                       v1::GetDatasetResponse* response) override;
  grpc::ServerUnaryReactor* ListMetrics(grpc::CallbackServerContext* context,
                                        const v1::ListMetricsRequest* request,
                                        v1::ListMetricsResponse* response) override;
  grpc::ServerUnaryReactor* GetMetric(grpc::CallbackServerContext* context,
                                      const v1::GetMetricRequest* request,
                                      v1::GetMetricResponse* response) override;
  grpc::ServerUnaryReactor* ListCalendars(grpc::CallbackServerContext* context,
                                          const v1::ListCalendarsRequest* request,
                                          v1::ListCalendarsResponse* response) override;
  grpc::ServerUnaryReactor* ListDimensionValues(grpc::CallbackServerContext* context,
                                                const v1::ListDimensionValuesRequest* request,
                                                v1::ListDimensionValuesResponse* response) override;

 private:
  absl::Status FillMetrics(const v1::ListMetricsRequest& request,
                           v1::ListMetricsResponse& response) const;
  absl::Status FillMetric(const v1::GetMetricRequest& request,
                          v1::GetMetricResponse& response) const;
  absl::Status FillCalendars(const v1::ListCalendarsRequest& request,
                             v1::ListCalendarsResponse& response) const;
  absl::Status List(const TenantClaim& claim, const v1::ListDatasetsRequest& request,
                    v1::ListDatasetsResponse& response) const;
  absl::Status Get(const TenantClaim& claim, const v1::GetDatasetRequest& request,
                   v1::GetDatasetResponse& response) const;
  absl::Status Describe(const DatasetSpec& spec, const TenantClaim& claim, bool with_columns,
                        v1::Dataset& dataset) const;

  const QueryServices services_;
  const MetricCatalog& catalog_;
  const TableCache& cache_;
  ServiceMetrics& metrics_;
  std::vector<const DatasetSpec*> by_name_;
};

}  // namespace sextant
