#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/axis_ranks.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result_rows.h"
#include "compute/operators/group_aggregate.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// A grouping of one dataset with about as many cells as samples: ranges only write their samples
/// down (SampleLog), by keys that ascend as rows of the result do; then partition after partition
/// of the keys is aggregated (CellPartition), any number of them at a time, and its cells are
/// written where the rows of the result lie: behind those of the partitions before it. One that is
/// made early waits for these; where too many wait, they go behind as much room as those that are
/// missing have samples, and what these leave unused is closed up in the end.
///
/// Thread-safety: MakePartition may run for different partitions at once; the others on one thread
/// while none of those runs. `context`, `query` and `groups` must outlive it.
class PartitionedGroups {
 public:
  /// Ranks all values of the axes. REQUIRES: groups.may_log(). Errors: those of the context,
  /// RESOURCE_EXHAUSTED, here and in all that follow.
  static absl::StatusOr<std::unique_ptr<PartitionedGroups>> Create(QueryContext& context,
                                                                   const BoundQuery& query,
                                                                   const GroupAggregate& groups,
                                                                   uint64_t num_rows);

  /// The state of a range.
  absl::StatusOr<std::unique_ptr<GroupAggregate::State>> MakeLog() const {
    return groups_.MakeLog(plan_, context_.budget());
  }
  uint32_t num_partitions() const { return plan_.num_bins(); }
  /// `logged`: of all ranges, merged. Makes room for the rows.
  absl::Status BeginPartitions(const GroupAggregate::State& logged);
  /// Errors: OUT_OF_RANGE (SUM_OVERFLOW); TOO_MANY_CELLS when there are more than the limit.
  absl::Status MakePartition(const GroupAggregate::State& logged, uint32_t index);

  /// The cells that have a sample, in order. REQUIRES: all partitions were made. So does the next.
  absl::StatusOr<ResultRows> TakeRows();
  /// The values of aggregate number `index` of the dataset, of all rows.
  absl::StatusOr<MetricValues> TakeValues(size_t index);

 private:
  struct Part {
    size_t num_samples = 0;
    bool has_room = false;                   // guarded by mutex_
    size_t begin = 0;                        // then: its first row; likewise
    size_t num_rows = 0;                     // cells that have a sample
    std::map<size_t, MetricValues> unsized;  // by aggregate: texts and lists
  };

  PartitionedGroups(QueryContext& context, const BoundQuery& query, const GroupAggregate& groups)
      : context_(context), query_(query), groups_(groups), rows_(context.budget()) {}

  struct MadePart {
    uint32_t index;
    CellPartition cells;
    TrackedVector<uint32_t> sampled;  // those that have a sample
  };

  absl::Status RankAxes();
  /// Keeps a part, and takes those that have room now.
  std::vector<MadePart> TakePlaced(MadePart made);
  void GiveRoom(Part& part, size_t num_rows);
  void WriteKeys(std::span<const uint64_t> keys, size_t first_row);
  absl::Status WriteValues(CellPartition& made, std::span<const uint32_t> cells, Part& part);
  /// Moves the rows of all partitions together.
  template <typename T>
  absl::Status CloseUp(TrackedVector<T>& column) const;
  const BoundAggregate& aggregate(size_t index) const {
    return query_.aggregates[query_.datasets[0].aggregates[index]];
  }

  QueryContext& context_;
  const BoundQuery& query_;
  const GroupAggregate& groups_;
  SpareLogRoom spare_;
  std::unique_ptr<SampleCarrier> carrier_;  // null: rows are read again
  SampleLogPlan plan_;
  std::vector<RankedAxis> axes_;  // all values that rows may have
  std::vector<Part> parts_;
  std::mutex mutex_;
  std::map<uint32_t, MadePart> waiting_;  // guarded by mutex_: made, without room
  uint32_t next_to_place_ = 0;            // likewise: all parts before it have room
  size_t end_of_rooms_ = 0;               // likewise
  std::atomic<uint64_t> num_cells_{0};
  ResultRows rows_;
  std::vector<MetricValues> values_;  // per aggregate; empty of texts and lists until taken
};

/// Some of the rows of a grouping, grouped as usual.
struct GroupedSample {
  uint64_t num_scanned = 0;
  uint64_t num_selected = 0;
  uint64_t num_cells = 0;
};

/// Whether it pays to look at a sample of `num_rows` rows, and whether a grouping of them, with
/// such a sample, is likely to be faster by partitions: when, if all cells are equally likely,
/// there is one for every two rows at least.
bool MayBeWorthPartitions(const GroupAggregate& groups, const BoundQuery& query, uint64_t num_rows);
bool IsWorthPartitions(const GroupedSample& sample, uint64_t num_rows);

}  // namespace sextant
