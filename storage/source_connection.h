#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "storage/dataset_spec.h"

namespace sextant {

/// What a source knows of a dataset before its rows are read. 0: unknown.
struct DatasetEstimate {
  uint64_t rows = 0;
  uint64_t bytes = 0;
};

/// The one state of a source that all datasets of a group are read from, as the leader of the group
/// prepared it. Immutable.
class GroupSnapshot {
 public:
  virtual ~GroupSnapshot() = default;
  /// In the order of the group's datasets.
  virtual std::span<const DatasetEstimate> estimates() const = 0;
};

struct LoadedTable {
  std::shared_ptr<const Table> table = nullptr;
  int64_t server_us = 0;  // how long the connection was busy with the dataset's rows
};

/// The datasets of a group, in the catalogue's order; they outlive what they are given to.
using GroupDatasets = std::vector<const DatasetSpec*>;

/// What a load is for: to be published, or to be looked at and forgotten.
enum class LoadPurpose { kPublish, kInspect };

/// One row of a statement's result in text form; SQL NULL is nullopt.
using SourceRow = std::vector<std::optional<std::string>>;
/// Takes the rows of a result one by one; an error ends the statement and is its error.
using TakeRow = absl::FunctionRef<absl::Status(SourceRow row)>;

inline constexpr int64_t kNoLoadDeadline = std::numeric_limits<int64_t>::max();

/// One connection to a source, as the LoadScheduler needs it: the seam between the order of loads
/// and PostgreSQL. Every wait ends soon after its stop token; what runs is then cancelled and
/// drained, and the call returns CANCELLED. After an error only End and destruction are allowed.
/// For one thread at a time.
class SourceConnection {
 public:
  virtual ~SourceConnection() = default;

  /// Locks what all of `datasets` read, takes the snapshot and offers it to followers; it stays
  /// open until End. The server itself ends what Load and Query run then at `deadline_us` (of
  /// Clock::MonotonicUs), should we fail to; its own limits hold beside it.
  virtual absl::StatusOr<std::shared_ptr<const GroupSnapshot>> Lead(const GroupDatasets& datasets,
                                                                    int64_t deadline_us,
                                                                    std::stop_token stop) = 0;
  /// Joins the snapshot of a leader that has not called End.
  virtual absl::Status Follow(std::shared_ptr<const GroupSnapshot> snapshot,
                              std::stop_token stop) = 0;
  /// Reads the group's dataset number `dataset` into a table. What is loaded to be inspected counts
  /// as no load of the dataset elsewhere. REQUIRES: Lead or Follow succeeded.
  virtual absl::StatusOr<LoadedTable> Load(size_t dataset, LoadPurpose purpose,
                                           std::stop_token stop) = 0;
  /// Runs one statement that reads, in the snapshot; holds no more than one row of its result.
  /// REQUIRES: as Load. Errors: those of `take` and of the statement.
  virtual absl::Status Query(const std::string& sql, TakeRow take, std::stop_token stop) = 0;
  /// Gives the snapshot and the locks up. Idempotent.
  virtual void End() = 0;
};

/// Connects. UNAVAILABLE means that the source cannot be reached now.
using ConnectionFactory =
    std::function<absl::StatusOr<std::unique_ptr<SourceConnection>>(std::stop_token stop)>;

}  // namespace sextant
