#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "compute/memory/clock.h"
#include "storage/load_queue.h"
#include "storage/source_connection.h"

namespace sextant {

/// Runs the loads of one source over at most `max_connections` connections, one thread each.
///
/// The datasets of a group are read from one snapshot: the thread that takes a group leads it and
/// loads datasets itself; threads that are free follow it. What comes next is the LoadQueue's
/// choice. A group fails with its first dataset, whose siblings are cancelled; a follower that
/// cannot join only leaves its work to the leader. An inspection's own error leaves the connection
/// as good as it was. Connections are closed when there is nothing to
/// load.
///
/// Thread-safety: all methods may be called from any thread.
class LoadScheduler {  // not row-proportional: one thread per connection
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
  class Connection;
  using SharedGroup = std::shared_ptr<GroupLoad>;

  void Cancel(const SharedGroup& group);
  void Run();
  std::optional<LoadWork> AwaitWork(Connection& connection);
  std::optional<LoadWork> TakeWorkLocked();

  void Lead(const SharedGroup& group, Connection& connection);
  /// Nobody follows an inspection, so its tables are complete unless one has failed.
  void Inspect(const SharedGroup& group, Connection& connection);
  bool OpenSnapshot(const SharedGroup& group, Connection& connection);
  std::optional<size_t> NextOfLedGroup(const SharedGroup& group);
  void Follow(const SharedGroup& group, size_t dataset, Connection& connection);
  bool Join(const SharedGroup& group, size_t dataset, Connection& connection);
  std::optional<size_t> NextOfFollowedGroup(const SharedGroup& group);
  bool LoadOne(const SharedGroup& group, size_t dataset, Connection& connection);
  void Fail(const SharedGroup& group, const absl::Status& status, bool source_unreachable);
  void Leave(const SharedGroup& group, Connection& connection);

  const ConnectionFactory connect_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  LoadQueue queue_;        // guarded by mutex_
  Stats stats_;            // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_

  std::mutex stop_mutex_;             // serialises Stop
  std::vector<std::thread> threads_;  // one per connection
};

}  // namespace sextant
