#include "storage/refresh_schedule.h"

#include <algorithm>
#include <utility>

#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr double kPeriodLow = 0.85;
constexpr double kPeriodHigh = 1.15;
// 2^30 times any sensible delay is beyond any sensible cap.
constexpr int kDoublingsMax = 30;

}  // namespace

RefreshSchedule::RefreshSchedule(std::vector<Group> groups, size_t num_sources, Retry retry)
    : sources_(num_sources), retry_(retry), random_(retry.seed) {
  for (const Group& group : groups) {
    SEXTANT_CHECK(group.source < num_sources);
    groups_.push_back({.declared = group});
  }
}

void RefreshSchedule::DueAll(int64_t now_us) {
  for (GroupState& group : groups_) {
    if (group.phase == Phase::kIdle) group.due_us = std::min(group.due_us, now_us);
  }
}

void RefreshSchedule::Request(size_t group, int64_t now_us) {
  GroupState& state = groups_[group];
  switch (state.phase) {
    case Phase::kIdle:
      state.due_us = now_us;
      state.is_asked = true;
      break;
    case Phase::kQueued:
      break;
    case Phase::kRunning:
      state.asked_again = true;
      break;
  }
}

// When `group` may be handed out, with its source as it is now.
int64_t RefreshSchedule::ReadyAtUs(const GroupState& group) const {
  if (group.phase != Phase::kIdle) return kNever;
  const SourceState& source = sources_[group.declared.source];
  if (!source.is_lost || group.due_us == kNever) return group.due_us;
  if (source.probe.has_value()) return kNever;
  return group.is_asked ? group.due_us : std::max(group.due_us, source.retry_us);
}

std::vector<size_t> RefreshSchedule::TakeDue(int64_t now_us) {
  std::vector<size_t> due;
  for (size_t index = 0; index < groups_.size(); ++index) {
    GroupState& group = groups_[index];
    if (ReadyAtUs(group) > now_us) continue;
    SourceState& source = sources_[group.declared.source];
    if (source.is_lost) source.probe = index;
    group.phase = Phase::kQueued;
    group.due_us = kNever;
    group.is_asked = false;
    due.push_back(index);
  }
  return due;
}

int64_t RefreshSchedule::NextDueUs() const {
  int64_t next_us = kNever;
  for (const GroupState& group : groups_) next_us = std::min(next_us, ReadyAtUs(group));
  return next_us;
}

void RefreshSchedule::Started(size_t group, int64_t now_us) {
  SEXTANT_CHECK(groups_[group].phase == Phase::kQueued);
  groups_[group].phase = Phase::kRunning;
  groups_[group].started_us = now_us;
}

SourceChange RefreshSchedule::Finished(size_t group, LoadOutcome outcome, int64_t now_us) {
  GroupState& state = groups_[group];
  SEXTANT_CHECK(state.phase != Phase::kIdle);
  state.phase = Phase::kIdle;
  SourceChange change = SourceChange::kNone;
  switch (outcome) {
    case LoadOutcome::kPublished:
      state.num_failures = 0;
      state.due_us = NextRegularDueUs(state, now_us);
      change = NoteReached(state.declared.source, now_us);
      break;
    case LoadOutcome::kFailed:
      state.due_us = now_us + BackoffUs(state.num_failures++);
      change = NoteReached(state.declared.source, now_us);
      break;
    case LoadOutcome::kRefused:
      state.due_us = now_us + Draw(retry_.max_us / 2, retry_.max_us);
      change = NoteReached(state.declared.source, now_us);
      break;
    case LoadOutcome::kUnreachable:
      state.due_us = now_us;
      change = NoteLost(group, now_us);
      break;
    case LoadOutcome::kStopped:
      state.due_us = kNever;
      break;
  }
  if (std::exchange(state.asked_again, false) && outcome != LoadOutcome::kStopped) {
    Request(group, now_us);
  }
  return change;
}

int64_t RefreshSchedule::NextRegularDueUs(const GroupState& group, int64_t now_us) {
  if (!group.declared.every_us.has_value()) return kNever;
  const double every_us = static_cast<double>(*group.declared.every_us);
  const int64_t period_us = Draw(static_cast<int64_t>(every_us * kPeriodLow),
                                 static_cast<int64_t>(every_us * kPeriodHigh));
  return std::max(group.started_us + period_us, now_us);
}

int64_t RefreshSchedule::BackoffUs(int num_failures) {
  const int64_t factor = int64_t{1} << std::min(num_failures, kDoublingsMax);
  const bool is_capped = retry_.min_us > retry_.max_us / factor;
  return Draw(0, is_capped ? retry_.max_us : retry_.min_us * factor);
}

SourceChange RefreshSchedule::NoteReached(size_t source, int64_t now_us) {
  SourceState& state = sources_[source];
  if (!state.is_lost) return SourceChange::kNone;
  state = SourceState{.retry_us = now_us};
  return SourceChange::kBack;
}

SourceChange RefreshSchedule::NoteLost(size_t group, int64_t now_us) {
  SourceState& source = sources_[groups_[group].declared.source];
  // Of several that were in flight when the source went away, the first one counts.
  if (source.is_lost && source.probe != group) return SourceChange::kNone;
  source.probe.reset();
  source.retry_us = now_us + BackoffUs(source.num_failures++);
  return std::exchange(source.is_lost, true) ? SourceChange::kNone : SourceChange::kLost;
}

int64_t RefreshSchedule::Draw(int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random_);
}

}  // namespace sextant
