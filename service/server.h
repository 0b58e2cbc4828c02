#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/query_executor.h"
#include "compute/exec/worker_pool.h"
#include "compute/memory/memory_budget.h"
#include "service/catalog/catalog.h"
#include "service/catalog_check.h"
#include "service/config/server_config.h"
#include "service/instrumentation/http_endpoint.h"
#include "service/instrumentation/log.h"
#include "service/instrumentation/service_metrics.h"
#include "service/rpc/admin_service.h"
#include "service/rpc/catalog_service.h"
#include "service/rpc/grpc_server.h"
#include "service/rpc/metric_service.h"
#include "storage/refresher.h"
#include "storage/table_cache.h"

namespace sextant {

/// The composition root: makes every part, connects them, starts them and stops them in order.
/// Thread-safety: Stop is called once, by any thread; the rest from any.
class Server {
 public:
  /// Listens on both ports, then starts to load. Not ready until the required datasets are there.
  /// Errors: of the addresses. `log` outlives the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerConfig& config, Catalog catalog,
                                                       const Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Says that it is not ready, waits `drain_delay_ms` for that to be seen, then lets the calls
  /// that run end within `drain_ms`; what is left then is cancelled. Loads are cancelled.
  void Stop();

  int grpc_port() const { return grpc_server_->port(); }
  int http_port() const { return http_endpoint_->port(); }
  /// Every required dataset is published, and the server is not stopping.
  bool IsReady() const;

 private:
  Server(const ServerConfig& config, Catalog catalog, const Log& log);

  absl::Status Listen();
  void StartLoads();
  QueryServices Services();
  ServerState State() const;
  HttpEndpoint::Pages Pages();
  HttpResponse ReadinessPage() const;
  void OnPublish(const std::vector<std::shared_ptr<const Table>>& tables);
  void OnLoadEvent(const LoadEvent& event);
  void UpdateHealth();

  const ServerConfig config_;
  const Log& log_;
  const StorageSpec storage_spec_;
  const MetricCatalog metric_catalog_;
  LoadedCatalogCheck catalog_check_;
  const int64_t started_wall_us_;
  std::atomic<bool> draining_{false};
  std::atomic<bool> was_ready_{false};
  std::atomic<bool> stopped_{false};

  MemoryBudget memory_;
  MemoryBudget cache_budget_;
  MemoryBudget query_budget_;
  ServiceMetrics metrics_;
  TableCache cache_;
  CallGate gate_;
  std::unique_ptr<ResultCache> results_;  // null: no answer is kept
  DerivedRowsCache derived_rows_;
  PeriodCache periods_;
  std::unique_ptr<WorkerPool> pool_;
  QueryExecutor executor_;
  const std::shared_ptr<PublishedStatistics> statistics_ = std::make_shared<PublishedStatistics>();
  Refresher refresher_;
  MetricService metric_service_;
  CatalogService catalog_service_;
  AdminService admin_service_;
  std::unique_ptr<GrpcServer> grpc_server_;
  std::unique_ptr<HttpEndpoint> http_endpoint_;
};

}  // namespace sextant
