#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/column_deriver.h"
#include "compute/column/table_linker.h"
#include "compute/memory/clock.h"
#include "compute/memory/memory_budget.h"
#include "storage/dataset_spec.h"
#include "storage/load_queue.h"
#include "storage/table_cache.h"

namespace sextant {

/// Makes the deriver of a dataset once its source schema is known; service injects it (compute/exec
/// evaluates). Null result: no derived columns. Errors: the `derived:` entries do not fit the
/// schema.
using DeriverFactory = std::function<absl::StatusOr<std::shared_ptr<const ColumnDeriver>>(
    const DatasetSpec& spec, const Schema& source_schema)>;

/// One line of news about loads, for the log: never secrets.
struct LoadEvent {
  enum class Kind { kPublished, kFailed, kSourceUnreachable, kSourceBack } kind = Kind::kPublished;
  std::string group = {};
  std::string dataset = {};  // empty when the whole group or source is meant
  uint64_t version = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  double seconds = 0;
  std::string message = {};
};

/// A look at a fresh snapshot of some datasets.
struct Inspection {
  InspectSnapshot inspect;
  std::function<void(absl::Status)> done;
  /// Called once when it has waited long enough: before the snapshot is taken. May be empty.
  std::function<void()> started = nullptr;
  /// As in GroupRequest.
  std::stop_token cancel = {};
  int64_t deadline_us = kNoLoadDeadline;
};

struct RefresherOptions {
  /// First delay and cap of the retry after a failed load; each delay is drawn from [0, bound]
  /// (full jitter), the bound doubling from min to max.
  int64_t retry_min_us = 500'000;
  int64_t retry_max_us = 30'000'000;
  /// A load without a byte for so long is cancelled, then its connection closed.
  int64_t progress_timeout_us = 15'000'000;
  int64_t statement_timeout_us = 600'000'000;
  int64_t lock_timeout_us = 2'000'000;
  uint32_t chunk_rows = 65536;
  uint64_t jitter_seed = 0;  // 0: from the system
};

/// Decides when groups are loaded: all at the start, each by its schedule, on demand, and again
/// after failures; the loads themselves are the LoadScheduler's, over its own threads (one per
/// connection). What fails for the same reason again and again is told once, and so is a source
/// that cannot be reached. `on_event` is called on load threads, by several at once.
/// Thread-safety: all methods may be called from any thread, except Stop and destruction from a
/// callback.
class Refresher {
 public:
  Refresher(StorageSpec spec, TableCache& cache, MemoryBudget& budget, DeriverFactory make_deriver,
            std::function<void(const LoadEvent&)> on_event, const Clock& clock,
            RefresherOptions options = {});
  /// Stops; cancels and drains running loads.
  ~Refresher();

  /// Links the tables of each group between their load and their publication, and those that are
  /// inspected. Set before Start.
  void LinkWith(std::shared_ptr<const TableLinker> linker);
  void Start();
  void Stop();

  /// Asks for a full refresh of `dataset`'s group now; joins a load that is waiting to start.
  /// `done` is called once with the result of the load (possibly on a load thread). Errors
  /// (returned): NOT_FOUND.
  absl::Status RefreshNow(const std::string& dataset, std::function<void(absl::Status)> done);

  /// Loads `datasets`, all of one source, into tables of their own from one new snapshot, and hands
  /// them to `inspection.inspect` on a load thread. Waits in the queue for a connection of the
  /// source, behind every load; nothing is published. `inspection.done` is called once.
  /// Errors (returned): NOT_FOUND; FAILED_PRECONDITION with ErrorDetail{reason DIFFERENT_SOURCES,
  /// metadata the two datasets} for datasets of several sources.
  absl::Status Inspect(const std::vector<std::string>& datasets, Inspection inspection);

  struct Stats {
    int connections_busy = 0;
    int connections_limit = 0;
    uint64_t reconnects = 0;
  };
  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant
