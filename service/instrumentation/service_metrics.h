#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sextant {

enum class RpcMethod {
  kQueryMetrics,
  kComputeMetrics,
  kExplainMetrics,
  kVerifyMetrics,
  kQueryRows,
  kBatchQueryMetrics,
  kListDatasets,
  kGetDataset,
  kListMetrics,
  kGetMetric,
  kListCalendars,
  kListDimensionValues,
  kGetStatus,
  kRefreshDataset,
};
inline constexpr size_t kRpcMethodCount = 14;

/// Where a call was when its client went away.
enum class CancelStage { kQueued, kRunning, kWriting };

/// Why a query was refused for the state of the server: its time ran out while it waited, no memory
/// was left, the dataset was not loaded yet.
enum class RejectReason { kDeadline, kMemory, kNotReady, kDraining };

/// The labels of priorities, in their order: 0 is the most urgent.
inline constexpr std::array<std::string_view, 4> kPriorityLabels = {"critical", "interactive",
                                                                    "batch", "background"};

/// Values that a plain counter elsewhere holds; read at each scrape.
struct SampledMetric {
  enum class Kind { kCounter, kGauge };
  struct Sample {
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
  };
  std::string name;
  std::string help;
  Kind kind = Kind::kGauge;
  std::vector<Sample> samples;
};

/// The metrics of this process, under the names that deploy/prometheus relies on. All label
/// combinations exist from the start with value 0; none is looked up while serving. Tenants,
/// metrics, users and texts are never labels. Thread-safe.
class ServiceMetrics {
 public:
  using Source = std::function<std::vector<SampledMetric>()>;

  ServiceMetrics();
  ~ServiceMetrics();
  ServiceMetrics(const ServiceMetrics&) = delete;
  ServiceMetrics& operator=(const ServiceMetrics&) = delete;

  /// Adds what `source` returns to every scrape; `source` is called on the scraping thread and
  /// must live as long as this.
  void AddSource(Source source);
  /// Makes the histogram of the load times of a dataset; call before Text().
  void AddTable(const std::string& table);

  void CallStarted(RpcMethod method);
  void CallHandled(RpcMethod method, int grpc_code, std::chrono::nanoseconds elapsed);
  void CallEntered(RpcMethod method, size_t priority);
  void CallLeft(RpcMethod method, size_t priority);
  void MessageReceived(RpcMethod method);
  void MessageSent(RpcMethod method, size_t size_bytes);
  void FirstMessage(RpcMethod method, std::chrono::nanoseconds elapsed);
  void WriteStalled(RpcMethod method, std::chrono::nanoseconds waited);
  void QueueWaited(size_t priority, std::chrono::nanoseconds waited);
  void Rejected(RejectReason reason, size_t priority);
  void Cancelled(CancelStage stage);
  void Scanned(uint64_t rows, uint64_t chunks_skipped);
  void TableLoaded(const std::string& table, std::chrono::nanoseconds elapsed);

  /// The exposition in Prometheus' text format 0.0.4.
  std::string Text() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Cells;
  const std::unique_ptr<Cells> cells_;
};

}  // namespace sextant
