#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compute/exec/period_cache.h"
#include "compute/exec/query_executor.h"
#include "compute/exec/worker_pool.h"
#include "compute/memory/clock.h"
#include "compute/memory/memory_budget.h"
#include "compute/plan/metric_catalog.h"
#include "compute/plan/rows_query.h"
#include "service/admission/call_gate.h"
#include "service/admission/deadline.h"
#include "service/instrumentation/log.h"
#include "service/instrumentation/service_metrics.h"
#include "service/rpc/published_statistics.h"
#include "storage/refresher.h"
#include "storage/table_cache.h"

namespace sextant {

/// Of ExplainMetrics and VerifyMetrics, which show the SQL of a query over the source: with it the
/// catalogue's `where:` and `query:`.
struct InspectionOptions {
  bool allow_explain = true;
  bool allow_verify = true;
  /// What the rows of the SQL's answer may take.
  size_t max_sql_answer_bytes = size_t{256} << 20;
};

/// What the calls need of the process; everything outlives them.
struct QueryServices {
  CallGate& gate;
  TableCache& cache;
  WorkerPool& pool;
  QueryExecutor& executor;
  PeriodCache& periods;
  /// What all queries together may reserve, and each of them.
  MemoryBudget& query_budget;
  size_t memory_per_query_bytes;
  const Clock& clock;
  ServiceMetrics& metrics;
  const Log& log;
  const MetricCatalog& catalog;
  const StorageSpec& storage;
  const PublishedStatistics& statistics;
  /// Refresher::Inspect.
  std::function<absl::Status(const std::vector<std::string>& datasets, Inspection)> inspect;
  QueryLimits limits = {};
  RowsLimits rows_limits = {};
  int max_queries_per_batch = 64;
  DeadlineLimits deadlines = {};
  InspectionOptions inspection = {};
};

}  // namespace sextant
