#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
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
/// of the keys is aggregated and finished (CellPartition), any number at a time, and last its rows
/// are written behind those of the partitions before it.
///
/// Thread-safety: MakePartition and WriteRows may run for different partitions at once; the others
/// on one thread while none of those runs. `context`, `query` and `groups` must outlive it.
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
  /// Makes a partition of the logs of all ranges, merged. Errors: OUT_OF_RANGE (SUM_OVERFLOW);
  /// TOO_MANY_CELLS when there are more than the limit.
  absl::Status MakePartition(const GroupAggregate::State& logged, uint32_t index);
  /// After all partitions were made, and before WriteRows.
  absl::Status MakeRoomForRows();
  absl::Status WriteRows(uint32_t index);

  /// The cells that have a sample, in order. REQUIRES: WriteRows of all. So does the next.
  absl::StatusOr<ResultRows> TakeRows();
  /// The values of aggregate number `index` of the dataset, of all rows.
  absl::StatusOr<MetricValues> TakeValues(size_t index);

 private:
  /// The cells of a partition that have a sample.
  struct Part {
    explicit Part(MemoryBudget& budget) : keys(budget) {}

    TrackedVector<uint64_t> keys;
    std::vector<MetricValues> values;  // per aggregate
    size_t first_row = 0;
  };

  PartitionedGroups(QueryContext& context, const BoundQuery& query, const GroupAggregate& groups)
      : context_(context), query_(query), groups_(groups), rows_(context.budget()) {}

  absl::Status RankAxes();
  const BoundAggregate& aggregate(size_t index) const {
    return query_.aggregates[query_.datasets[0].aggregates[index]];
  }

  QueryContext& context_;
  const BoundQuery& query_;
  const GroupAggregate& groups_;
  SampleLogPlan plan_;
  std::vector<RankedAxis> axes_;  // all values that rows may have
  std::vector<Part> parts_;
  std::atomic<uint64_t> num_cells_{0};
  ResultRows rows_;
  std::vector<MetricValues> values_;  // per aggregate; empty of texts and lists
};

/// Whether a grouping of `num_rows` rows is likely to be faster so, of which some were grouped as
/// usual: `num_selected` rows have `num_cells` cells.
struct GroupedSample {
  uint64_t num_selected = 0;
  uint64_t num_cells = 0;
};
bool MayBeWorthPartitions(const GroupAggregate& groups, const BoundQuery& query, uint64_t num_rows);
bool IsWorthPartitions(const GroupedSample& sample);

}  // namespace sextant
