#include "compute/operators/spread_sums.h"

#include <algorithm>

#include "compute/column/data_type.h"
#include "compute/operators/ordered_state.h"

namespace sextant {
namespace {

bool IsOfSums(AggregateKind kind) {
  return kind == AggregateKind::kSum || kind == AggregateKind::kAvg ||
         kind == AggregateKind::kCount;
}

bool IsSame(const BoundValue& a, const BoundValue& b) {
  if (a.IsColumn() && b.IsColumn()) return a.column == b.column;
  return a.IsColumn() == b.IsColumn() && ToString(a) == ToString(b);
}

}  // namespace

void LeadSumsBySpreads(const FusedLane& lane, std::span<uint32_t> leaders) {
  if (lane.is_ungrouped) return;  // a selection is summed without its rows
  for (const uint32_t spread : lane.aggregates) {
    const BoundAggregate& leader = lane.At(spread);
    if (!IsSpread(leader.kind) || leaders[spread] != spread) continue;
    if (PlainLayout(leader.value.type) != Layout::kInteger) continue;
    const auto is_of_value = [&](uint32_t i) {
      return i != spread && IsSame(lane.At(i).value, leader.value);
    };
    const bool is_sorted =
        std::any_of(lane.aggregates.begin(), lane.aggregates.end(), [&](uint32_t i) {
          const AggregateKind kind = lane.At(i).kind;
          return is_of_value(i) && !IsOfSums(kind) && !IsSpread(kind);
        });
    if (is_sorted) continue;
    for (const uint32_t i : lane.aggregates) {
      if (IsOfSums(lane.At(i).kind) && is_of_value(i)) leaders[i] = spread;
    }
  }
}

}  // namespace sextant
