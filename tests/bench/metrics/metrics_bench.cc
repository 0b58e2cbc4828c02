// What requests for metrics of a catalogue take in this process, on one thread: from the request to
// the last batch of its answer. See README.md.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/exec/query_executor.h"
#include "compute/exec/worker_pool.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "google/protobuf/util/json_util.h"
#include "service/catalog/catalog.h"
#include "service/derived_columns.h"
#include "service/rpc/query_preparation.h"
#include "service/translation/query_from_proto.h"
#include "storage/refresher.h"
#include "storage/table_cache.h"

namespace sextant {
namespace {

constexpr size_t kBatchBytes = size_t{1} << 20;
constexpr uint64_t kQueryBytes = uint64_t{8} << 30;

struct Options {
  std::string catalog;
  std::string workload;
  std::string json;
  std::string only;
  std::string tenant = "1";
  int runs = 21;
};

struct Measured {
  std::string name;
  double median_ms = 0;
  double least_ms = 0;
  double cpu_ms = 0;  // the median of the thread's processor time, which other work disturbs less
  uint64_t cells = 0;
};

double MillisecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double ThreadCpuMs() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// The datasets of a catalogue, loaded from its source.
class LoadedCatalog {
 public:
  explicit LoadedCatalog(Catalog catalog)
      : catalog_(std::move(catalog)),
        budget_("benchmark", MemoryBudget::kUnlimitedBytes),
        cache_(catalog_.storage),
        refresher_(
            catalog_.storage, cache_, budget_, MakeDeriver, [](const LoadEvent&) {},
            Clock::System()) {}

  /// With all indexes.
  absl::Status Load() {
    for (const DatasetSpec& dataset : catalog_.storage.datasets) {
      auto loaded = std::make_shared<std::promise<absl::Status>>();
      SEXTANT_RETURN_IF_ERROR(refresher_.RefreshNow(
          dataset.name, [loaded](absl::Status status) { loaded->set_value(std::move(status)); }));
      waiting_.push_back(loaded->get_future());
    }
    refresher_.Start();
    for (std::future<absl::Status>& one : waiting_) SEXTANT_RETURN_IF_ERROR(one.get());
    // Ends when all of them are built.
    WorkerPool builders(1);
    QueryExecutor executor(builders);
    for (const DatasetSpec& dataset : catalog_.storage.datasets) {
      SEXTANT_ASSIGN_OR_RETURN(auto table, cache_.Pin(dataset.name));
      executor.BuildIndexes(std::move(table), budget_);
    }
    return absl::OkStatus();
  }

  const Catalog& catalog() const { return catalog_; }
  TableCache& cache() { return cache_; }
  MemoryBudget& budget() { return budget_; }

 private:
  const Catalog catalog_;
  MemoryBudget budget_;
  TableCache cache_;
  Refresher refresher_;
  std::vector<std::future<absl::Status>> waiting_;
};

/// Asks one request once; returns the number of cells.
absl::StatusOr<uint64_t> Ask(LoadedCatalog& loaded, const v1::QueryMetricsRequest& request,
                             const std::string& tenant) {
  const QueryLimits limits;
  SEXTANT_ASSIGN_OR_RETURN(const TranslatedQuery translated,
                           QueryFromProto(request, loaded.catalog().metrics, limits));
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           TablesOf(translated.query, loaded.catalog().metrics));
  std::vector<std::shared_ptr<const Table>> tables;
  for (const std::string& name : names) {
    SEXTANT_ASSIGN_OR_RETURN(auto table, loaded.cache().Pin(name));
    tables.push_back(std::move(table));
  }
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &loaded.budget(), kQueryBytes);
  const TenantClaim claim = TenantClaim::Of(tenant);
  PeriodCache periods(/*keep_bytes=*/0, loaded.budget());
  SEXTANT_ASSIGN_OR_RETURN(
      PreparedQuery prepared,
      PrepareQuery(translated.query, tables, {claim, loaded.catalog().metrics, periods, context},
                   limits));
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<ResultCursor> cursor,
                           QueryExecutor::Run(context, prepared.bound, std::move(prepared.scopes)));
  uint64_t num_cells = 0;
  while (true) {
    SEXTANT_ASSIGN_OR_RETURN(const std::optional<ResultBatch> batch, cursor->Next(kBatchBytes));
    if (!batch) return num_cells;
    num_cells += batch->num_rows;
  }
}

