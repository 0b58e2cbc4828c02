#include "compute/operators/time_bounds.h"

#include <algorithm>
#include <array>
#include <utility>

#include "compute/kernels/gather.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"

namespace sextant {

absl::StatusOr<TimeBounds> TimeBounds::Create(const BoundQuery& query, size_t dataset,
                                              const Table& table, MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(AggregateLanes lanes,
                           AggregateLanes::Create(query, dataset, table, {}, budget));
  return TimeBounds(std::move(lanes), table.identity().as_of_us);
}

absl::StatusOr<TimeBounds::State> TimeBounds::MakeState(MemoryBudget& budget) const {
  SEXTANT_ASSIGN_OR_RETURN(AggregateLanes::State lanes, lanes_.MakeState(budget));
  return State{std::move(lanes), std::nullopt};
}

void TimeBounds::Consume(State& state, const Chunk& chunk, Selection selection) const {
  lanes_.BeginChunk(state.lanes, chunk, selection);
  for (size_t pin = 0; pin < lanes_.pins().size(); ++pin) {
    const Selection rows = state.lanes.pins[pin].rows;
    const SamplePin& sample_pin = lanes_.pins()[pin].pin;
    std::array<uint32_t, kBatchRows> batch;
    size_t count = 0;
    for (uint32_t word = rows.first; word < rows.last; ++word) {
      count = AppendBits(rows.words[word], word * 64, batch.data(), count);
      if (count + 64 <= kBatchRows) continue;
      sample_pin.WidenBounds(chunk, {batch.data(), count}, as_of_us_, state.bounds);
      count = 0;
    }
    if (count > 0) {
      sample_pin.WidenBounds(chunk, {batch.data(), count}, as_of_us_, state.bounds);
    }
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
