#include "compute/operators/group_aggregate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/kernels/gather.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/operators/morsel.h"
#include "compute/plan/error_detail.h"

namespace sextant {

absl::Status CheckNumValues(uint64_t num_cells, size_t num_metrics, uint64_t max_values) {
  const uint64_t asked = num_cells * std::max<uint64_t>(num_metrics, 1);
  if (asked <= max_values) return absl::OkStatus();
  return WithDetail(absl::ResourceExhaustedError(absl::StrCat(
                        "the result has at least ", asked, " values (", num_cells, " cells of ",
                        num_metrics, " metrics); allowed are ", max_values)),
                    ErrorDetail{.reason = "TOO_MANY_CELLS",
                                .metadata = {{"limit", absl::StrCat(max_values)},
                                             {"asked", absl::StrCat(asked)}}});
}

GroupAggregate::State::State(const GroupAggregate& plan, CellIndex index,
                             MemoryBudget& state_budget)
    : budget(state_budget), cells(std::move(index)), lists(state_budget) {
  for (size_t axis = 0; axis < plan.coders_.size(); ++axis) values.emplace_back(state_budget);
  for (const auto& aggregate : plan.aggregates_) {
    metrics.push_back(aggregate->MakeState(state_budget));
  }
}

GroupAggregate::GroupAggregate(const BoundQuery& query, const Table& table, uint64_t num_rows,
                               std::span<const ResolvedSeries> series)
    : num_series_(static_cast<uint32_t>(series.size())), max_values_(query.limits.max_values) {
  for (const BoundAxis& axis : query.axes()) {
    coders_.push_back(ValueCoder::OfColumn(table, axis.column));
    shape_.domains.push_back(coders_.back().is_dense() ? coders_.back().domain() : 0);
    is_list_.push_back(axis.is_list ? 1 : 0);
  }
  std::vector<ListAxis> lists;
  for (uint32_t axis = 0; axis < query.axes().size(); ++axis) {
    const BoundAxis& bound = query.axes()[axis];
    if (bound.is_list) lists.push_back({axis, bound.column, &coders_[axis]});
  }
  expander_.emplace(std::move(lists));
  const bool is_ungrouped =
      query.axes().empty() && series.size() == 1 && series[0].series.unit == CalendarUnit::kAll;
  for (const BoundAggregate& aggregate : query.aggregates) {
    aggregates_.push_back(MakeAggregate({aggregate, table, num_rows, is_ungrouped}));
  }
}

absl::StatusOr<GroupAggregate> GroupAggregate::Create(const BoundQuery& query, const Table& table,
                                                      uint64_t num_rows,
                                                      std::span<const ResolvedSeries> series,
                                                      MemoryBudget& budget) {
  GroupAggregate groups(query, table, num_rows, series);
  SEXTANT_RETURN_IF_ERROR(groups.AddPins(query, table, series, budget));
  return groups;
}

absl::Status GroupAggregate::AddPins(const BoundQuery& query, const Table& table,
                                     std::span<const ResolvedSeries> series, MemoryBudget& budget) {
  pins_memory_ = MemoryReservation(budget);
  shape_.num_intervals = 0;
  for (const ResolvedSeries& one : series) {
    shape_.num_intervals += static_cast<uint32_t>(one.intervals.size());
  }
  for (uint32_t metric = 0; metric < query.aggregates.size(); ++metric) {
    const BoundAggregate& bound = query.aggregates[metric];
    std::optional<ColumnIndex> at;
    if (bound.pin.kind != TimePin::Kind::kNone) at = bound.pin.start.column;
    auto pin = std::find_if(pins_.begin(), pins_.end(), [&](const Pin& p) { return p.at == at; });
    if (pin == pins_.end()) {
      pins_.push_back({at, {}, {}, {}});
      pin = pins_.end() - 1;
      if (at) SEXTANT_RETURN_IF_ERROR(AddTimeCodes(query, series, *pin));
    }
    pin->metrics.push_back(metric);
    if (bound.kind == AggregateKind::kCountRows || !bound.value.minus) continue;
    const ValueReader reader(bound.value, table);
    if (reader.may_exclude()) pin->excluding.push_back(reader);
  }
  return absl::OkStatus();
}

/// A small request can ask for thousands of series with a table of megabytes each: every one is
/// reserved before the next is made.
absl::Status GroupAggregate::AddTimeCodes(const BoundQuery& query,
                                          std::span<const ResolvedSeries> series, Pin& pin) {
  const bool is_date = query.datasets[0].schema->field(*pin.at).type.kind == TypeKind::kDate;
  uint32_t first_code = 0;
  for (const ResolvedSeries& one : series) {
    pin.series.emplace_back(one, is_date, query.time_zone, first_code);
    SEXTANT_RETURN_IF_ERROR(
        pins_memory_.Resize(pins_memory_.bytes() + pin.series.back().size_bytes()));
    first_code += static_cast<uint32_t>(one.intervals.size());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<GroupAggregate::State>> GroupAggregate::MakeState(
    MemoryBudget& budget) const {
  SEXTANT_ASSIGN_OR_RETURN(CellIndex index, CellIndex::Create(shape_, budget));
  auto state = std::make_unique<State>(*this, std::move(index), budget);
  SEXTANT_ASSIGN_OR_RETURN(
      state->codes, Buffer::Allocate(budget, coders_.size() * kBatchRows * sizeof(uint32_t)));
  state->code_columns.resize(coders_.size());
  return state;
}

absl::Status GroupAggregate::Consume(State& state, const Chunk& chunk, uint64_t first_ordinal,
                                     Selection selection,
                                     const std::function<absl::Status()>& check) const {
  std::array<uint32_t, kBatchRows> rows;
  size_t count = 0;
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    count = AppendBits(selection.words[word], word * 64, rows.data(), count);
    if (count + 64 <= kBatchRows) continue;
    SEXTANT_RETURN_IF_ERROR(ConsumeRows(state, chunk, first_ordinal, {rows.data(), count}, check));
    count = 0;
  }
  if (count == 0) return absl::OkStatus();
  return ConsumeRows(state, chunk, first_ordinal, {rows.data(), count}, check);
}

absl::Status GroupAggregate::ConsumeRows(State& state, const Chunk& chunk, uint64_t first_ordinal,
                                         std::span<const uint32_t> rows,
                                         const std::function<absl::Status()>& check) const {
  CountExcluded(state, chunk, rows);
  if (!expander_->is_needed()) {
    // With this many, a chunk takes long; with few, the question would show.
    constexpr size_t kUnchecked = 64;
    if (num_series_ * aggregates_.size() > kUnchecked) SEXTANT_RETURN_IF_ERROR(check());
    return AggregateRows(state, chunk, first_ordinal, rows, {});
  }
  return expander_->Expand(
      chunk, rows, state.values, state.lists,
      [&](std::span<const uint32_t> expanded, std::span<const uint32_t* const> codes) {
        SEXTANT_RETURN_IF_ERROR(check());
        return AggregateRows(state, chunk, first_ordinal, expanded, codes);
      });
}

/// Once per row and metric, whatever its groups and intervals (rule 5), but within the range of
/// time, which every series covers: outside there are no samples.
void GroupAggregate::CountExcluded(State& state, const Chunk& chunk,
                                   std::span<const uint32_t> rows) const {
  std::array<uint8_t, kBatchRows> valid;
  std::array<uint32_t, kBatchRows> pinned;
  for (const Pin& pin : pins_) {
    if (pin.excluding.empty()) continue;
    std::span<const uint32_t> in_range = rows;
    if (pin.at) {
      std::array<int64_t, kBatchRows> values;
      std::array<uint32_t, kBatchRows> intervals;
      const Column& at = chunk.column(*pin.at);
      WithUnsignedSlots(
          at, [&](auto slots) { GatherIntegers(slots.data(), at.base(), rows, values.data()); });
      pin.series.front().Find({values.data(), rows.size()}, intervals.data());
      size_t kept = 0;
      for (size_t k = 0; k < rows.size(); ++k) {
        pinned[kept] = rows[k];
        kept += intervals[k] != kNoInterval && !at.IsNull(rows[k]) ? 1 : 0;
      }
      in_range = {pinned.data(), kept};
    }
    for (const ValueReader& reader : pin.excluding) {
      state.excluded += reader.ReadValidity(chunk, in_range, valid.data()).excluded;
    }
  }
}

absl::Status GroupAggregate::AggregateRows(State& state, const Chunk& chunk, uint64_t first_ordinal,
                                           std::span<const uint32_t> rows,
                                           std::span<const uint32_t* const> list_codes) const {
  std::array<uint32_t, kBatchRows> groups;
  std::vector<const uint32_t*>& codes = state.code_columns;
  size_t next_list = 0;
  for (size_t axis = 0; axis < coders_.size(); ++axis) {
    if (is_list_[axis] != 0) {
      codes[axis] = list_codes[next_list++];
      continue;
    }
    uint32_t* axis_codes = state.codes.As<uint32_t>().data() + axis * kBatchRows;
    SEXTANT_RETURN_IF_ERROR(coders_[axis].Encode(chunk, rows, state.values[axis], axis_codes));
    codes[axis] = axis_codes;
  }
  SEXTANT_RETURN_IF_ERROR(state.cells.FoldGroups(codes, rows.size(), groups.data()));
  const Batch batch{chunk, first_ordinal, rows, groups.data()};
  for (const Pin& pin : pins_) SEXTANT_RETURN_IF_ERROR(AggregatePin(state, pin, batch));
  return absl::OkStatus();
}

absl::Status GroupAggregate::AggregatePin(State& state, const Pin& pin, const Batch& batch) const {
  std::array<uint32_t, kBatchRows> intervals;
  const size_t num_rows = batch.rows.size();
  if (!pin.at) {
    for (uint32_t series = 0; series < num_series_; ++series) {
      std::fill_n(intervals.data(), num_rows, series);  // one interval each: the binder saw to it
      SEXTANT_RETURN_IF_ERROR(Update(state, pin,
                                     {&batch.chunk, batch.first_ordinal, batch.rows, nullptr},
                                     batch.groups, intervals.data()));
    }
    return absl::OkStatus();
  }
  std::array<int64_t, kBatchRows> values;
  std::array<uint8_t, kBatchRows> is_in;
  std::array<uint32_t, kBatchRows> rows;
  std::array<uint32_t, kBatchRows> groups;
  const Column& at = batch.chunk.column(*pin.at);
  WithUnsignedSlots(
      at, [&](auto slots) { GatherIntegers(slots.data(), at.base(), batch.rows, values.data()); });
  for (const TimeCodes& series : pin.series) {
    series.Find({values.data(), num_rows}, intervals.data());
    for (size_t k = 0; k < num_rows; ++k) is_in[k] = intervals[k] != kNoInterval ? 1 : 0;
    if (at.has_nulls()) GatherValidity(at.validity().data(), batch.rows, is_in.data());
    size_t kept = 0;
    for (size_t k = 0; k < num_rows; ++k) {
      rows[kept] = batch.rows[k];
      groups[kept] = batch.groups[k];
      intervals[kept] = intervals[k];
      kept += is_in[k];
    }
    if (kept == 0) continue;
    SEXTANT_RETURN_IF_ERROR(
        Update(state, pin, {&batch.chunk, batch.first_ordinal, {rows.data(), kept}, nullptr},
               groups.data(), intervals.data()));
  }
  return absl::OkStatus();
}

absl::Status GroupAggregate::Update(State& state, const Pin& pin, const SampleBatch& samples,
                                    const uint32_t* groups, const uint32_t* intervals) const {
  std::array<uint32_t, kBatchRows> cells;
  const uint32_t num_cells_before = state.cells.num_cells();
  SEXTANT_RETURN_IF_ERROR(
      state.cells.FindCells(groups, intervals, samples.rows.size(), cells.data()));
  const uint32_t num_cells = state.cells.num_cells();
  if (num_cells != num_cells_before) {
    SEXTANT_RETURN_IF_ERROR(CheckNumValues(num_cells, aggregates_.size(), max_values_));
    for (const auto& metric : state.metrics) SEXTANT_RETURN_IF_ERROR(metric->Resize(num_cells));
  }
  SampleBatch batch = samples;
  batch.cells = cells.data();
  for (const uint32_t metric : pin.metrics) {
    SEXTANT_RETURN_IF_ERROR(state.metrics[metric]->Update(batch));
  }
  return absl::OkStatus();
}

absl::Status GroupAggregate::MapCells(State& state, const State& next, std::span<uint32_t> cell_map,
                                      const std::function<absl::Status()>& check) const {
  constexpr uint32_t kCellsPerCheck = 1 << 14;
  std::vector<TrackedVector<uint32_t>> remaps;
  for (size_t axis = 0; axis < coders_.size(); ++axis) {
    remaps.emplace_back(state.budget);
    SEXTANT_RETURN_IF_ERROR(
        coders_[axis].Absorb(next.values[axis], state.values[axis], remaps[axis]));
  }
  std::vector<uint32_t> codes(coders_.size());
  std::vector<const uint32_t*> code_columns(coders_.size());
  for (size_t axis = 0; axis < codes.size(); ++axis) code_columns[axis] = &codes[axis];
  for (uint32_t cell = 0; cell < cell_map.size(); ++cell) {
    if (cell % kCellsPerCheck == 0) SEXTANT_RETURN_IF_ERROR(check());
    const uint32_t interval = next.cells.Decode(cell, codes.data());
    for (size_t axis = 0; axis < codes.size(); ++axis) {
      if (!coders_[axis].is_dense()) codes[axis] = remaps[axis][codes[axis]];
    }
    uint32_t group = 0;
    SEXTANT_RETURN_IF_ERROR(state.cells.FoldGroups(code_columns, 1, &group));
    SEXTANT_RETURN_IF_ERROR(state.cells.FindCells(&group, &interval, 1, &cell_map[cell]));
  }
  return absl::OkStatus();
}

absl::Status GroupAggregate::Merge(State& state, const State& next,
                                   const std::function<absl::Status()>& check) const {
  TrackedVector<uint32_t> cell_map(state.budget);
  SEXTANT_RETURN_IF_ERROR(cell_map.Resize(next.cells.num_cells()));
  SEXTANT_RETURN_IF_ERROR(MapCells(state, next, cell_map.span(), check));
  SEXTANT_RETURN_IF_ERROR(CheckNumValues(state.cells.num_cells(), aggregates_.size(), max_values_));
  for (size_t metric = 0; metric < aggregates_.size(); ++metric) {
    SEXTANT_RETURN_IF_ERROR(check());
    SEXTANT_RETURN_IF_ERROR(state.metrics[metric]->Resize(state.cells.num_cells()));
    SEXTANT_RETURN_IF_ERROR(state.metrics[metric]->Merge(*next.metrics[metric], cell_map.span()));
  }
  state.excluded += next.excluded;
  return absl::OkStatus();
}

}  // namespace sextant
