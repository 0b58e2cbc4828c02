#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compute/exec/period_cache.h"
#include "compute/exec/query_executor.h"
#include "compute/exec/worker_pool.h"
#include "compute/memory/memory_budget.h"
#include "service/instrumentation/log.h"
#include "service/instrumentation/service_metrics.h"
#include "service/rpc/admin_service.h"
#include "service/rpc/catalog_service.h"
#include "service/rpc/grpc_server.h"
#include "service/rpc/metric_service.h"
#include "sextant/v1/admin_service.grpc.pb.h"
#include "sextant/v1/catalog_service.grpc.pb.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "storage/table_cache.h"

namespace sextant {

struct TestServiceOptions {
  int descriptor_cap = 0;
  DeadlineLimits deadlines = {};
  QueryLimits limits = {};
  RowsLimits rows_limits = {};
  int max_queries_per_batch = 64;
  size_t memory_per_query_bytes = size_t{1} << 30;
  InspectionOptions inspection = {};
  size_t result_cache_bytes = 0;  // no answer is kept
  int log_fd = -1;                // absent: nothing is logged
  /// Absent: there is no source to inspect.
  std::function<absl::Status(TableCache& cache, const std::vector<std::string>& datasets,
                             const Inspection& inspection)>
      inspect = nullptr;
};

/// The services over tables written out here, on a free port, without PostgreSQL:
///   commits   author, lines, committed_at, labels[]; 5 rows
///   visits    account (its tenant), page; 3 rows of two tenants
///   numbers   id (0 to 199,999), name (as long as a name is)
///   unloaded  declared, never published
///   words     name, at and f, at their edges: 2 rows
///   halves    the calendar `half`: 1970-01-01 is "short", the two days after it are "long"
///   terms     the calendar `term` of two tenants: of acme the four days from 1970-01-01 on are
///   "all",
///             of other the first one is "begin", and "rest" has no end
/// and the metrics commits, lines and lines-per-commit.
class TestService {
 public:
  explicit TestService(const TestServiceOptions& options = {});
  ~TestService();

  int port() const { return server_->port(); }
  GrpcServer& server() { return *server_; }
  ServiceMetrics& metrics() { return metrics_; }
  WorkerPool& pool() { return *pool_; }
  PeriodCache& periods() { return periods_; }
  TableCache& cache() { return cache_; }
  PublishedStatistics& statistics() { return statistics_; }
  CallGate& gate() { return gate_; }
  std::shared_ptr<grpc::Channel> channel() const { return channel_; }
  v1::MetricService::Stub& metric_stub() { return *metric_stub_; }
  v1::CatalogService::Stub& catalog_stub() { return *catalog_stub_; }
  v1::AdminService::Stub& admin_stub() { return *admin_stub_; }

  /// Ends the refreshes that wait with `status`.
  void FinishRefreshes(const absl::Status& status);
  size_t num_refreshes_waiting();

 private:
  QueryServices Services(const TestServiceOptions& options);
  absl::Status Refresh(const std::string& dataset, std::function<void(absl::Status)> done);

  const Log log_;
  const MetricCatalog metric_catalog_;
  const StorageSpec spec_;
  MemoryBudget query_budget_;
  ServiceMetrics metrics_;
  TableCache cache_;
  CallGate gate_;
  std::unique_ptr<ResultCache> results_;
  PeriodCache periods_;
  PublishedStatistics statistics_;
  std::unique_ptr<WorkerPool> pool_;
  QueryExecutor executor_;
  MetricService metric_service_;
  CatalogService catalog_service_;
  AdminService admin_service_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::MetricService::Stub> metric_stub_;
  std::unique_ptr<v1::CatalogService::Stub> catalog_stub_;
  std::unique_ptr<v1::AdminService::Stub> admin_stub_;
  std::mutex refreshes_mutex_;
  std::vector<std::function<void(absl::Status)>> refreshes_;
};

/// A request for one metric named "m".
v1::QueryMetricsRequest RequestFor(const std::string& dataset, const std::string& expression);

/// Everything that a stream gave.
struct StreamedAnswer {
  v1::Header header;
  std::vector<v1::Batch> batches;
  std::vector<v1::ArrowMessage> arrow;
  v1::Summary summary;
  int num_summaries = 0;
  int num_headers = 0;
  absl::Status status;  // with its ErrorDetail
  std::multimap<std::string, std::string> trailers;

  int64_t num_rows() const;
};

struct CallOptions {
  std::string tenant = {};
  int64_t timeout_ms = 30'000;
};

StreamedAnswer QueryAll(TestService& service, const v1::QueryMetricsRequest& request,
                        const CallOptions& options = {});

/// The same of its rows.
StreamedAnswer QueryRows(TestService& service, const v1::QueryRowsRequest& request,
                         const CallOptions& options = {});

absl::Status Compute(TestService& service, const v1::QueryMetricsRequest& request,
                     v1::ComputeMetricsResponse& response, const CallOptions& options = {});

/// Row `row` of column `column` as text; "NULL" for a null.
std::string TextAt(const v1::Header& header, const v1::Batch& batch, int column, int row);

/// All rows of an answer: "ann|3".
std::vector<std::string> RowTexts(const v1::Header& header, const std::vector<v1::Batch>& batches);

}  // namespace sextant
