#include "tests/oracle/plan_uses.h"

#include <type_traits>

#include "compute/exec/rank_choice.h"
#include "compute/memory/check.h"
#include "compute/operators/decimal_floats.h"
#include "compute/operators/group_aggregate.h"
#include "compute/operators/ordered_state.h"
#include "compute/operators/sample_source.h"
#include "compute/operators/scan.h"
#include "compute/plan/binder.h"

namespace sextant::oracle {
namespace {

MemoryBudget& Budget() {
  static auto& budget = *new MemoryBudget("oracle plans", MemoryBudget::kUnlimitedBytes);
  return budget;
}

const char* CellsOf(const CellIndex& cells) {
  if (cells.is_direct()) return "cells are slots";
  if (cells.grows()) return "cells by a table that grows";
  if (!cells.slots().empty()) return "cells by a table of slots";
  return cells.finds_same() ? "cells by one packed number" : "cells by pairs";
}

/// What conditions on columns may go by, in the first chunk.
class FilterUses {
 public:
  FilterUses(const Table& table, std::vector<std::string>& uses)
      : chunk_(table.chunk(0)), uses_(uses) {}

  void Add(const BoundPredicate& predicate) {
    std::visit([this](const auto& node) { AddNode(node); }, predicate.node);
  }

 private:
  template <typename Node>
  void AddNode(const Node& node) {
    if constexpr (requires { node.children; }) {
      for (const BoundPredicate& child : node.children) Add(child);
    } else if constexpr (requires { node.value.column; }) {
      if (node.value.IsColumn())
        AddColumn(node.value.column, std::is_same_v<Node, IntegerRangeLeaf> ||
                                         std::is_same_v<Node, WideRangeLeaf> ||
                                         std::is_same_v<Node, TextRangeLeaf>);
    }
  }

  void AddColumn(ColumnIndex column, bool is_range) {
    const ZoneMap& zone = chunk_.column(column).zone_map();
    if (is_range && zone.is_sorted && zone.min_integer < zone.max_integer) {
      uses_.emplace_back("range of a sorted column");
    }
    if (is_range && chunk_.column(column).step() != 1)
      uses_.emplace_back("range of a time by steps");
    if (is_range && !chunk_.column(column).block_bounds().empty()) {
      uses_.emplace_back("bounds of blocks");
    }
    if (chunk_.order(column) != nullptr) {
      const bool is_text = chunk_.column(column).layout() == Layout::kBytes;
      uses_.emplace_back(is_text    ? "texts in order"
                         : is_range ? "range of values in order"
                                    : "values in order");
    }
    const ValueIndex* const index = chunk_.index(column);
    if (index == nullptr || index->num_keys() == 0) return;
    bool has_bitmap = false;
    for (int64_t key = zone.min_integer; key <= zone.max_integer && key - zone.min_integer < 64;
         ++key) {
      has_bitmap |= !index->RowsOf(key).bitmap.empty();
    }
    uses_.emplace_back(has_bitmap ? "condition on values with bitmaps"
                                  : "condition on values with row ids");
  }

