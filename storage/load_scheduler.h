#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "compute/memory/clock.h"
#include "storage/source_connection.h"

namespace sextant {

/// How the load of a group ended.
struct GroupResult {  // not row-proportional: one table per dataset
  absl::Status status = absl::OkStatus();
  /// No connection to the source could be opened.
  bool source_unreachable = false;
  /// When the status is OK, in the order of the group's datasets.
  std::vector<std::shared_ptr<const Table>> tables = {};
  /// From the first statement to the last row.
  int64_t load_us = 0;
};

struct GroupRequest {
  std::string group;
  GroupDatasets datasets = {};  // not empty
  /// Called once, before the snapshot is taken: what is committed later may be missing.
  std::function<void()> started = nullptr;
  /// Called once, on a load thread (or on the one that calls Stop or Submit), without locks held.
  std::function<void(GroupResult)> finished = nullptr;
};

/// Runs the loads of one source over at most `max_connections` connections, one thread each.
///
/// The datasets of a group are read from one snapshot: the thread that takes a group leads it and
/// loads datasets itself; threads that are free follow it. What is loaded next: by priority, then
/// longest expected first, from a moving average of the dataset's own loads, else from the size
/// that the source reports. A group fails with its first dataset, whose siblings are cancelled; a
/// follower that cannot join only leaves its work to the leader. Connections are closed when there
/// is nothing to load.
///
/// Thread-safety: all methods may be called from any thread.
class LoadScheduler {  // not row-proportional: values per group, dataset and connection
 public:
  /// REQUIRES: max_connections > 0; `clock` outlives the scheduler.
  LoadScheduler(int max_connections, ConnectionFactory connect, const Clock& clock);
  /// Stops.
  ~LoadScheduler();

  /// REQUIRES: no load of the same group is queued or runs.
  void Submit(GroupRequest request);

  /// Cancels and drains what runs, finishes everything with CANCELLED, joins the threads.
  /// Idempotent.
  void Stop();

  struct Stats {
    int connections_busy = 0;
    int connections_limit = 0;
    uint64_t reconnects = 0;  // connections opened in place of one that an error spoilt
  };
  Stats stats() const;

 private:
  struct GroupLoad;
  struct Work;
  struct Urgency;
  class Connection;
  using SharedGroup = std::shared_ptr<GroupLoad>;

  void Run();
  std::optional<Work> AwaitWork(Connection& connection);
  std::optional<Work> TakeWorkLocked();
  Urgency UrgencyOfLocked(const GroupLoad& group) const;
  Urgency UrgencyOfLocked(const GroupLoad& group, size_t dataset) const;
  int64_t ExpectedUsLocked(const GroupLoad& group, size_t dataset) const;

  void Lead(const SharedGroup& group, Connection& connection);
  bool OpenSnapshot(const SharedGroup& group, Connection& connection);
  std::optional<size_t> NextOfLedGroup(const SharedGroup& group);
  void Follow(const SharedGroup& group, size_t dataset, Connection& connection);
  std::optional<size_t> NextOfFollowedGroup(const SharedGroup& group);
  bool LoadOne(const SharedGroup& group, size_t dataset, Connection& connection);
  void Fail(const SharedGroup& group, const absl::Status& status, bool source_unreachable);
  void Leave(const SharedGroup& group, Connection& connection);

  const int max_connections_;
  const ConnectionFactory connect_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::vector<SharedGroup> groups_;                      // queued or running, oldest first
  absl::flat_hash_map<std::string, double> average_us_;  // of a dataset's loads
  Stats stats_;
  bool stopping_ = false;

  std::mutex stop_mutex_;             // serialises Stop
  std::vector<std::thread> threads_;  // one per connection
};

}  // namespace sextant
