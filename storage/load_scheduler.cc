#include "storage/load_scheduler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

absl::Status Stopped(const std::string& group) {
  return absl::CancelledError(absl::StrCat("group '", group, "': loads are stopped"));
}

absl::Status NotWanted(const std::string& group) {
  return absl::CancelledError(absl::StrCat("group '", group, "': its load is not wanted any more"));
}

}  // namespace

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
    : connect_(std::move(connect)), clock_(clock) {
  SEXTANT_CHECK(max_connections > 0);
  stats_.connections_limit = max_connections;
  for (int i = 0; i < max_connections; ++i) threads_.emplace_back([this] { Run(); });
}

LoadScheduler::~LoadScheduler() { Stop(); }

void LoadScheduler::Submit(GroupRequest request) {
  SEXTANT_CHECK(!request.datasets.empty());
  const auto group = std::make_shared<GroupLoad>(std::move(request));
  bool is_queued = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_queued = !stopping_;
    if (is_queued) queue_.Add(group);
  }
  changed_.notify_all();
  if (!is_queued) return group->request.finished({.status = Stopped(group->request.group)});
  if (!group->request.cancel.stop_possible()) return;
  group->on_cancel.emplace(group->request.cancel,
                           [this, submitted = std::weak_ptr<GroupLoad>(group)] {
                             if (const SharedGroup load = submitted.lock()) Cancel(load);
                           });
}

void LoadScheduler::Cancel(const SharedGroup& group) {
  bool waits = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waits = queue_.RemoveWaiting(group);
  }
  if (!waits) {
    group->stop.request_stop();
    return;
  }
  group->request.finished({.status = NotWanted(group->request.group)});
}

void LoadScheduler::Stop() {
  const std::lock_guard<std::mutex> stopping(stop_mutex_);
  std::vector<SharedGroup> queued;
  std::vector<SharedGroup> running;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    for (const SharedGroup& group : queue_.groups()) {
      (group->has_leader ? running : queued).push_back(group);
    }
    for (const SharedGroup& group : queued) queue_.Remove(group);
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
  while (std::optional<LoadWork> work = AwaitWork(connection)) {
    if (work->dataset.has_value()) {
      Follow(work->group, *work->dataset, connection);
    } else {
      Lead(work->group, connection);
    }
  }
}

std::optional<LoadWork> LoadScheduler::AwaitWork(Connection& connection) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (std::optional<LoadWork> work = TakeWorkLocked()) return work;
  lock.unlock();
  connection.Close();
  lock.lock();
  while (true) {
    if (std::optional<LoadWork> work = TakeWorkLocked()) return work;
    if (stopping_) return std::nullopt;
    changed_.wait(lock);
  }
}

std::optional<LoadWork> LoadScheduler::TakeWorkLocked() {
  if (stopping_) return std::nullopt;
  std::optional<LoadWork> work = queue_.Take();
  if (work.has_value() && !work->dataset.has_value()) {
    work->group->started_us = clock_.MonotonicUs();
  }
  return work;
}

void LoadScheduler::Lead(const SharedGroup& group, Connection& connection) {
  group->request.started();
  if (OpenSnapshot(group, connection)) {
    while (std::optional<size_t> dataset = NextOfLedGroup(group)) {
      LoadOne(group, *dataset, connection);
    }
    if (group->request.inspect != nullptr) Inspect(group, connection);
    connection.source().End();
  }
  Leave(group, connection);
}

void LoadScheduler::Inspect(const SharedGroup& group, Connection& connection) {
  if (!group->result.status.ok()) return;
  bool is_source_sound = true;
  const QuerySnapshot query = [&](const std::string& sql, TakeRow take) {
    absl::Status asked = connection.source().Query(sql, take, group->stop.get_token());
    is_source_sound = is_source_sound && asked.ok();
    return asked;
  };
  const absl::Status status =
      group->request.inspect(query, group->result.tables, group->stop.get_token());
  if (status.ok()) return;
  Fail(group, status, /*source_unreachable=*/false);
  const std::lock_guard<std::mutex> lock(mutex_);
  group->is_source_sound = is_source_sound;
}

