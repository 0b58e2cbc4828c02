#include "storage/refresh_loop.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

LoadOutcome OutcomeOf(const GroupResult& result) {
  if (result.status.ok()) return LoadOutcome::kPublished;
  if (result.source_unreachable) return LoadOutcome::kUnreachable;
  switch (result.status.code()) {
    case absl::StatusCode::kCancelled:
      return LoadOutcome::kStopped;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDataLoss:
      return LoadOutcome::kFailed;
    default:
      return LoadOutcome::kRefused;
  }
}

size_t PositionOf(const StorageSpec& spec, const std::string& source) {
  const auto found =
      std::find_if(spec.sources.begin(), spec.sources.end(),
                   [&](const SourceSpec& candidate) { return candidate.name == source; });
  SEXTANT_CHECK(found != spec.sources.end()) << "source '" << source << "' is not declared";
  return static_cast<size_t>(std::distance(spec.sources.begin(), found));
}

std::optional<int64_t> PeriodOf(const StorageSpec& spec, const std::string& group) {
  for (const GroupSpec& declared : spec.groups) {
    if (declared.name == group) return declared.refresh_every_us;
  }
  return std::nullopt;
}

absl::Status DifferentSources(const std::string& one, const std::string& other) {
  return WithDetail(
      absl::FailedPreconditionError(absl::StrCat(
          "the datasets '", one, "' and '", other,
          "' have different sources, and so no common snapshot; allowed: datasets of one source")),
      {.reason = "DIFFERENT_SOURCES", .metadata = {{"dataset", one}, {"other_dataset", other}}});
}

void CallAll(std::vector<std::function<void(absl::Status)>> callbacks, const absl::Status& status) {
  for (const std::function<void(absl::Status)>& callback : callbacks) callback(status);
}

}  // namespace

RefreshLoop::RefreshLoop(const StorageSpec& spec, TableCache& cache, const ConnectTo& connect_to,
                         EventSink on_event, const Clock& clock, RefreshSchedule::Retry retry)
    : spec_(spec),
      cache_(cache),
      on_event_(std::move(on_event)),
      clock_(clock),
      schedule_(DeclareGroups(spec), spec.sources.size(), retry) {
  for (const SourceSpec& source : spec.sources) {
    loaders_.push_back(
        std::make_unique<LoadScheduler>(source.max_connections, connect_to(source), clock));
  }
}

RefreshLoop::~RefreshLoop() { Stop(); }

// Fills groups_ and group_of_.
std::vector<RefreshSchedule::Group> RefreshLoop::DeclareGroups(const StorageSpec& spec) {
  std::vector<RefreshSchedule::Group> declared;
  absl::flat_hash_map<std::string, size_t> positions;
  for (const DatasetSpec& dataset : spec.datasets) {
    const std::string& name = dataset.group.empty() ? dataset.name : dataset.group;
    const auto [position, is_new] = positions.try_emplace(name, groups_.size());
    if (is_new) {
      const size_t source = PositionOf(spec, dataset.source);
      groups_.push_back({.name = name, .source = source});
      declared.push_back({.source = source, .every_us = PeriodOf(spec, name)});
    }
    Group& group = groups_[position->second];
    SEXTANT_CHECK(group.source == PositionOf(spec, dataset.source)) << "group '" << name << "'";
    group.datasets.push_back(&dataset);
    group_of_.emplace(dataset.name, position->second);
  }
  return declared;
}

void RefreshLoop::Start() {
  const std::lock_guard<std::mutex> lifecycle(lifecycle_mutex_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_ || thread_.joinable()) return;
    schedule_.DueAll(clock_.MonotonicUs());
  }
  thread_ = std::thread([this] { Run(); });
}

void RefreshLoop::Stop() {
  const std::lock_guard<std::mutex> lifecycle(lifecycle_mutex_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const std::unique_ptr<LoadScheduler>& loader : loaders_) loader->Stop();
  std::vector<Done> left;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Group& group : groups_) {
      std::move(group.waiting.begin(), group.waiting.end(), std::back_inserter(left));
      group.waiting.clear();
    }
  }
  CallAll(std::move(left), absl::CancelledError("loads are stopped"));
}

