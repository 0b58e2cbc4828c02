#include "compute/operators/group_aggregate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/kernels/gather.h"
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
                             AggregateLanes::State lanes_state, MemoryBudget& state_budget)
    : budget(state_budget),
      cells(std::move(index)),
      lists(state_budget),
      lanes(std::move(lanes_state)) {
  for (size_t axis = 0; axis < plan.coders_.size(); ++axis) values.emplace_back(state_budget);
  for (const auto& aggregate : plan.aggregates_) {
    metrics.push_back(aggregate->MakeState(state_budget));
  }
}

GroupAggregate::GroupAggregate(const BoundQuery& query, const Table& table, uint64_t num_rows,
                               std::span<const ResolvedSeries> series, AggregateLanes lanes)
    : lanes_(std::move(lanes)),
      num_series_(static_cast<uint32_t>(series.size())),
      max_values_(query.limits.max_values) {
  shape_.num_intervals = 0;
  for (const ResolvedSeries& one : series) {
    shape_.num_intervals += static_cast<uint32_t>(one.intervals.size());
  }
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
  SEXTANT_ASSIGN_OR_RETURN(AggregateLanes lanes,
                           AggregateLanes::Create(query, table, series, budget));
  return GroupAggregate(query, table, num_rows, series, std::move(lanes));
}

absl::StatusOr<std::unique_ptr<GroupAggregate::State>> GroupAggregate::MakeState(
    MemoryBudget& budget) const {
  SEXTANT_ASSIGN_OR_RETURN(CellIndex index, CellIndex::Create(shape_, budget));
  SEXTANT_ASSIGN_OR_RETURN(AggregateLanes::State lanes, lanes_.MakeState(budget));
  auto state = std::make_unique<State>(*this, std::move(index), std::move(lanes), budget);
  SEXTANT_ASSIGN_OR_RETURN(
      state->codes, Buffer::Allocate(budget, coders_.size() * kBatchRows * sizeof(uint32_t)));
  state->code_columns.resize(coders_.size());
  return state;
}

absl::Status GroupAggregate::Consume(State& state, const Chunk& chunk, uint64_t first_ordinal,
                                     Selection selection,
                                     const std::function<absl::Status()>& check) const {
  const ChunkRows at = {chunk, first_ordinal, check};
  lanes_.BeginChunk(state.lanes, chunk, selection);
  std::array<uint32_t, kBatchRows> rows;
  size_t count = 0;
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    count = AppendBits(selection.words[word], word * 64, rows.data(), count);
    if (count + 64 <= kBatchRows) continue;
    SEXTANT_RETURN_IF_ERROR(ConsumeRows(state, at, {rows.data(), count}));
    count = 0;
  }
  if (count == 0) return absl::OkStatus();
  return ConsumeRows(state, at, {rows.data(), count});
}

absl::Status GroupAggregate::ConsumeRows(State& state, const ChunkRows& at,
                                         std::span<const uint32_t> rows) const {
  SEXTANT_ASSIGN_OR_RETURN(const uint64_t num_excluded,
                           lanes_.CountExcluded(state.lanes, at.chunk, rows));
  state.excluded += num_excluded;
  if (!expander_->is_needed()) {
    // With this many, a chunk takes long; with few, the question would show.
    constexpr size_t kUnchecked = 64;
    if (num_series_ * aggregates_.size() > kUnchecked) SEXTANT_RETURN_IF_ERROR(at.check());
    return AggregateRows(state, at, rows, {});
  }
  return expander_->Expand(
      at.chunk, rows, state.values, state.lists,
      [&](std::span<const uint32_t> expanded, std::span<const uint32_t* const> codes) {
        SEXTANT_RETURN_IF_ERROR(at.check());
        return AggregateRows(state, at, expanded, codes);
      });
}

absl::Status GroupAggregate::AggregateRows(State& state, const ChunkRows& at,
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
    SEXTANT_RETURN_IF_ERROR(coders_[axis].Encode(at.chunk, rows, state.values[axis], axis_codes));
    codes[axis] = axis_codes;
  }
  SEXTANT_RETURN_IF_ERROR(state.cells.FoldGroups(codes, rows.size(), groups.data()));
  for (size_t lane = 0; lane < lanes_.size(); ++lane) {
    SEXTANT_RETURN_IF_ERROR(AggregateLaneRows(state, at, lane, {rows, groups.data()}));
  }
  return absl::OkStatus();
}

absl::Status GroupAggregate::AggregateLaneRows(State& state, const ChunkRows& at, size_t lane,
                                               const AggregateLanes::Rows& rows) const {
  AggregateLanes::PassingRows room;
  const AggregateLanes::Rows passing = lanes_.KeepPassing(state.lanes, lane, rows, room);
  if (passing.rows.empty()) return absl::OkStatus();
  const SamplePin& pin = *lanes_[lane].pin;
  const auto update = [&](const SamplePin::Samples& samples) {
    // Then a batch of rows may be many of samples.
    if (pin.may_repeat()) SEXTANT_RETURN_IF_ERROR(at.check());
    if (samples.positions == nullptr) {
      return Update(state, at, lanes_[lane], passing, samples.intervals);
    }
    std::array<uint32_t, kBatchRows> sample_rows;
    std::array<uint32_t, kBatchRows> groups;
    for (size_t i = 0; i < samples.size; ++i) {
      sample_rows[i] = passing.rows[samples.positions[i]];
      groups[i] = passing.groups[samples.positions[i]];
    }
    return Update(state, at, lanes_[lane], {{sample_rows.data(), samples.size}, groups.data()},
                  samples.intervals);
  };
  return pin.Expand(at.chunk, passing.rows, state.lanes.pin, update);
}

absl::Status GroupAggregate::Update(State& state, const ChunkRows& at, const AggregateLane& lane,
                                    const AggregateLanes::Rows& samples,
                                    const uint32_t* intervals) const {
  std::array<uint32_t, kBatchRows> cells;
  const uint32_t num_cells_before = state.cells.num_cells();
  SEXTANT_RETURN_IF_ERROR(
      state.cells.FindCells(samples.groups, intervals, samples.rows.size(), cells.data()));
  const uint32_t num_cells = state.cells.num_cells();
  if (num_cells != num_cells_before) {
    SEXTANT_RETURN_IF_ERROR(CheckNumValues(num_cells, aggregates_.size(), max_values_));
    for (const auto& metric : state.metrics) SEXTANT_RETURN_IF_ERROR(metric->Resize(num_cells));
  }
  const SampleBatch batch = {&at.chunk, at.first_ordinal, samples.rows, cells.data()};
  for (const uint32_t metric : lane.aggregates) {
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
