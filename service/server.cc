#include "service/server.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "service/build_info/build_info.h"
#include "service/config/machine_limits.h"
#include "service/derived_columns.h"
#include "service/instrumentation/self_metrics.h"
#include "service/server_gauges.h"

namespace sextant {
namespace {

/// Of what the process may use; the rest is for messages, threads and the loads' buffers.
constexpr int64_t kMemoryPercent = 85;
/// Of what tables and queries may take together: a query must find room when the cache is full.
constexpr size_t kQueryPercent = 18;
/// Of what all queries may take, one query's share.
constexpr size_t kPerQueryPercent = 50;
constexpr size_t kQueriesPerResultCache = 4;
constexpr size_t kQueriesPerDerivedRows = 4;
/// Some thousand calendars of some hundred periods, of tenants and zones.
constexpr size_t kKeptPeriodBytes = size_t{16} << 20;

size_t MemoryLimit(const ServerConfig& config) {
  if (config.memory_bytes > 0) return static_cast<size_t>(config.memory_bytes);
  return static_cast<size_t>(ReadMachineLimits().memory_bytes / 100 * kMemoryPercent);
}

int NumWorkers(const ServerConfig& config) {
  return config.threads > 0 ? config.threads : ReadMachineLimits().cpus;
}

std::unique_ptr<ResultCache> MakeResultCache(const ServerConfig& config, MemoryBudget& queries) {
  if (config.result_cache_bytes == 0) return nullptr;
  const size_t limit_bytes = std::min(static_cast<size_t>(config.result_cache_bytes),
                                      queries.limit_bytes() / kQueriesPerResultCache);
  return std::make_unique<ResultCache>(limit_bytes, &queries);
}

DeadlineLimits Deadlines(const ServerConfig& config) {
  return {.default_us = config.default_deadline_ms * 1000, .cap_us = config.max_deadline_ms * 1000};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerConfig& config, Catalog catalog,
                                                      const Log& log) {
  std::unique_ptr<Server> server(new Server(config, std::move(catalog), log));
  SEXTANT_RETURN_IF_ERROR(server->Listen());
  server->StartLoads();
  return server;
}

Server::Server(const ServerConfig& config, Catalog catalog, const Log& log)
    : config_(config),
      log_(log),
      storage_spec_(std::move(catalog.storage)),
      metric_catalog_(std::move(catalog.metrics)),
      catalog_check_(metric_catalog_, std::move(catalog.places), storage_spec_),
      started_wall_us_(Clock::System().WallUs()),
      memory_("memory", MemoryLimit(config)),
      cache_budget_("cache", memory_.limit_bytes() / 100 * (100 - kQueryPercent), &memory_),
      query_budget_("queries", memory_.limit_bytes() / 100 * kQueryPercent, &memory_),
      cache_(storage_spec_),
      results_(MakeResultCache(config, query_budget_)),
      derived_rows_(query_budget_.limit_bytes() / kQueriesPerDerivedRows, &query_budget_),
      periods_(kKeptPeriodBytes, query_budget_),
      pool_(std::make_unique<WorkerPool>(NumWorkers(config))),
      executor_(*pool_, results_.get(), &derived_rows_),
      refresher_(
          storage_spec_, cache_, cache_budget_, MakeDeriver,
          [this](const LoadEvent& event) { OnLoadEvent(event); }, Clock::System()),
      metric_service_(Services()),
      catalog_service_(Services()),
      admin_service_(
          cache_, Clock::System(), metrics_, [this] { return State(); },
          [this](const std::string& dataset, std::function<void(absl::Status)> done) {
            return refresher_.RefreshNow(dataset, std::move(done));
          }) {
  for (const DatasetSpec& dataset : storage_spec_.datasets) metrics_.AddTable(dataset.name);
  if (auto linker = MakeLinker(storage_spec_)) refresher_.LinkWith(std::move(linker));
  cache_.OnPublish([this](const auto& tables) { OnPublish(tables); });
}

Server::~Server() { Stop(); }

QueryServices Server::Services() {
  return {.gate = gate_,
          .cache = cache_,
          .pool = *pool_,
          .executor = executor_,
          .periods = periods_,
          .query_budget = query_budget_,
          .memory_per_query_bytes = query_budget_.limit_bytes() / 100 * kPerQueryPercent,
          .clock = Clock::System(),
          .metrics = metrics_,
          .log = log_,
          .catalog = metric_catalog_,
          .storage = storage_spec_,
          .statistics = *statistics_,
          .inspect =
              [this](const std::vector<std::string>& datasets, Inspection inspection) {
                return refresher_.Inspect(datasets, std::move(inspection));
              },
          .deadlines = Deadlines(config_),
          .inspection = {.allow_explain = config_.explain, .allow_verify = config_.verify}};
}

absl::Status Server::Listen() {
  GrpcServerOptions options;
  options.listen = {.address = config_.listen, .descriptor_cap = config_.descriptor_cap};
  SEXTANT_ASSIGN_OR_RETURN(
      grpc_server_,
      GrpcServer::Start(options, {&metric_service_, &catalog_service_, &admin_service_}));
  metrics_.AddSource(SampleProcess);
  metrics_.AddSource(SampleBuildInfo);
  metrics_.AddSource([this] { return SamplePool(pool_->stats()); });
  metrics_.AddSource([this] { return SampleTables(cache_.Statuses()); });
  metrics_.AddSource(
      [this] { return SampleConnections(refresher_.stats(), grpc_server_->accept_counters()); });
  if (results_ != nullptr) {
    metrics_.AddSource([this] { return SampleResultCache(results_->stats()); });
  }
  metrics_.AddSource(
      [this] { return std::vector<SampledMetric>{SampleMemoryLimit(memory_.limit_bytes())}; });
  SEXTANT_ASSIGN_OR_RETURN(http_endpoint_, HttpEndpoint::Start(config_.http, Pages()));
  log_.Info("listening", {{"version", GetBuildInfo().version},
                          {"grpc_port", grpc_port()},
                          {"http_port", http_port()},
                          {"datasets", static_cast<int64_t>(storage_spec_.datasets.size())},
                          {"threads", pool_->stats().num_workers},
                          {"memory_bytes", static_cast<int64_t>(memory_.limit_bytes())}});
  return absl::OkStatus();
}

void Server::StartLoads() {
  UpdateHealth();
  refresher_.Start();
}

bool Server::IsReady() const { return cache_.RequiredArePublished() && !draining_; }

ServerState Server::State() const {
  return {.version = std::string(GetBuildInfo().version),
          .started_wall_us = started_wall_us_,
          .ready = IsReady(),
          .draining = draining_,
          .memory_used_bytes = static_cast<int64_t>(memory_.reserved_bytes()),
          .memory_limit_bytes = static_cast<int64_t>(memory_.limit_bytes()),
          .compute_threads = pool_->stats().num_workers};
}

HttpEndpoint::Pages Server::Pages() {
  return {{"/metrics",
           [this] {
             return HttpResponse{.content_type = std::string(ServiceMetrics::kContentType),
                                 .body = metrics_.Text()};
           }},
          {"/healthz", [] { return HttpResponse{.body = "ok\n"}; }},
          {"/readyz", [this] { return ReadinessPage(); }}};
}

HttpResponse Server::ReadinessPage() const {
  if (draining_) return {.code = 503, .body = "draining\n"};
  std::vector<std::string> missing;
  for (const DatasetStatus& status : cache_.Statuses()) {
    if (status.required && status.version == 0) missing.push_back(status.dataset);
  }
  if (missing.empty()) return {.body = "ready\n"};
  return {.code = 503, .body = absl::StrCat("loading: ", absl::StrJoin(missing, ", "), "\n")};
}

void Server::OnPublish(const std::vector<std::shared_ptr<const Table>>& tables) {
  for (const std::shared_ptr<const Table>& table : tables) {
    executor_.BuildIndexes(table, cache_budget_);
    const TableIdentity version = table->identity();
    derived_rows_.DropOlder(version.dataset, version.version);
    statistics_->Expect(version);
    CountDistinct(
        *pool_, table, [kept = statistics_, version] { return kept->IsWanted(version); },
        [kept = statistics_, version](auto counts) { kept->Keep(version, std::move(counts)); });
  }
  for (const std::string& problem : catalog_check_.NewProblems(tables)) {
    log_.Warning("catalogue does not fit its source", {{"problem", problem}});
  }
  UpdateHealth();
}

void Server::UpdateHealth() {
  // Once loaded, a server stays ready when PostgreSQL goes away: it serves what it has, and says
  // how old that is.
  if (!IsReady()) return;
  grpc_server_->SetHealth("startup", true);
  grpc_server_->SetHealth("readiness", true);
  // Stop may have said otherwise between the question and the answer.
  if (draining_) grpc_server_->SetHealth("readiness", false);
  if (!was_ready_.exchange(true)) log_.Info("ready");
}

void Server::OnLoadEvent(const LoadEvent& event) {
  switch (event.kind) {
    case LoadEvent::Kind::kPublished:
      metrics_.TableLoaded(event.dataset,
                           std::chrono::nanoseconds(static_cast<int64_t>(event.seconds * 1e9)));
      return log_.Info("dataset published", {{"dataset", event.dataset},
                                             {"group", event.group},
                                             {"version", static_cast<int64_t>(event.version)},
                                             {"rows", static_cast<int64_t>(event.rows)},
                                             {"bytes", static_cast<int64_t>(event.bytes)},
                                             {"seconds", event.seconds}});
    case LoadEvent::Kind::kFailed:
      return log_.Error("load failed", {{"group", event.group}, {"error", event.message}});
    case LoadEvent::Kind::kSourceUnreachable:
      return log_.Warning("source unreachable", {{"error", event.message}});
    case LoadEvent::Kind::kSourceBack:
      return log_.Info(event.message);
  }
}

void Server::Stop() {
  if (stopped_.exchange(true)) return;
  draining_ = true;
  // The HTTP port is the last thing that a start takes: without it nobody has been served.
  const bool has_served = http_endpoint_ != nullptr;
  if (has_served) {
    grpc_server_->SetHealth("readiness", false);
    log_.Info("draining", {{"delay_ms", config_.drain_delay_ms}, {"drain_ms", config_.drain_ms}});
    std::this_thread::sleep_for(std::chrono::milliseconds(config_.drain_delay_ms));
  }
  if (has_served) grpc_server_->Drain(gate_, config_.drain_ms);
  if (grpc_server_ != nullptr) grpc_server_->Stop(0);
  refresher_.Stop();
  http_endpoint_.reset();
  statistics_->Stop();
  // Joins the workers, and with them the last references to calls, before what they use goes.
  pool_.reset();
  if (has_served) log_.Info("stopped");
}

}  // namespace sextant