bool LoadScheduler::OpenSnapshot(const SharedGroup& group, Connection& connection) {
  absl::StatusOr<SourceConnection*> source = connection.Open(group->stop.get_token());
  if (!source.ok()) {
    Fail(group, source.status(), absl::IsUnavailable(source.status()));
    return false;
  }
  absl::StatusOr<std::shared_ptr<const GroupSnapshot>> snapshot =
      (*source)->Lead(group->request.datasets, group->request.deadline_us, group->stop.get_token());
  if (!snapshot.ok()) {
    Fail(group, snapshot.status(), /*source_unreachable=*/false);
    return false;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.Open(*group, *std::move(snapshot));
  }
  changed_.notify_all();
  return true;
}

// None when every dataset is taken for good: the leader's transaction has served.
std::optional<size_t> LoadScheduler::NextOfLedGroup(const SharedGroup& group) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return !group->pending.empty() || group->num_joining == 0; });
  return queue_.TakePending(*group);
}

void LoadScheduler::Follow(const SharedGroup& group, size_t dataset, Connection& connection) {
  if (Join(group, dataset, connection)) {
    std::optional<size_t> next = dataset;
    while (next.has_value() && LoadOne(group, *next, connection)) next = NextOfFollowedGroup(group);
    connection.source().End();
  } else {
    connection.Spoil();
  }
  Leave(group, connection);
}

// A follower that cannot join gives its dataset back; the group does without followers then.
bool LoadScheduler::Join(const SharedGroup& group, size_t dataset, Connection& connection) {
  const absl::StatusOr<SourceConnection*> source = connection.Open(group->stop.get_token());
  const absl::Status joined =
      source.ok() ? (*source)->Follow(group->snapshot, group->stop.get_token()) : source.status();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    --group->num_joining;
    if (!joined.ok()) {
      group->takes_followers = false;
      if (group->result.status.ok()) group->pending.insert(group->pending.begin(), dataset);
    }
  }
  changed_.notify_all();
  return joined.ok();
}

// A follower goes on with its group while nothing elsewhere is more urgent.
std::optional<size_t> LoadScheduler::NextOfFollowedGroup(const SharedGroup& group) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (queue_.IsOutranked(*group)) return std::nullopt;
  return queue_.TakePending(*group);
}

bool LoadScheduler::LoadOne(const SharedGroup& group, size_t dataset, Connection& connection) {
  absl::StatusOr<LoadedTable> loaded = connection.source().Load(
      dataset, group->request.inspect == nullptr ? LoadPurpose::kPublish : LoadPurpose::kInspect,
      group->stop.get_token());
  if (!loaded.ok()) {
    Fail(group, loaded.status(), /*source_unreachable=*/false);
    return false;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  group->result.tables[dataset] = std::move(loaded->table);
  queue_.Record(group->request.datasets[dataset]->name, loaded->server_us);
  return true;
}

// The first failure is the group's; its siblings then end with CANCELLED.
void LoadScheduler::Fail(const SharedGroup& group, const absl::Status& status,
                         bool source_unreachable) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!group->result.status.ok()) return;
    group->result.status = status;
    group->result.source_unreachable = source_unreachable;
    group->pending.clear();
  }
  changed_.notify_all();
  group->stop.request_stop();
}

// The last thread that leaves a group delivers its result.
void LoadScheduler::Leave(const SharedGroup& group, Connection& connection) {
  bool failed = false;
  bool is_spoilt = false;
  bool is_last = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    failed = !group->result.status.ok();
    is_spoilt = failed && !group->is_source_sound;
    is_last = --group->num_threads == 0;
    if (is_last) queue_.Remove(group);
  }
  if (is_spoilt) connection.Spoil();
  if (!is_last) return;
  // Nobody else holds the group any more.
  group->result.load_us = clock_.MonotonicUs() - group->started_us;
  // Who hears of the end of an inspection may begin the next: its tables are not kept until then.
  if (failed || group->request.inspect != nullptr) group->result.tables.clear();
  group->request.finished(std::move(group->result));
}

}  // namespace sextant
