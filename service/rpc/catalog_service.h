#pragma once

#include <vector>

#include "absl/status/status.h"
#include "service/instrumentation/service_metrics.h"
#include "sextant/v1/catalog_service.grpc.pb.h"
#include "storage/dataset_spec.h"
#include "storage/table_cache.h"

namespace sextant {

/// CatalogService: answers from memory, at once, on the thread of the call.
class CatalogService final : public v1::CatalogService::CallbackService {
 public:
  /// All outlive this.
  CatalogService(const StorageSpec& spec, const TableCache& cache, ServiceMetrics& metrics);

  grpc::ServerUnaryReactor* ListDatasets(grpc::CallbackServerContext* context,
                                         const v1::ListDatasetsRequest* request,
                                         v1::ListDatasetsResponse* response) override;
  grpc::ServerUnaryReactor* GetDataset(grpc::CallbackServerContext* context,
                                       const v1::GetDatasetRequest* request,
                                       v1::GetDatasetResponse* response) override;

 private:
  absl::Status List(const TenantClaim& claim, const v1::ListDatasetsRequest& request,
                    v1::ListDatasetsResponse& response) const;
  absl::Status Get(const TenantClaim& claim, const v1::GetDatasetRequest& request,
                   v1::GetDatasetResponse& response) const;
  absl::Status Describe(const DatasetSpec& spec, const TenantClaim& claim, bool with_columns,
                        v1::Dataset& dataset) const;

  const TableCache& cache_;
  ServiceMetrics& metrics_;
  std::vector<const DatasetSpec*> by_name_;
};

}  // namespace sextant
