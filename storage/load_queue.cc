#include "storage/load_queue.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "compute/memory/check.h"

namespace sextant {
namespace {

// Weight of the newest load in a dataset's average.
constexpr double kNewestWeight = 0.3;
// A source sends about this much; only the order of never loaded datasets rests on it.
constexpr uint64_t kBytesPerUs = 300;

}  // namespace

/// Less is sooner.
struct LoadQueue::Urgency {
  bool is_inspection = true;
  LoadPriority priority = LoadPriority::kBackground;
  int64_t expected_us = 0;
  friend bool operator<(const Urgency& a, const Urgency& b) {
    return std::tuple(a.is_inspection, a.priority, -a.expected_us) <
           std::tuple(b.is_inspection, b.priority, -b.expected_us);
  }
};

void LoadQueue::Add(SharedGroup group) {
  SEXTANT_CHECK(std::none_of(groups_.begin(), groups_.end(), [&](const SharedGroup& other) {
    return other->request.group == group->request.group;
  })) << group->request.group;
  groups_.push_back(std::move(group));
}

void LoadQueue::Remove(const SharedGroup& group) { std::erase(groups_, group); }

bool LoadQueue::RemoveWaiting(const SharedGroup& group) {
  return !group->has_leader && std::erase(groups_, group) > 0;
}

std::optional<LoadWork> LoadQueue::Take() {
  std::optional<LoadWork> best;
  Urgency best_urgency;
  const auto consider = [&](const SharedGroup& group, std::optional<size_t> dataset,
                            const Urgency& urgency) {
    if (best.has_value() && !(urgency < best_urgency)) return;
    best = LoadWork{group, dataset};
    best_urgency = urgency;
  };
  for (const SharedGroup& group : groups_) {
    if (!group->has_leader) {
      consider(group, std::nullopt, UrgencyOf(*group));
    } else if (group->takes_followers && !group->pending.empty()) {
      const size_t dataset = group->pending.front();
      consider(group, dataset, UrgencyOf(*group, dataset));
    }
  }
  if (!best.has_value()) return std::nullopt;
  GroupLoad& group = *best->group;
  ++group.num_threads;
  if (best->dataset.has_value()) {
    TakePending(group);
    ++group.num_joining;
  } else {
    group.has_leader = true;
  }
  return best;
}

void LoadQueue::Open(GroupLoad& group, std::shared_ptr<const GroupSnapshot> snapshot) {
  SEXTANT_CHECK(snapshot->estimates().size() == group.request.datasets.size());
  group.snapshot = std::move(snapshot);
  for (size_t dataset = 0; dataset < group.request.datasets.size(); ++dataset) {
    group.pending.push_back(dataset);
  }
  std::stable_sort(group.pending.begin(), group.pending.end(),
                   [&](size_t a, size_t b) { return UrgencyOf(group, a) < UrgencyOf(group, b); });
}

std::optional<size_t> LoadQueue::TakePending(GroupLoad& group) {
  if (group.pending.empty()) return std::nullopt;
  const size_t dataset = group.pending.front();
  group.pending.erase(group.pending.begin());
  return dataset;
}

bool LoadQueue::IsOutranked(const GroupLoad& group) const {
  if (group.pending.empty()) return false;
  const Urgency urgency = UrgencyOf(group, group.pending.front());
  return std::any_of(groups_.begin(), groups_.end(), [&](const SharedGroup& other) {
    return !other->has_leader && UrgencyOf(*other) < urgency;
  });
}

void LoadQueue::Record(const std::string& dataset, int64_t server_us) {
  const double newest_us = static_cast<double>(server_us);
  const auto [average, is_first] = average_us_.try_emplace(dataset, newest_us);
  if (!is_first) average->second += kNewestWeight * (newest_us - average->second);
}

int64_t LoadQueue::ExpectedUs(const GroupLoad& group, size_t dataset) const {
  const auto average = average_us_.find(group.request.datasets[dataset]->name);
  if (average != average_us_.end()) return static_cast<int64_t>(average->second);
  if (group.snapshot == nullptr) return 0;
  return static_cast<int64_t>(group.snapshot->estimates()[dataset].bytes / kBytesPerUs);
}

LoadQueue::Urgency LoadQueue::UrgencyOf(const GroupLoad& group, size_t dataset) const {
  if (group.request.inspect != nullptr) return {.expected_us = ExpectedUs(group, dataset)};
  return {.is_inspection = false,
          .priority = group.request.datasets[dataset]->priority,
          .expected_us = ExpectedUs(group, dataset)};
}

// Of a group that nobody leads yet: that of its most urgent dataset.
LoadQueue::Urgency LoadQueue::UrgencyOf(const GroupLoad& group) const {
  Urgency most_urgent = UrgencyOf(group, 0);
  for (size_t dataset = 1; dataset < group.request.datasets.size(); ++dataset) {
    most_urgent = std::min(most_urgent, UrgencyOf(group, dataset));
  }
  return most_urgent;
}

}  // namespace sextant
