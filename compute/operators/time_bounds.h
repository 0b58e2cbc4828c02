#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/kernels/selection.h"
#include "compute/operators/aggregate_lanes.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Finds the least and the greatest instant of the metrics' samples over the selected rows, those
/// that a metric's own filter leaves: the range of a query that names none (rule 14). A date counts
/// as its midnight in the query's zone, an open end as the `as_of` of the table. Const after
/// construction; each range has its own State. Must not outlive the table it was made for.
class TimeBounds {
 public:
  using Bounds = SamplePin::Bounds;
  struct State {
    AggregateLanes::State lanes;
    /// In microseconds; nullopt when no row is pinned to an instant.
    std::optional<Bounds> bounds;
  };

  /// Of the metrics of one dataset. Errors: RESOURCE_EXHAUSTED from `budget`, here and in
  /// MakeState.
  static absl::StatusOr<TimeBounds> Create(const BoundQuery& query, size_t dataset,
                                           const Table& table, MemoryBudget& budget);

  absl::StatusOr<State> MakeState(MemoryBudget& budget) const;
  void Consume(State& state, const Chunk& chunk, Selection selection) const;
  void Merge(State& state, const State& next) const;

 private:
  TimeBounds(AggregateLanes lanes, int64_t as_of_us)
      : lanes_(std::move(lanes)), as_of_us_(as_of_us) {}

  AggregateLanes lanes_;  // over no intervals
  int64_t as_of_us_;
};

}  // namespace sextant
