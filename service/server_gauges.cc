#include "service/server_gauges.h"

#include <string>
#include <utility>

namespace sextant {
namespace {

using enum SampledMetric::Kind;

SampledMetric Single(const char* name, const char* help, SampledMetric::Kind kind, double value) {
  return {name, help, kind, {{.labels = {}, .value = value}}};
}

/// One sample per dataset.
template <typename Value>
SampledMetric PerTable(const char* name, const char* help, SampledMetric::Kind kind,
                       const std::vector<DatasetStatus>& statuses, Value value) {
  SampledMetric metric{name, help, kind, {}};
  for (const DatasetStatus& status : statuses) {
    metric.samples.push_back(
        {.labels = {{"table", status.dataset}}, .value = static_cast<double>(value(status))});
  }
  return metric;
}

}  // namespace

std::vector<SampledMetric> SamplePool(const WorkerPoolStats& stats) {
  SampledMetric depth{"sextant_queue_depth", "Tasks that wait for a worker", kGauge, {}};
  for (size_t p = 0; p < kPriorityLabels.size(); ++p) {
    depth.samples.push_back({.labels = {{"priority", std::string(kPriorityLabels[p])}},
                             .value = static_cast<double>(stats.queue_depth[p])});
  }
  return {std::move(depth), Single("sextant_compute_threads", "Workers", kGauge, stats.num_workers),
          Single("sextant_compute_busy_seconds_total", "Time that workers worked", kCounter,
                 static_cast<double>(stats.busy_us) * 1e-6)};
}

std::vector<SampledMetric> SampleTables(const std::vector<DatasetStatus>& statuses) {
  return {
      PerTable("sextant_cache_bytes", "Memory of the published version", kGauge, statuses,
               [](const DatasetStatus& status) { return status.bytes; }),
      PerTable("sextant_cache_rows", "Rows of the published version", kGauge, statuses,
               [](const DatasetStatus& status) { return status.rows; }),
      PerTable("sextant_cache_generation", "The published version; 0: none", kGauge, statuses,
               [](const DatasetStatus& status) { return status.version; }),
      PerTable(
          "sextant_cache_last_refresh_timestamp_seconds",
          "What instant of the source the published version shows, as Unix time", kGauge, statuses,
          [](const DatasetStatus& status) { return static_cast<double>(status.as_of_us) * 1e-6; }),
      PerTable("sextant_cache_refresh_failures_total", "Loads that failed", kCounter, statuses,
               [](const DatasetStatus& status) { return status.loads_failed; }),
  };
}

std::vector<SampledMetric> SampleConnections(const Refresher::Stats& loads,
                                             const AcceptCounters& accepts) {
  SampledMetric postgres{"sextant_pg_connections", "Connections to PostgreSQL", kGauge, {}};
  postgres.samples = {
      {.labels = {{"state", "busy"}}, .value = static_cast<double>(loads.connections_busy)},
      {.labels = {{"state", "limit"}}, .value = static_cast<double>(loads.connections_limit)}};
  SampledMetric connections{
      "sextant_connections_total", "Connections of clients, by what became of them", kCounter, {}};
  connections.samples = {
      {.labels = {{"result", "accepted"}}, .value = static_cast<double>(accepts.accepted)},
      {.labels = {{"result", "refused"}}, .value = static_cast<double>(accepts.refused)},
      {.labels = {{"result", "exhausted"}}, .value = static_cast<double>(accepts.exhausted)}};
  return {std::move(postgres), std::move(connections)};
}

std::vector<SampledMetric> SampleResultCache(const ResultCacheStats& stats) {
  SampledMetric lookups{
      "sextant_result_cache_lookups_total", "Queries, by how they were answered", kCounter, {}};
  lookups.samples = {
      {.labels = {{"result", "hit"}}, .value = static_cast<double>(stats.hits - stats.waits)},
      {.labels = {{"result", "shared"}}, .value = static_cast<double>(stats.waits)},
      {.labels = {{"result", "miss"}}, .value = static_cast<double>(stats.misses)}};
  return {std::move(lookups),
          Single("sextant_result_cache_evictions_total", "Answers that made room for others",
                 kCounter, static_cast<double>(stats.evictions)),
          Single("sextant_result_cache_entries", "Answers that are kept", kGauge,
                 static_cast<double>(stats.entries)),
          Single("sextant_result_cache_bytes", "Memory of the answers that are kept or being read",
                 kGauge, static_cast<double>(stats.bytes))};
}

SampledMetric SampleMemoryLimit(size_t limit_bytes) {
  return Single("sextant_memory_limit_bytes", "What tables and queries may take together", kGauge,
                static_cast<double>(limit_bytes));
}

}  // namespace sextant
