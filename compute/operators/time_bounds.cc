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
  std::array<uint32_t, kBatchRows> rows;
  size_t count = 0;
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    count = AppendBits(selection.words[word], word * 64, rows.data(), count);
    if (count + 64 <= kBatchRows) continue;
    ConsumeRows(state, chunk, {rows.data(), count});
    count = 0;
  }
  if (count > 0) ConsumeRows(state, chunk, {rows.data(), count});
}

void TimeBounds::ConsumeRows(State& state, const Chunk& chunk,
                             std::span<const uint32_t> rows) const {
  AggregateLanes::PassingRows room;
  for (size_t lane = 0; lane < lanes_.size(); ++lane) {
    const std::span<const uint32_t> passing =
        lanes_.KeepPassing(state.lanes, lane, {rows, nullptr}, room).rows;
    if (passing.empty()) continue;
    lanes_[lane].pin->WidenBounds(chunk, passing, as_of_us_, state.bounds);
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
