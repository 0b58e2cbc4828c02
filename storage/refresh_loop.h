#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "compute/memory/clock.h"
#include "storage/dataset_spec.h"
#include "storage/load_scheduler.h"
#include "storage/refresh_schedule.h"
#include "storage/refresher.h"
#include "storage/table_cache.h"

namespace sextant {

/// What a Refresher is, for any kind of source: one thread that hands the groups that are due to
/// the LoadScheduler of their source, publishes what they give and reports it.
///
/// A failure that repeats without a success between is reported once; of a source that cannot be
/// reached, the loss and the return are reported, not the attempts.
///
/// Thread-safety: all methods may be called from any thread.
class RefreshLoop {  // not row-proportional: values per group, dataset and source
 public:
  using EventSink = std::function<void(const LoadEvent&)>;
  using Tables = std::vector<std::shared_ptr<const Table>>;
  /// Of tables of one snapshot, those of a group or, for an inspection, some and all they lead to.
  using LinkGroup = std::function<absl::StatusOr<Tables>(Tables tables)>;
  using ConnectTo = std::function<ConnectionFactory(const SourceSpec& source)>;

  /// `spec`, `cache` and `clock` outlive the loop. REQUIRES: each dataset's source is declared, the
  /// datasets of a group share theirs.
  RefreshLoop(const StorageSpec& spec, TableCache& cache, const ConnectTo& connect_to,
              EventSink on_event, const Clock& clock, RefreshSchedule::Retry retry);
  ~RefreshLoop();

  /// What happens to tables between their load and their publication, or before they are inspected;
  /// on a load thread. Set before Start.
  void LinkWith(LinkGroup link);
  void Start();
  void Stop();
  absl::Status RefreshNow(const std::string& dataset, std::function<void(absl::Status)> done);
  absl::Status Inspect(const std::vector<std::string>& datasets, Inspection inspection);
  Refresher::Stats stats() const;

 private:
  using Done = std::function<void(absl::Status)>;

  struct Group {  // not row-proportional: callbacks of callers that wait
    std::string name;
    size_t source = 0;
    GroupDatasets datasets = {};
    // Guarded by mutex_.
    std::vector<Done> waiting = {};  // for a load that has not started
    std::vector<Done> served = {};   // by the load that runs
    std::string reported_failure = {};
  };

  std::vector<RefreshSchedule::Group> DeclareGroups(const StorageSpec& spec);
  void Run();
  void Submit(size_t group);
  void NoteStarted(size_t group);
  void NoteFinished(size_t group, GroupResult result);
  /// Its tables, linked, or why not.
  void Link(GroupResult& result) const;
  /// Adds all that the links of `datasets` lead to, at any distance.
  void AddLinked(GroupDatasets& datasets) const;
  /// Whether this failure of the group is news.
  bool IsNewsLocked(Group& group, const GroupResult& result, LoadOutcome outcome);
  std::vector<Done> TakeServedLocked(size_t group, LoadOutcome outcome);
  void Report(const Group& group, const GroupResult& result, SourceChange change, bool is_news);

  const StorageSpec& spec_;
  TableCache& cache_;
  const EventSink on_event_;
  LinkGroup link_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Group> groups_;
  absl::flat_hash_map<std::string, size_t> group_of_;  // by dataset; fixed
  std::vector<std::unique_ptr<LoadScheduler>> loaders_;
  RefreshSchedule schedule_;      // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  uint64_t num_inspections_ = 0;  // guarded by mutex_
  std::thread thread_;            // guarded by lifecycle_mutex_
  std::mutex lifecycle_mutex_;
};

}  // namespace sextant
