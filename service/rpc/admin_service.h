#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "compute/memory/clock.h"
#include "service/instrumentation/service_metrics.h"
#include "sextant/v1/admin_service.grpc.pb.h"
#include "storage/table_cache.h"

namespace sextant {

/// What the process says of itself.
struct ServerState {
  std::string version;
  int64_t started_wall_us = 0;
  bool ready = false;
  bool draining = false;
  int64_t memory_used_bytes = 0;
  int64_t memory_limit_bytes = 0;
  int compute_threads = 0;
};

/// AdminService. A refresh that is waited for ends its call from the thread of the load.
class AdminService final : public v1::AdminService::CallbackService {
 public:
  /// As Refresher::RefreshNow.
  using Refresh =
      std::function<absl::Status(const std::string& dataset, std::function<void(absl::Status)>)>;

  /// All outlive this.
  AdminService(const TableCache& cache, const Clock& clock, ServiceMetrics& metrics,
               std::function<ServerState()> state, Refresh refresh);

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;
  grpc::ServerUnaryReactor* RefreshDataset(grpc::CallbackServerContext* context,
                                           const v1::RefreshDatasetRequest* request,
                                           v1::RefreshDatasetResponse* response) override;

 private:
  absl::Status FillStatus(v1::GetStatusResponse& response) const;

  const TableCache& cache_;
  const Clock& clock_;
  ServiceMetrics& metrics_;
  const std::function<ServerState()> state_;
  const Refresh refresh_;
};

}  // namespace sextant
