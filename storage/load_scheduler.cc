#include "storage/load_scheduler.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

// Weight of the newest load in a dataset's average.
constexpr double kNewestWeight = 0.3;
// A source sends about this much; only the order of never loaded datasets rests on it.
constexpr uint64_t kBytesPerUs = 300;

absl::Status Stopped(const std::string& group) {
  return absl::CancelledError(absl::StrCat("group '", group, "': loads are stopped"));
}

}  // namespace

/// One load of a group, from Submit to its result. Guarded by the scheduler's mutex except `stop`,
/// `request` and, once it is set, `snapshot`.
struct LoadScheduler::GroupLoad {  // not row-proportional: one value per dataset
  explicit GroupLoad(GroupRequest submitted)
      : request(std::move(submitted)), tables(request.datasets.size()) {}

  const GroupRequest request;
  std::stop_source stop;
  bool has_leader = false;
  bool takes_followers = true;
  std::shared_ptr<const GroupSnapshot> snapshot;  // null until the leader has opened it
  std::vector<size_t> pending;                    // datasets that nobody has taken yet
  int num_joining = 0;                            // followers that may still give a dataset back
  int num_threads = 0;                            // leader and followers
  int64_t started_us = 0;
  absl::Status status;
  bool source_unreachable = false;
  std::vector<std::shared_ptr<const Table>> tables;
};

/// A piece of work for one thread: a group to lead, or a dataset to load as a follower.
struct LoadScheduler::Work {
  SharedGroup group;
  std::optional<size_t> dataset;  // none: lead
};

/// Less is sooner.
struct LoadScheduler::Urgency {
  LoadPriority priority = LoadPriority::kBackground;
  int64_t expected_us = 0;
  friend bool operator<(const Urgency& a, const Urgency& b) {
    return std::tuple(a.priority, -a.expected_us) < std::tuple(b.priority, -b.expected_us);
  }
};

/// A thread's connection, opened when there is work.
class LoadScheduler::Connection {
 public:
  explicit Connection(LoadScheduler& scheduler) : scheduler_(scheduler) {}
  ~Connection() { Close(); }

  absl::StatusOr<SourceConnection*> Open(std::stop_token stop) {
    if (source_ != nullptr) return source_.get();
    absl::StatusOr<std::unique_ptr<SourceConnection>> opened = scheduler_.connect_(std::move(stop));
    if (!opened.ok()) return opened.status();
    source_ = *std::move(opened);
    const std::lock_guard<std::mutex> lock(scheduler_.mutex_);
    ++scheduler_.stats_.connections_busy;
    if (std::exchange(was_spoilt_, false)) ++scheduler_.stats_.reconnects;
    return source_.get();
  }

  SourceConnection& source() { return *source_; }

  /// After an error the state of the connection is unknown: the next work gets a new one.
  void Spoil() {
    was_spoilt_ = was_spoilt_ || source_ != nullptr;
    Close();
  }

  void Close() {
    if (source_ == nullptr) return;
    source_.reset();
    const std::lock_guard<std::mutex> lock(scheduler_.mutex_);
    --scheduler_.stats_.connections_busy;
  }

 private:
  LoadScheduler& scheduler_;
  std::unique_ptr<SourceConnection> source_;
  bool was_spoilt_ = false;
};

LoadScheduler::LoadScheduler(int max_connections, ConnectionFactory connect, const Clock& clock)
    : max_connections_(max_connections), connect_(std::move(connect)), clock_(clock) {
  SEXTANT_CHECK(max_connections > 0);
  stats_.connections_limit = max_connections;
  for (int i = 0; i < max_connections_; ++i) threads_.emplace_back([this] { Run(); });
}

LoadScheduler::~LoadScheduler() { Stop(); }

void LoadScheduler::Submit(GroupRequest request) {
  SEXTANT_CHECK(!request.datasets.empty());
  auto group = std::make_shared<GroupLoad>(std::move(request));
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!stopping_) {
      SEXTANT_CHECK(std::none_of(groups_.begin(), groups_.end(), [&](const SharedGroup& other) {
        return other->request.group == group->request.group;
      })) << group->request.group;
      groups_.push_back(std::move(group));
    }
  }
  if (group != nullptr) {
    group->request.finished({.status = Stopped(group->request.group)});
    return;
  }
  changed_.notify_all();
}

