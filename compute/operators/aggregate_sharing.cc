#include "compute/operators/aggregate_sharing.h"

#include <map>
#include <string>

namespace sextant {
namespace {

enum class Sharing { kNone, kOrdered, kSum };

/// What the state of an aggregate of this kind keeps, when others can be finished from it.
Sharing LeadsWith(AggregateKind kind) {
  switch (kind) {
    case AggregateKind::kPercentileCont:
    case AggregateKind::kPercentileDisc:
    case AggregateKind::kMode:
      return Sharing::kOrdered;
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      return Sharing::kSum;
    default:
      return Sharing::kNone;
  }
}

/// What it can be finished from.
Sharing FollowsIn(const BoundAggregate& aggregate) {
  switch (aggregate.kind) {
    case AggregateKind::kMin:
    case AggregateKind::kMax:
      return ExtremesAreOrdered(aggregate.value.type) ? Sharing::kOrdered : Sharing::kNone;
    case AggregateKind::kCount:
      return Sharing::kSum;
    default:
      return LeadsWith(aggregate.kind);
  }
}

}  // namespace

void FindLeaders(const BoundQuery& query, size_t dataset, std::span<const uint32_t> lane,
                 std::span<uint32_t> leaders) {
  const auto aggregate_at = [&](uint32_t i) -> const BoundAggregate& {
    return query.aggregates[query.datasets[dataset].aggregates[i]];
  };
  const auto key_of = [&](Sharing sharing, uint32_t i) {
    return std::pair(sharing, ToString(aggregate_at(i).value));
  };
  for (const uint32_t i : lane) leaders[i] = i;
  if (lane.size() == 1) return;
  std::map<std::pair<Sharing, std::string>, uint32_t> known;
  for (const uint32_t i : lane) {
    const Sharing sharing = LeadsWith(aggregate_at(i).kind);
    if (sharing != Sharing::kNone) known.try_emplace(key_of(sharing, i), i);
  }
  if (known.empty()) return;
  for (const uint32_t i : lane) {
    const Sharing sharing = FollowsIn(aggregate_at(i));
    if (sharing == Sharing::kNone) continue;
    const auto leader = known.find(key_of(sharing, i));
    if (leader != known.end()) leaders[i] = leader->second;
  }
}

std::vector<std::unique_ptr<AggregateState>> MakeSharedStates(
    std::span<const std::unique_ptr<Aggregate>> aggregates, std::span<const uint32_t> leaders,
    MemoryBudget& budget) {
  std::vector<std::unique_ptr<AggregateState>> states(aggregates.size());
  for (size_t i = 0; i < aggregates.size(); ++i) {
    if (leaders[i] == i) states[i] = aggregates[i]->MakeState(budget);
  }
  for (size_t i = 0; i < aggregates.size(); ++i) {
    if (leaders[i] != i) states[i] = aggregates[i]->MakeView(*states[leaders[i]]);
  }
  return states;
}

bool ExtremesAreOrdered(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kBytes:
    case TypeKind::kUuid:
    case TypeKind::kInterval:
      return false;
    case TypeKind::kDecimal:
      return PlainLayout(type) != Layout::kWide;
    default:
      return true;
  }
}

}  // namespace sextant