absl::StatusOr<Measured> Measure(LoadedCatalog& loaded, const nlohmann::json& workload,
                                 const Options& options) {
  v1::QueryMetricsRequest request;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(workload.at("request").dump(), &request);
  if (!parsed.ok()) return absl::InvalidArgumentError(parsed.ToString());
  Measured measured = {.name = workload.at("name").get<std::string>()};
  std::vector<double> times_ms;
  std::vector<double> cpu_times_ms;
  for (int run = 0; run <= options.runs; ++run) {
    const double cpu_start_ms = ThreadCpuMs();
    const auto start = std::chrono::steady_clock::now();
    SEXTANT_ASSIGN_OR_RETURN(measured.cells, Ask(loaded, request, options.tenant));
    if (run == 0) continue;
    times_ms.push_back(MillisecondsSince(start));
    cpu_times_ms.push_back(ThreadCpuMs() - cpu_start_ms);
  }
  std::sort(times_ms.begin(), times_ms.end());
  std::sort(cpu_times_ms.begin(), cpu_times_ms.end());
  measured.cpu_ms = cpu_times_ms[cpu_times_ms.size() / 2];
  measured.least_ms = times_ms.front();
  measured.median_ms = times_ms[times_ms.size() / 2];
  return measured;
}

/// The workloads of the file, and each metric of those that say `"each": true` alone.
nlohmann::json ReadWorkloads(const std::string& path) {
  nlohmann::json workloads = nlohmann::json::array();
  for (const nlohmann::json& one : nlohmann::json::parse(std::ifstream(path))) {
    workloads.push_back(one);
    if (!one.value("each", false)) continue;
    for (const nlohmann::json& metric : one.at("request").at("metrics")) {
      nlohmann::json alone = one;
      alone["name"] = absl::StrCat(one.at("name").get<std::string>(), "/",
                                   metric.at("name").get<std::string>());
      alone["request"]["metrics"] = nlohmann::json::array({metric});
      workloads.push_back(std::move(alone));
    }
  }
  return workloads;
}

std::map<std::string, std::string> Environment() {
  const char* conninfo = std::getenv("SEXTANT_PG");
  return {{"SEXTANT_PG", conninfo == nullptr ? "" : conninfo}};
}

absl::Status RunAll(const Options& options) {
  SEXTANT_ASSIGN_OR_RETURN(Catalog catalog, LoadCatalog(options.catalog, Environment()));
  LoadedCatalog loaded(std::move(catalog));
  SEXTANT_RETURN_IF_ERROR(loaded.Load());
  nlohmann::json results = nlohmann::json::array();
  for (const nlohmann::json& workload : ReadWorkloads(options.workload)) {
    const std::string name = workload.at("name").get<std::string>();
    if (!options.only.empty() && name != options.only) continue;
    SEXTANT_ASSIGN_OR_RETURN(const Measured measured, Measure(loaded, workload, options));
    std::cout << measured.name << ": " << measured.median_ms << " ms (least " << measured.least_ms
              << ", processor " << measured.cpu_ms << "), " << measured.cells << " cells"
              << std::endl;
    results.push_back({{"name", measured.name}, {"ms", measured.median_ms}});
  }
  if (!options.json.empty()) std::ofstream(options.json) << results.dump(1) << "\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Times requests for the metrics of a catalogue");
  app.add_option("--catalog", options.catalog)->required();
  app.add_option("--workloads", options.workload)->required();
  app.add_option("--json", options.json);
  app.add_option("--only", options.only);
  app.add_option("--tenant", options.tenant);
  app.add_option("--runs", options.runs)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = RunAll(options);
  if (status.ok()) return 0;
  std::cerr << "metrics_bench: " << status << "\n";
  return 1;
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) { return sextant::Main(argc, argv); }
