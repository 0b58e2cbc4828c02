#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result.h"
#include "compute/operators/filter.h"
#include "compute/operators/group_aggregate.h"
#include "compute/operators/scan.h"
#include "compute/operators/time_bounds.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// One query from bound to finished, cut into work that threads can share: one phase or two (when
/// the query names no range of time, the first finds it), a phase in ranges of 2^20 rows, a range
/// in morsels.
///
///   Prepare();
///   do { for each range, in any order and on any thread: StartRange, Step.., FinishRange }
///   while (FinishPhase());
///   MakeResult();
///
/// Ranges are merged in their order whatever the order they finish in (rule 4). Thread-safety:
/// StartRange, Step and FinishRange may run on several threads at once, on different ranges; the
/// others on one, while none of those runs. The context must outlive it and its result.
class QueryRun {
 public:
  /// `range_rows` as in Scan.
  QueryRun(QueryContext& context, const BoundQuery& query, TenantScope scope,
           uint64_t range_rows = kRangeRows);

  /// The state of one range.
  struct Range {
    uint32_t index = 0;
    size_t next_morsel = 0;
    Buffer selection;
    FilterScratch filter;
    std::optional<TimeBounds::State> bounds;  // of the first phase
    std::unique_ptr<GroupAggregate::State> groups;
    ResultSummary counts;
  };

  absl::Status Prepare();
  uint32_t num_ranges() const { return scan_.num_ranges(); }
  absl::StatusOr<std::unique_ptr<Range>> StartRange(uint32_t index) const;
  /// Runs one morsel; returns whether there are more.
  absl::StatusOr<bool> Step(Range& range) const;
  absl::Status FinishRange(std::unique_ptr<Range> range);
  /// Whether another phase follows.
  absl::StatusOr<bool> FinishPhase();
  /// `keep_alive` lives as long as the result.
  absl::StatusOr<std::unique_ptr<ResultCursor>> MakeResult(std::shared_ptr<void> keep_alive,
                                                           int64_t queued_us);

 private:
  enum class Phase { kBounds, kGroups };

  absl::Status BeginGroups(int64_t from_us, int64_t to_us);
  absl::Status Merge(Range& next);

  QueryContext& context_;
  const BoundQuery query_;
  const Scan scan_;
  int64_t start_us_ = 0;  // of Prepare: what came before is the queue's
  Phase phase_ = Phase::kGroups;
  std::optional<Filter> filter_;
  std::optional<TimeBounds> bounds_;  // of the first phase
  std::vector<ResolvedSeries> series_;
  std::optional<GroupAggregate> groups_;

  std::mutex mutex_;
  std::map<uint32_t, std::unique_ptr<Range>> waiting_;  // guarded by mutex_: finished, not merged
  uint32_t next_to_merge_ = 0;                          // guarded by mutex_
  bool is_merging_ = false;                             // guarded by mutex_
  std::optional<TimeBounds::State> merged_bounds_;      // of the thread that merges
  std::unique_ptr<GroupAggregate::State> merged_;       // of the thread that merges
  ResultSummary counts_;                                // of the thread that merges
};

}  // namespace sextant
