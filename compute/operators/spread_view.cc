#include "compute/operators/spread_view.h"

#include <algorithm>

#include "compute/memory/check.h"
#include "compute/operators/ordered_state.h"
#include "compute/operators/sample_source.h"

namespace sextant {
namespace {

/// An aggregate that is finished from the samples of its leader only.
class SpreadView final : public Aggregate {
 public:
  explicit SpreadView(AggregateKind kind) : ask_{.kind = kind} {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget&) const override {
    SEXTANT_CHECK(false) << "a view has no state of its own";
    return nullptr;
  }
  bool is_order_free() const override { return true; }
  std::unique_ptr<AggregateState> MakeView(AggregateState& leader) const override {
    return MakeOrderedView(leader, ask_);
  }

 private:
  const OrderedAsk ask_;
};

bool IsOrdered(AggregateKind kind) {
  return kind == AggregateKind::kPercentileCont || kind == AggregateKind::kPercentileDisc ||
         kind == AggregateKind::kMode;
}

}  // namespace

void ViewSpreads(const FusedLane& lane, std::span<std::unique_ptr<Aggregate>> aggregates,
                 std::span<uint32_t> leaders) {
  for (const uint32_t i : lane.aggregates) {
    const BoundAggregate& spread = lane.At(i);
    if (!IsSpread(spread.kind) || !spread.value.IsColumn()) continue;
    const auto leads = [&](uint32_t j) {
      const BoundAggregate& other = lane.At(j);
      return leaders[j] == j && IsOrdered(other.kind) && other.value.IsColumn() &&
             other.value.column == spread.value.column;
    };
    const auto leader = std::find_if(lane.aggregates.begin(), lane.aggregates.end(), leads);
    if (leader == lane.aggregates.end()) continue;
    const OrderedValue value(spread.value, lane.table);
    if (!value.least || !BinsSamples(value, lane.num_rows, lane.least_binned_rows)) continue;
    aggregates[i] = std::make_unique<SpreadView>(spread.kind);
    leaders[i] = *leader;
  }
}

}  // namespace sextant
