#include "compute/operators/shared_work.h"

#include <algorithm>

namespace sextant {

SharedWork CountSharedWork(const BoundQuery& query, size_t dataset, const AggregateLanes& lanes,
                           std::span<const uint32_t> leaders) {
  SharedWork work;
  for (const uint32_t index : query.datasets[dataset].aggregates) {
    const BoundAggregate& aggregate = query.aggregates[index];
    // What bounds and counts of samples add is named by no metric.
    const uint64_t asked = std::max(aggregate.num_uses, 1u);
    work.aggregates.asked += asked;
    work.states.asked += asked;
    if (aggregate.filter) work.filters.asked += asked;
    if (aggregate.outside) work.filters.asked += asked;
    if (aggregate.pin.kind != TimePin::Kind::kNone) work.times.asked += asked;
  }
  work.aggregates.done = query.datasets[dataset].aggregates.size();
  work.filters.done = lanes.filters().size();
  for (const PinnedLanes& pinned : lanes.pins()) {
    const bool is_used = pinned.pin.kind() != TimePin::Kind::kNone && !pinned.lanes.empty();
    work.times.done += is_used ? 1 : 0;
  }
  for (uint32_t i = 0; i < leaders.size(); ++i) work.states.done += leaders[i] == i ? 1 : 0;
  return work;
}

}  // namespace sextant
