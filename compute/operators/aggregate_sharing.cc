#include "compute/operators/aggregate_sharing.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"

namespace sextant {
namespace {

enum class Sharing { kNone, kOrdered, kSum };

/// What the state of an aggregate of this kind keeps, when others can be finished from it.
Sharing LeadsWith(AggregateKind kind) {
  switch (kind) {
    case AggregateKind::kPercentileCont:
    case AggregateKind::kPercentileDisc:
    case AggregateKind::kNearestRank:
    case AggregateKind::kRankBound:
    case AggregateKind::kResampledMean:
    case AggregateKind::kHistogramCounts:
    case AggregateKind::kHistogramEdges:
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

/// The first aggregate of each value that others may be finished from. Of values that are computed
/// by their text, which takes long to make.
class KnownLeaders {
 public:
  void Add(Sharing sharing, const BoundValue& value, uint32_t aggregate) {
    if (!value.IsColumn()) {
      computed_.try_emplace({sharing, ToString(value)}, aggregate);
    } else if (!Find(sharing, value)) {
      columns_.push_back({sharing, value.column, aggregate});
    }
  }

  std::optional<uint32_t> Find(Sharing sharing, const BoundValue& value) const {
    if (!value.IsColumn()) {
      if (computed_.empty()) return std::nullopt;
      const auto known = computed_.find({sharing, ToString(value)});
      return known == computed_.end() ? std::nullopt : std::optional(known->second);
    }
    for (const ColumnLeader& known : columns_) {
      if (known.sharing == sharing && known.column == value.column) return known.aggregate;
    }
    return std::nullopt;
  }

 private:
  struct ColumnLeader {
    Sharing sharing;
    ColumnIndex column;
    uint32_t aggregate;
  };

  absl::InlinedVector<ColumnLeader, 8> columns_;
  std::map<std::pair<Sharing, std::string>, uint32_t> computed_;
};

}  // namespace

void FindLeaders(const BoundQuery& query, size_t dataset, std::span<const uint32_t> lane,
                 std::span<uint32_t> leaders) {
  for (const uint32_t i : lane) leaders[i] = i;
  if (lane.size() == 1) return;
  const auto aggregate_at = [&](uint32_t i) -> const BoundAggregate& {
    return query.aggregates[query.datasets[dataset].aggregates[i]];
  };
  KnownLeaders known;
  for (const uint32_t i : lane) {
    const Sharing sharing = LeadsWith(aggregate_at(i).kind);
    if (sharing != Sharing::kNone) known.Add(sharing, aggregate_at(i).value, i);
  }
  for (const uint32_t i : lane) {
    const Sharing sharing = FollowsIn(aggregate_at(i));
    if (sharing == Sharing::kNone) continue;
    leaders[i] = known.Find(sharing, aggregate_at(i).value).value_or(i);
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
