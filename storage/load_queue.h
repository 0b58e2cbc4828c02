#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "storage/source_connection.h"

namespace sextant {

/// How the load of a group ended.
struct GroupResult {  // not row-proportional: one table per dataset
  absl::Status status = absl::OkStatus();
  /// No connection to the source could be opened.
  bool source_unreachable = false;
  /// When the status is OK, in the order of the group's datasets; none of an inspection.
  std::vector<std::shared_ptr<const Table>> tables = {};
  /// From the first statement to the last row.
  int64_t load_us = 0;
};

/// SourceConnection::Query of the snapshot that is inspected, until the inspection is stopped.
using QuerySnapshot = std::function<absl::Status(const std::string& sql, TakeRow take)>;

/// Looks at the tables of a snapshot, in the order of the group's datasets, and may ask the source
/// itself.
using InspectSnapshot = std::function<absl::Status(
    const QuerySnapshot& query, const std::vector<std::shared_ptr<const Table>>& tables,
    std::stop_token stop)>;

struct GroupRequest {
  std::string group;
  GroupDatasets datasets = {};  // not empty
  /// Called once, before the snapshot is taken: what is committed later may be missing.
  std::function<void()> started = nullptr;
  /// Set: the tables are not for publishing, and every other load is more urgent. Called once, on
  /// the leader's thread and in its snapshot, with all tables; its error is the group's.
  InspectSnapshot inspect = nullptr;
  /// Of a caller that may lose interest in its load: one that waits is finished at once, one that
  /// runs is stopped, both with CANCELLED.
  std::stop_token cancel = {};
  /// Of SourceConnection::Lead.
  int64_t deadline_us = kNoLoadDeadline;
  /// Called once, on a load thread (or on the one that calls Stop or Submit or that cancels),
  /// without locks held.
  std::function<void(GroupResult)> finished = nullptr;
};

/// One load of a group, from its request to its result. Guarded by the scheduler's mutex, except
/// `request`, `stop`, `on_cancel` and, once it is set, `snapshot`.
struct GroupLoad {  // not row-proportional: one value per dataset
  explicit GroupLoad(GroupRequest submitted)
      : request(std::move(submitted)), takes_followers(request.inspect == nullptr) {
    result.tables.resize(request.datasets.size());
  }

  const GroupRequest request;
  std::stop_source stop;
  /// Ends with the last reference to the load, so never under the scheduler's mutex, which the
  /// callback takes.
  std::optional<std::stop_callback<std::function<void()>>> on_cancel;
  bool has_leader = false;
  bool takes_followers;
  std::shared_ptr<const GroupSnapshot> snapshot;  // null until the leader has opened it
  std::vector<size_t> pending;                    // datasets that nobody has taken, next one first
  int num_joining = 0;                            // followers that may still give a dataset back
  int num_threads = 0;                            // leader and followers
  bool is_source_sound = false;                   // failed, but no connection did
  int64_t started_us = 0;
  GroupResult result;
};

/// A piece of work for one thread: a group to lead, or a dataset to load as a follower.
struct LoadWork {
  std::shared_ptr<GroupLoad> group;
  std::optional<size_t> dataset;  // none: lead
};

/// The loads of one source that are queued or run, and what comes next: by priority, then longest
/// expected first, then in the order of submission; inspections after all of them. What is expected
/// is a moving average of the dataset's own loads, else goes by the size that the source reports.
/// Thread-safety: none.
class LoadQueue {  // not row-proportional: values per group and dataset
 public:
  using SharedGroup = std::shared_ptr<GroupLoad>;

  /// REQUIRES: no load of the same group is here.
  void Add(SharedGroup group);
  void Remove(const SharedGroup& group);
  /// Removes a group that is here and that nobody leads; tells whether it did.
  bool RemoveWaiting(const SharedGroup& group);
  const std::vector<SharedGroup>& groups() const { return groups_; }

  /// The most urgent work; its group counts one more thread.
  std::optional<LoadWork> Take();
  /// Makes the group's datasets pending, in order. REQUIRES: its leader calls, once.
  void Open(GroupLoad& group, std::shared_ptr<const GroupSnapshot> snapshot);
  /// The next pending dataset of a group, if any.
  std::optional<size_t> TakePending(GroupLoad& group);
  /// Whether a group that nobody leads is more urgent than what is pending of `group`.
  bool IsOutranked(const GroupLoad& group) const;

  /// Learns how long a load of `dataset` has kept its connection busy.
  void Record(const std::string& dataset, int64_t server_us);

 private:
  struct Urgency;

  Urgency UrgencyOf(const GroupLoad& group) const;
  Urgency UrgencyOf(const GroupLoad& group, size_t dataset) const;
  int64_t ExpectedUs(const GroupLoad& group, size_t dataset) const;

  std::vector<SharedGroup> groups_;  // oldest first
  absl::flat_hash_map<std::string, double> average_us_;
};

}  // namespace sextant
