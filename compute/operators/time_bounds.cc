#include "compute/operators/time_bounds.h"

#include <algorithm>
#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<TimeBounds> TimeBounds::Create(const BoundQuery& query, size_t dataset,
                                              const Table& table, MemoryBudget& budget) {
  // Rows outside of a domain are no samples.
  const AggregateLanes::Plan plan = {query, dataset, table, {}, /*has_rows_outside=*/false};
  SEXTANT_ASSIGN_OR_RETURN(AggregateLanes lanes, AggregateLanes::Create(plan, budget));
  return TimeBounds(std::move(lanes), table.identity().as_of_us);
}

absl::StatusOr<TimeBounds::State> TimeBounds::MakeState(MemoryBudget& budget) const {
  SEXTANT_ASSIGN_OR_RETURN(AggregateLanes::State lanes, lanes_.MakeState(budget));
  return State{std::move(lanes), std::nullopt};
}

void TimeBounds::Consume(State& state, const Chunk& chunk, Selection selection) const {
  lanes_.BeginChunk(state.lanes, chunk, selection);
  for (size_t pin = 0; pin < lanes_.pins().size(); ++pin) {
    lanes_.pins()[pin].pin.WidenBounds(chunk, state.lanes.pins[pin].rows, as_of_us_, state.bounds);
  }
}

void TimeBounds::Merge(State& state, const State& next) const {
  if (!next.bounds) return;
  if (!state.bounds) {
    state.bounds = next.bounds;
    return;
  }
  state.bounds->min = std::min(state.bounds->min, next.bounds->min);
  state.bounds->max = std::max(state.bounds->max, next.bounds->max);
}

}  // namespace sextant