void LoadScheduler::Stop() {
  const std::lock_guard<std::mutex> stopping(stop_mutex_);
  std::vector<SharedGroup> queued;
  std::vector<SharedGroup> running;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    for (const SharedGroup& group : groups_) {
      (group->has_leader ? running : queued).push_back(group);
    }
    std::erase_if(groups_, [](const SharedGroup& group) { return !group->has_leader; });
  }
  changed_.notify_all();
  for (const SharedGroup& group : running) group->stop.request_stop();
  for (const SharedGroup& group : queued) {
    group->request.finished({.status = Stopped(group->request.group)});
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

LoadScheduler::Stats LoadScheduler::stats() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stats_;
}

void LoadScheduler::Run() {
  Connection connection(*this);
  while (std::optional<Work> work = AwaitWork(connection)) {
    if (work->dataset.has_value()) {
      Follow(work->group, *work->dataset, connection);
    } else {
      Lead(work->group, connection);
    }
  }
}

std::optional<LoadScheduler::Work> LoadScheduler::AwaitWork(Connection& connection) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (std::optional<Work> work = TakeWorkLocked()) return work;
  lock.unlock();
  connection.Close();
  lock.lock();
  while (true) {
    if (std::optional<Work> work = TakeWorkLocked()) return work;
    if (stopping_) return std::nullopt;
    changed_.wait(lock);
  }
}

// The most urgent work; of equals the one that was submitted first.
std::optional<LoadScheduler::Work> LoadScheduler::TakeWorkLocked() {
  if (stopping_) return std::nullopt;
  std::optional<Work> best;
  Urgency best_urgency;
  const auto consider = [&](const SharedGroup& group, std::optional<size_t> dataset,
                            const Urgency& urgency) {
    if (best.has_value() && !(urgency < best_urgency)) return;
    best = Work{group, dataset};
    best_urgency = urgency;
  };
  for (const SharedGroup& group : groups_) {
    if (!group->has_leader) {
      consider(group, std::nullopt, UrgencyOfLocked(*group));
    } else if (group->takes_followers && group->snapshot != nullptr && !group->pending.empty()) {
      const size_t dataset = group->pending.front();
      consider(group, dataset, UrgencyOfLocked(*group, dataset));
    }
  }
  if (!best.has_value()) return std::nullopt;
  GroupLoad& group = *best->group;
  ++group.num_threads;
  if (best->dataset.has_value()) {
    group.pending.erase(group.pending.begin());
    ++group.num_joining;
  } else {
    group.has_leader = true;
    group.started_us = clock_.MonotonicUs();
  }
  return best;
}

int64_t LoadScheduler::ExpectedUsLocked(const GroupLoad& group, size_t dataset) const {
  const auto average = average_us_.find(group.request.datasets[dataset]->name);
  if (average != average_us_.end()) return static_cast<int64_t>(average->second);
  if (group.snapshot == nullptr) return 0;
  return static_cast<int64_t>(group.snapshot->estimates()[dataset].bytes / kBytesPerUs);
}

LoadScheduler::Urgency LoadScheduler::UrgencyOfLocked(const GroupLoad& group,
                                                      size_t dataset) const {
  return {group.request.datasets[dataset]->priority, ExpectedUsLocked(group, dataset)};
}

// Of a group that nobody leads yet: that of its most urgent dataset.
LoadScheduler::Urgency LoadScheduler::UrgencyOfLocked(const GroupLoad& group) const {
  Urgency most_urgent = UrgencyOfLocked(group, 0);
  for (size_t dataset = 1; dataset < group.request.datasets.size(); ++dataset) {
    most_urgent = std::min(most_urgent, UrgencyOfLocked(group, dataset));
  }
  return most_urgent;
}

void LoadScheduler::Lead(const SharedGroup& group, Connection& connection) {
  group->request.started();
  if (OpenSnapshot(group, connection)) {
    while (std::optional<size_t> dataset = NextOfLedGroup(group)) {
      LoadOne(group, *dataset, connection);
    }
    connection.source().End();
  }
  Leave(group, connection);
}