absl::Status RefreshLoop::RefreshNow(const std::string& dataset, Done done) {
  const auto group = group_of_.find(dataset);
  if (group == group_of_.end()) return cache_.StatusOf(dataset).status();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!stopping_) {
      groups_[group->second].waiting.push_back(std::exchange(done, nullptr));
      schedule_.Request(group->second, clock_.MonotonicUs());
    }
  }
  changed_.notify_all();
  if (done != nullptr) done(absl::CancelledError("loads are stopped"));
  return absl::OkStatus();
}

absl::Status RefreshLoop::Inspect(const std::vector<std::string>& datasets, Inspection inspection) {
  GroupRequest request;
  std::optional<size_t> source;
  for (const std::string& name : datasets) {
    const auto found = group_of_.find(name);
    if (found == group_of_.end()) return cache_.StatusOf(name).status();
    const Group& group = groups_[found->second];
    if (source.value_or(group.source) != group.source) {
      return DifferentSources(datasets[0], name);
    }
    source = group.source;
    request.datasets.push_back(
        *std::find_if(group.datasets.begin(), group.datasets.end(),
                      [&](const DatasetSpec* dataset) { return dataset->name == name; }));
  }
  SEXTANT_CHECK(source.has_value());
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    request.group = absl::StrCat("inspection ", ++num_inspections_);
  }
  request.started = inspection.started ? std::move(inspection.started) : [] {};
  request.inspect = std::move(inspection.inspect);
  if (link_ != nullptr) {
    const size_t num_asked = request.datasets.size();
    AddLinked(request.datasets);
    request.inspect = [this, num_asked, inspect = std::move(request.inspect)](
                          const QuerySnapshot& query, const Tables& tables, std::stop_token stop) {
      absl::StatusOr<Tables> linked = link_(tables);
      if (!linked.ok()) return linked.status();
      linked->resize(num_asked);
      return inspect(query, *linked, std::move(stop));
    };
  }
  request.cancel = std::move(inspection.cancel);
  request.deadline_us = inspection.deadline_us;
  request.finished = [done = std::move(inspection.done)](const GroupResult& result) {
    done(result.status);
  };
  loaders_[*source]->Submit(std::move(request));
  return absl::OkStatus();
}

Refresher::Stats RefreshLoop::stats() const {
  Refresher::Stats total;
  for (const std::unique_ptr<LoadScheduler>& loader : loaders_) {
    const LoadScheduler::Stats stats = loader->stats();
    total.connections_busy += stats.connections_busy;
    total.connections_limit += stats.connections_limit;
    total.reconnects += stats.reconnects;
  }
  return total;
}

void RefreshLoop::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    const std::vector<size_t> due = schedule_.TakeDue(clock_.MonotonicUs());
    if (due.empty()) {
      clock_.WaitUntil(changed_, lock, schedule_.NextDueUs());
      continue;
    }
    lock.unlock();
    for (const size_t group : due) Submit(group);
    lock.lock();
  }
}

void RefreshLoop::Submit(size_t group) {
  loaders_[groups_[group].source]->Submit(
      {.group = groups_[group].name,
       .datasets = groups_[group].datasets,
       .started = [this, group] { NoteStarted(group); },
       .finished = [this, group](GroupResult result) { NoteFinished(group, std::move(result)); }});
}

void RefreshLoop::NoteStarted(size_t group) {
  const std::lock_guard<std::mutex> lock(mutex_);
  schedule_.Started(group, clock_.MonotonicUs());
  groups_[group].served = std::exchange(groups_[group].waiting, {});
}

void RefreshLoop::LinkWith(LinkGroup link) { link_ = std::move(link); }

void RefreshLoop::Link(GroupResult& result) const {
  if (link_ == nullptr || !result.status.ok()) return;
  const int64_t began_us = clock_.MonotonicUs();
  absl::StatusOr<Tables> linked = link_(std::move(result.tables));
  result.tables.clear();
  if (linked.ok()) {
    result.tables = *std::move(linked);
  } else {
    result.status = linked.status();
  }
  result.load_us += clock_.MonotonicUs() - began_us;
}

