#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "compute/exec/result.h"
#include "compute/operators/metric_values.h"

namespace sextant {

/// A group axis of a result: its distinct values in their order, NULL last, and which one each cell
/// has.
struct AxisColumn {
  AxisColumn(const DataType& type, MemoryBudget& budget) : values(type, budget), ranks(budget) {}

  MetricValues values;            // by rank
  TrackedVector<uint32_t> ranks;  // by cell
};

/// The rows of a finished result, in memory of their own: the cells in axis order, and the order
/// they are read in. Filled in by ResultBuilder; afterwards any number of threads may read them.
struct FinishedRows {
  explicit FinishedRows(MemoryBudget& budget) : intervals(budget), order(budget) {}

  size_t num_rows() const { return is_in_order ? intervals.size() : order.size(); }
  /// As Buffer::ChargeTo; after an error some are charged there. Idempotent.
  absl::Status ChargeTo(MemoryBudget& budget);
  /// Of what the budget is charged for.
  size_t reserved_bytes() const;

  ResultHeader header;
  ResultSummary summary;
  std::vector<AxisColumn> axes;
  TrackedVector<uint32_t> intervals;  // by cell: counted over all series
  std::vector<MetricValues> values;
  std::vector<uint32_t> metrics;  // which of `values`, per metric
  TrackedVector<uint32_t> order;  // cells in the order they are read in
  bool is_in_order = false;       // `order` is empty, and they are read as they lie
  absl::InlinedVector<size_t, 1> grouping_begins;  // cells from here on are of the grouping
  absl::InlinedVector<int64_t, 1> groupings;       // of the same index
};

}  // namespace sextant