bool LoadScheduler::OpenSnapshot(const SharedGroup& group, Connection& connection) {
  const std::stop_token stop = group->stop.get_token();
  absl::StatusOr<SourceConnection*> source = connection.Open(stop);
  if (!source.ok()) {
    Fail(group, source.status(), absl::IsUnavailable(source.status()));
    return false;
  }
  absl::StatusOr<std::shared_ptr<const GroupSnapshot>> snapshot =
      (*source)->Lead(group->request.datasets, stop);
  if (!snapshot.ok()) {
    Fail(group, snapshot.status(), /*source_unreachable=*/false);
    return false;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    SEXTANT_CHECK((*snapshot)->estimates().size() == group->request.datasets.size());
    group->snapshot = *std::move(snapshot);
    for (size_t dataset = 0; dataset < group->request.datasets.size(); ++dataset) {
      group->pending.push_back(dataset);
    }
    std::stable_sort(group->pending.begin(), group->pending.end(), [&](size_t a, size_t b) {
      return UrgencyOfLocked(*group, a) < UrgencyOfLocked(*group, b);
    });
  }
  changed_.notify_all();
  return true;
}

// None when every dataset is taken for good: the leader's transaction has served.
std::optional<size_t> LoadScheduler::NextOfLedGroup(const SharedGroup& group) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return !group->pending.empty() || group->num_joining == 0; });
  if (group->pending.empty()) return std::nullopt;
  const size_t dataset = group->pending.front();
  group->pending.erase(group->pending.begin());
  return dataset;
}

void LoadScheduler::Follow(const SharedGroup& group, size_t dataset, Connection& connection) {
  const std::stop_token stop = group->stop.get_token();
  absl::StatusOr<SourceConnection*> source = connection.Open(stop);
  const absl::Status joined =
      source.ok() ? (*source)->Follow(group->snapshot, stop) : source.status();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    --group->num_joining;
    if (!joined.ok()) {
      group->takes_followers = false;
      if (group->status.ok()) group->pending.insert(group->pending.begin(), dataset);
    }
  }
  changed_.notify_all();
  if (joined.ok()) {
    std::optional<size_t> next = dataset;
    while (next.has_value() && LoadOne(group, *next, connection)) next = NextOfFollowedGroup(group);
    connection.source().End();
  } else {
    connection.Spoil();
  }
  Leave(group, connection);
}

// A follower goes on with its group while nothing elsewhere is more urgent.
std::optional<size_t> LoadScheduler::NextOfFollowedGroup(const SharedGroup& group) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (group->pending.empty()) return std::nullopt;
  const Urgency urgency = UrgencyOfLocked(*group, group->pending.front());
  for (const SharedGroup& other : groups_) {
    if (!other->has_leader && UrgencyOfLocked(*other) < urgency) return std::nullopt;
  }
  const size_t dataset = group->pending.front();
  group->pending.erase(group->pending.begin());
  return dataset;
}

bool LoadScheduler::LoadOne(const SharedGroup& group, size_t dataset, Connection& connection) {
  absl::StatusOr<LoadedTable> loaded = connection.source().Load(dataset, group->stop.get_token());
  if (!loaded.ok()) {
    Fail(group, loaded.status(), /*source_unreachable=*/false);
    return false;
  }
  const double newest_us = static_cast<double>(loaded->server_us);
  const std::lock_guard<std::mutex> lock(mutex_);
  group->tables[dataset] = std::move(loaded->table);
  const auto [average, is_first] =
      average_us_.try_emplace(group->request.datasets[dataset]->name, newest_us);
  if (!is_first) average->second += kNewestWeight * (newest_us - average->second);
  return true;
}

// The first failure is the group's; its siblings then end with CANCELLED.
void LoadScheduler::Fail(const SharedGroup& group, const absl::Status& status,
                         bool source_unreachable) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!group->status.ok()) return;
    group->status = status;
    group->source_unreachable = source_unreachable;
    group->pending.clear();
  }
  changed_.notify_all();
  group->stop.request_stop();
}

// The last thread that leaves a group delivers its result.
void LoadScheduler::Leave(const SharedGroup& group, Connection& connection) {
  GroupResult result;
  bool failed = false;
  bool is_last = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    failed = !group->status.ok();
    is_last = --group->num_threads == 0;
    if (is_last) {
      result = {.status = group->status,
                .source_unreachable = group->source_unreachable,
                .load_us = clock_.MonotonicUs() - group->started_us};
      if (!failed) result.tables = std::move(group->tables);
      std::erase(groups_, group);
    }
  }
  if (failed) connection.Spoil();
  if (is_last) group->request.finished(std::move(result));
}

}  // namespace sextant