void RefreshLoop::AddLinked(GroupDatasets& datasets) const {
  const auto add = [&](const std::string& name) {
    for (const DatasetSpec& dataset : spec_.datasets) {
      if (dataset.name != name) continue;
      if (std::find(datasets.begin(), datasets.end(), &dataset) == datasets.end()) {
        datasets.push_back(&dataset);
      }
    }
  };
  for (size_t i = 0; i < datasets.size(); ++i) {
    for (const LinkDeclaration& link : datasets[i]->links) {
      add(link.dataset);
      add(link.via);
    }
  }
}

void RefreshLoop::NoteFinished(size_t group, GroupResult result) {
  const Group& finished = groups_[group];
  Link(result);
  const LoadOutcome outcome = OutcomeOf(result);
  if (result.status.ok()) {
    cache_.Publish(result.tables, result.load_us, clock_.WallUs());
  } else {
    for (const DatasetSpec* const dataset : finished.datasets) {
      cache_.LoadFailed(dataset->name, result.status, clock_.WallUs());
    }
  }
  SourceChange change = SourceChange::kNone;
  bool is_news = false;
  std::vector<Done> served;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    change = schedule_.Finished(group, outcome, clock_.MonotonicUs());
    is_news = IsNewsLocked(groups_[group], result, outcome);
    served = TakeServedLocked(group, outcome);
  }
  Report(finished, result, change, is_news);
  CallAll(std::move(served), result.status);
  changed_.notify_all();
}

bool RefreshLoop::IsNewsLocked(Group& group, const GroupResult& result, LoadOutcome outcome) {
  if (outcome == LoadOutcome::kPublished) group.reported_failure.clear();
  if (outcome != LoadOutcome::kFailed && outcome != LoadOutcome::kRefused) return false;
  std::string message(result.status.message());
  return std::exchange(group.reported_failure, message) != message;
}

// Nobody else asks a source that cannot be reached: its answer holds for all groups that wait.
std::vector<RefreshLoop::Done> RefreshLoop::TakeServedLocked(size_t group, LoadOutcome outcome) {
  std::vector<Done> served = std::exchange(groups_[group].served, {});
  for (size_t other = 0; other < groups_.size(); ++other) {
    const bool shares_fate = outcome == LoadOutcome::kUnreachable &&
                             groups_[other].source == groups_[group].source &&
                             !schedule_.IsInFlight(other);
    if (!shares_fate) continue;
    std::vector<Done>& waiting = groups_[other].waiting;
    std::move(waiting.begin(), waiting.end(), std::back_inserter(served));
    waiting.clear();
  }
  return served;
}

void RefreshLoop::Report(const Group& group, const GroupResult& result, SourceChange change,
                         bool is_news) {
  const std::string& source = spec_.sources[group.source].name;
  if (change == SourceChange::kBack) {
    on_event_({.kind = LoadEvent::Kind::kSourceBack,
               .message = absl::StrCat("source '", source, "' can be reached again")});
  }
  if (change == SourceChange::kLost) {
    on_event_({.kind = LoadEvent::Kind::kSourceUnreachable,
               .message = absl::StrCat("source '", source, "' cannot be reached, retrying: ",
                                       result.status.message())});
  }
  if (is_news) {
    on_event_({.kind = LoadEvent::Kind::kFailed,
               .group = group.name,
               .seconds = static_cast<double>(result.load_us) * 1e-6,
               .message = std::string(result.status.message())});
  }
  for (const std::shared_ptr<const Table>& table : result.tables) {
    on_event_({.kind = LoadEvent::Kind::kPublished,
               .group = group.name,
               .dataset = table->identity().dataset,
               .version = table->identity().version,
               .rows = table->num_live_rows(),
               .bytes = table->reserved_bytes(),
               .seconds = static_cast<double>(result.load_us) * 1e-6});
  }
}

}  // namespace sextant
