#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <vector>

namespace sextant {

/// How the load of a group ended, as far as the time of the next one depends on it.
enum class LoadOutcome : uint8_t {
  kPublished,
  kFailed,       // a retry may help
  kRefused,      // somebody must act first: the source, the catalogue or the memory budget
  kUnreachable,  // no connection to the source
  kStopped,
};

enum class SourceChange : uint8_t { kNone, kLost, kBack };

/// When each group is to be loaded: pure arithmetic on the times it is given, without threads.
///
/// A group is idle (with or without a time when it is due), queued (handed out by TakeDue, not
/// started) or running. Its period is drawn from [0.85, 1.15] of what is declared, so that groups
/// and replicas spread. A failed load is retried with full jitter: after a time drawn from
/// [0, bound], the bound doubling from retry_min_us to retry_max_us; one that somebody must act
/// upon, after [0.5, 1] retry_max_us. While a source cannot be reached, one group at a time is
/// handed out as the probe, with the source's own retry times; the others follow when it is back.
///
/// Groups and sources are known by their positions. Times are microseconds of one clock.
/// Thread-safety: none.
class RefreshSchedule {  // not row-proportional: values per group and source
 public:
  struct Group {
    size_t source = 0;
    std::optional<int64_t> every_us = std::nullopt;
  };
  struct Retry {
    int64_t min_us = 500'000;
    int64_t max_us = 30'000'000;
    uint64_t seed = 0;
  };
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  /// Nothing is due yet.
  RefreshSchedule(std::vector<Group> groups, size_t num_sources, Retry retry);

  /// Makes every group due.
  void DueAll(int64_t now_us);
  /// Makes a load that starts after this call due now, whatever delays the group; one that is
  /// queued serves.
  void Request(size_t group, int64_t now_us);
  /// The groups that are due, which are queued from now on.
  std::vector<size_t> TakeDue(int64_t now_us);
  /// When TakeDue gives something next; kNever when only Finished or Request can tell.
  int64_t NextDueUs() const;

  /// REQUIRES: queued.
  void Started(size_t group, int64_t now_us);
  /// REQUIRES: queued or running.
  SourceChange Finished(size_t group, LoadOutcome outcome, int64_t now_us);

  /// Queued or running.
  bool IsInFlight(size_t group) const { return groups_[group].phase != Phase::kIdle; }
  bool IsReachable(size_t source) const { return !sources_[source].is_lost; }

 private:
  enum class Phase : uint8_t { kIdle, kQueued, kRunning };
  struct GroupState {
    Group declared;
    Phase phase = Phase::kIdle;
    int64_t due_us = kNever;
    int64_t started_us = 0;
    bool asked_again = false;  // a request came while it ran
    bool is_asked = false;     // due because of a request: goes ahead of a lost source's retry time
    int num_failures = 0;      // in a row
  };
  struct SourceState {
    bool is_lost = false;
    int64_t retry_us = 0;
    int num_failures = 0;
    std::optional<size_t> probe = std::nullopt;  // the group in flight while the source is lost
  };

  int64_t ReadyAtUs(const GroupState& group) const;
  int64_t NextRegularDueUs(const GroupState& group, int64_t now_us);
  int64_t BackoffUs(int num_failures);
  SourceChange NoteReached(size_t source, int64_t now_us);
  SourceChange NoteLost(size_t group, int64_t now_us);
  int64_t Draw(int64_t low, int64_t high);

  std::vector<GroupState> groups_;
  std::vector<SourceState> sources_;
  const Retry retry_;
  std::mt19937_64 random_;
};

}  // namespace sextant