  const Chunk& chunk_;
  std::vector<std::string>& uses_;
};

void AddPins(const BoundCase& bound, std::span<const ResolvedSeries> series,
             std::vector<std::string>& uses) {
  const auto lanes = AggregateLanes::Create({bound.query, 0, *bound.tables[0], series}, Budget());
  SEXTANT_CHECK(lanes.ok()) << lanes.status();
  if (lanes->pins().size() > 1) uses.emplace_back("several pins");
  for (const PinnedLanes& pinned : lanes->pins()) {
    if (pinned.lanes.size() < 2) continue;
    uses.emplace_back("lanes that share a pin");
    break;
  }
  if (lanes->pins().size() != 1 || bound.tables[0]->num_chunks() == 0) return;
  if (const std::optional<BoundPredicate>& within = lanes->pins()[0].pin.within()) {
    FilterUses(*bound.tables[0], uses).Add(*within);
  }
}

/// Times that the first chunk keeps as multiples of a step.
void AddSteps(const BoundCase& bound, std::vector<std::string>& uses) {
  const Table& table = *bound.tables[0];
  if (table.num_chunks() == 0) return;
  const auto has_steps = [&](ColumnIndex index) {
    const auto& column = table.chunk(0).column(index);
    return (column.layout() == Layout::kList ? column.elements() : column).step() != 1;
  };
  bool of_pin = false;
  bool of_list = false;
  bool of_value = false;
  for (const uint32_t index : bound.query.datasets[0].aggregates) {
    const BoundAggregate& aggregate = bound.query.aggregates[index];
    if (aggregate.pin.kind == TimePin::Kind::kAt && aggregate.pin.start.IsColumn()) {
      const bool is_list = aggregate.pin.start.type.kind == TypeKind::kList;
      (is_list ? of_list : of_pin) |= has_steps(aggregate.pin.start.column);
    }
    const bool has_value = HasValue(aggregate.kind);
    of_value |= has_value && aggregate.value.IsColumn() && has_steps(aggregate.value.column);
  }
  bool of_axis = false;
  for (const BoundAxis& axis : bound.query.datasets[0].axes) {
    of_axis |= axis.kind == GroupAxis::Kind::kColumn && has_steps(axis.column);
  }
  if (of_pin) uses.emplace_back("pin at a time by steps");
  if (of_list) uses.emplace_back("pin at a list of times by steps");
  if (of_value) uses.emplace_back("aggregate of a time by steps");
  if (of_axis) uses.emplace_back("GROUP BY a time by steps");
}

/// What keeps samples, in plans that deal them into bins, and what adds floats up as decimals.
void AddSamples(const BoundCase& bound, std::vector<std::string>& uses) {
  const Table& table = *bound.tables[0];
  bool has_bins = false;
  bool has_decimals = false;
  for (const uint32_t index : bound.query.datasets[0].aggregates) {
    const BoundAggregate& aggregate = bound.query.aggregates[index];
    has_bins |= (aggregate.kind == AggregateKind::kPercentileCont ||
                 aggregate.kind == AggregateKind::kMode) &&
                BinsSamples(OrderedValue(aggregate.value, table), table.num_rows(), 0);
    has_decimals |= aggregate.kind == AggregateKind::kSum && aggregate.value.IsColumn() &&
                    IsFloat(aggregate.value.type.kind) &&
                    DecimalFloatsOf(table.facts(aggregate.value.column)).has_value();
  }
  if (has_bins) uses.emplace_back("samples in bins");
  if (has_decimals) uses.emplace_back("sum of floats that are decimals");
}

/// Only what a query takes counts, not what is there.
void AddRanks(const BoundCase& bound, std::vector<std::string>& uses) {
  auto scope = TenantScope::Resolve(bound.tables[0], bound.claim);
  if (!scope.ok()) return;
  const Scan scan(*std::move(scope));
  const auto filter = Filter::Create(bound.query.datasets[0].filter, *bound.tables[0], Budget());
  SEXTANT_CHECK(filter.ok()) << filter.status();
  for (const TextRanks* const ranks : ChooseTextRanks(bound.query, 0, scan, *filter)) {
    if (ranks != nullptr) uses.emplace_back("GROUP BY texts by ranks");
  }
}

}  // namespace

std::vector<std::string> PlanUses(const BoundCase& bound, const Table& indexed) {
  std::vector<std::string> uses;
  const BoundQuery& query = bound.query;
  const Table& table = *bound.tables[0];
  if (query.datasets[0].filter && indexed.num_chunks() > 0) {
    FilterUses(indexed, uses).Add(*query.datasets[0].filter);
  }
  const int64_t from_us = query.from_us.value_or(query.to_us.value_or(0));
  const auto series = ResolveSeries(query, from_us, query.to_us.value_or(from_us));
  if (!series.ok()) return uses;
  AddPins(bound, *series, uses);
  const auto groups =
      GroupAggregate::Create({query, 0, table, table.num_rows(), *series}, Budget());
  SEXTANT_CHECK(groups.ok()) << groups.status();
  const auto cells = CellIndex::Create((*groups)->shape(), Budget());
  SEXTANT_CHECK(cells.ok()) << cells.status();
  uses.emplace_back(CellsOf(*cells));
  AddSamples(bound, uses);
  AddSteps(bound, uses);
  AddRanks(bound, uses);
  if ((*groups)->is_order_free()) uses.emplace_back("states of several ranges");
  if ((*groups)->may_log()) uses.emplace_back("cells by partitions");
  return uses;
}

}  // namespace sextant::oracle
