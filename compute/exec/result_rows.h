#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "compute/exec/finished_result.h"
#include "compute/exec/query_context.h"
#include "compute/operators/group_aggregate.h"
#include "compute/plan/bound_query.h"

namespace sextant {

class PartitionedGroups;

/// A grouping over all datasets of a query, all ranges merged.
struct FinishedPass {
  int64_t grouping = 0;                                         // of the result column of that name
  absl::InlinedVector<const GroupAggregate*, 1> groups;         // per dataset
  absl::InlinedVector<const GroupAggregate::State*, 1> states;  // likewise
  /// Where not null, the only pass, whose rows are there, finished; those have no cells.
  PartitionedGroups* partitioned = nullptr;
};

/// The rows of a result, before ORDER BY: the cells of each pass that have a sample, cells of
/// several datasets joined on the values of their axes (rule 19), in axis order.
struct ResultRows {
  explicit ResultRows(MemoryBudget& budget) : intervals(budget) {}

  /// In `cells` of a dataset that has no samples there.
  static constexpr uint32_t kNoCell = 0xFFFFFFFF;

  size_t size() const { return intervals.size(); }

  std::vector<AxisColumn> axes;                // NULL where an axis is summed up
  TrackedVector<uint32_t> intervals;           // counted over all series
  std::vector<TrackedVector<uint32_t>> cells;  // per dataset, of the state of the row's pass
  /// One more than passes, whose rows lie together.
  absl::InlinedVector<size_t, 2> pass_begins;
  bool may_lack_cells = false;  // kNoCell may be among them
};

struct ResultRowsInput {
  QueryContext& context;
  const BoundQuery& query;
  std::span<const FinishedPass> passes;
  uint32_t num_intervals = 0;  // over all series
  bool is_dense = false;       // every tuple that has a cell gets a row for every interval
};

/// Errors: those of the context; RESOURCE_EXHAUSTED, with TOO_MANY_CELLS before more rows are made
/// than the limit allows.
absl::StatusOr<ResultRows> MakeResultRows(const ResultRowsInput& input);

}  // namespace sextant
