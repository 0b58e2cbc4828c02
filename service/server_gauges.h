#pragma once

#include <vector>

#include "compute/exec/result_cache.h"
#include "compute/exec/worker_pool.h"
#include "service/admission/accept_loop.h"
#include "service/instrumentation/service_metrics.h"
#include "storage/dataset_status.h"
#include "storage/refresher.h"

namespace sextant {

/// The plain counters of the other libraries, as metrics.
std::vector<SampledMetric> SamplePool(const WorkerPoolStats& stats);
std::vector<SampledMetric> SampleTables(const std::vector<DatasetStatus>& statuses);
std::vector<SampledMetric> SampleConnections(const Refresher::Stats& loads,
                                             const AcceptCounters& accepts);
std::vector<SampledMetric> SampleResultCache(const ResultCacheStats& stats);
SampledMetric SampleMemoryLimit(size_t limit_bytes);

}  // namespace sextant
