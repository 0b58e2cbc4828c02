#include "compute/operators/group_aggregate.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/aggregate_sharing.h"
#include "compute/operators/cell_table.h"
#include "compute/operators/fused_extremes.h"
#include "compute/operators/fused_sums.h"
#include "compute/operators/morsel.h"
#include "compute/operators/row_batches.h"
#include "compute/operators/spread_sums.h"
#include "compute/operators/spread_view.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr uint32_t kCellsPerCheck = 16 * kBatchRows;

}  // namespace

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

GroupAggregate::State::State(const GroupAggregate& plan, MemoryBudget& state_budget)
    : budget(state_budget),
      cells(state_budget),
      axes(state_budget),
      metrics(MakeSharedStates(plan.aggregates_, plan.leaders_, state_budget)),
      lanes(state_budget),
      clip_groups(state_budget) {}

namespace {

/// Cells that no sample falls in cost their states; a look-up per row costs more where rows are
/// many. None may count towards the limit of values.
uint64_t MaxDirectSlots(const GroupAggregate::Plan& plan) {
  constexpr uint64_t kLeast = 64;
  constexpr uint64_t kMost = uint64_t{1} << 14;
  constexpr uint64_t kMostOfAllRows = uint64_t{1} << 17;
  constexpr uint64_t kRowsPerSlot = 8;
  const BoundQuery& query = plan.query;
  const bool sees_all_rows = !query.datasets[plan.dataset].filter && !query.from_us && !query.to_us;
  const uint64_t of_rows =
      std::clamp(plan.num_rows / kRowsPerSlot, kLeast, sees_all_rows ? kMostOfAllRows : kMost);
  const uint64_t num_metrics = std::max<uint64_t>(plan.query.metrics.size(), 1);
  return std::min(of_rows, plan.query.limits.max_values / num_metrics);
}

/// A slot costs a thirtieth of a look-up to clear (4 bytes, and the page they lie in), and filters
/// leave fewer rows than there are.
uint64_t MaxSlots(uint64_t num_rows) {
  constexpr uint64_t kLeast = uint64_t{1} << 14;
  return std::clamp(2 * num_rows, kLeast, CellShape::kMaxSlots);
}

}  // namespace

GroupAggregate::GroupAggregate(const Plan& plan, AxisCodes&& axes, AggregateLanes&& lanes)
    : axes_(std::move(axes)),
      lanes_(std::move(lanes)),
      cuts_(plan.clips != nullptr ? &plan.clips->cuts : nullptr),
      num_series_(static_cast<uint32_t>(plan.series.size())),
      num_metrics_(plan.query.metrics.size()),
      max_values_(plan.query.limits.max_values) {
  shape_.num_intervals = 0;
  for (const ResolvedSeries& one : plan.series) {
    shape_.num_intervals += static_cast<uint32_t>(one.intervals.size());
  }
  for (const uint32_t axis : axes_.shown()) {
    const AxisCoder& coder = axes_.coders()[axis];
    shape_.domains.push_back(coder.is_dense() ? coder.domain() : 0);
  }
  shape_.max_direct_slots = MaxDirectSlots(plan);
  shape_.max_slots = MaxSlots(plan.num_rows);
  const bool is_ungrouped = axes_.shown().empty() && plan.series.size() == 1 &&
                            plan.series[0].series.unit == CalendarUnit::kAll;
  // Rule 4: an index that comes decides nothing that decides how floats are added.
  const bool is_ranked =
      std::any_of(axes_.shown().begin(), axes_.shown().end(),
                  [&](uint32_t axis) { return axes_.coders()[axis].is_ranked(); });
  const std::optional<uint32_t> num_slots = is_ranked ? std::nullopt : shape_.NumSlots();
  // Of one range there is nothing to merge.
  const bool has_few_cells = num_slots && (*num_slots <= CellTable::kMaxSpreadCells ||
                                           plan.num_rows < 2 * plan.least_binned_rows);
  // One cell is one bin: twice the memory, and nothing for a second thread to do.
  const uint64_t least_binned_rows = is_ungrouped ? ~uint64_t{0} : plan.least_binned_rows;
  const std::vector<uint32_t>& positions = plan.query.datasets[plan.dataset].aggregates;
  aggregates_.resize(positions.size());
  leaders_.resize(positions.size());
  for (const PinnedLanes& pinned : lanes_.pins()) {
    for (const AggregateLane& lane : pinned.lanes) {
      if (lane.aggregates.empty()) continue;
      FindLeaders(plan.query, plan.dataset, lane.aggregates, leaders_);
      const FusedLane fused = {plan.query,   plan.dataset,  plan.table,        plan.num_rows,
                               is_ungrouped, has_few_cells, least_binned_rows, lane.aggregates};
      LeadSumsBySpreads(fused, leaders_);
      FuseSums(fused, aggregates_, leaders_);
      FuseExtremes(fused, aggregates_, leaders_);
      ViewSpreads(fused, aggregates_, leaders_);
      for (const uint32_t i : lane.aggregates) {
        if (aggregates_[i] != nullptr) continue;
        aggregates_[i] =
            MakeAggregate({plan.query.aggregates[positions[i]], plan.table, plan.num_rows,
                           is_ungrouped, least_binned_rows, &pinned.pin});
        needs_intervals_ = needs_intervals_ || aggregates_[i]->needs_intervals();
      }
    }
  }
  for (const ReusedLane& lane : lanes_.reused()) {
    FindLeaders(plan.query, plan.dataset, lane.aggregates, leaders_);
    const FusedLane whole = {plan.query,   plan.dataset,  plan.table,        plan.num_rows,
                             is_ungrouped, has_few_cells, least_binned_rows, lane.aggregates};
    LeadSumsBySpreads(whole, leaders_);
    for (const uint32_t i : lane.aggregates) {
      aggregates_[i] = MakeAggregate(
          {plan.query.aggregates[positions[i]], plan.table, plan.num_rows, is_ungrouped});
    }
  }
}

absl::StatusOr<std::unique_ptr<const GroupAggregate>> GroupAggregate::Create(const Plan& plan,
                                                                             MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(AxisCodes axes,
                           AxisCodes::Create(plan.query.datasets[plan.dataset].axes, plan.table,
                                             plan.ranks, plan.grouping, budget));
  SEXTANT_ASSIGN_OR_RETURN(AggregateLanes lanes, AggregateLanes::Create({.query = plan.query,
                                                                         .dataset = plan.dataset,
                                                                         .table = plan.table,
                                                                         .series = plan.series,
                                                                         .clips = plan.clips},
                                                                        budget));
  std::unique_ptr<const GroupAggregate> groups(
      new GroupAggregate(plan, std::move(axes), std::move(lanes)));
  SEXTANT_RETURN_IF_ERROR(AskToGoOn());  // or a ValueReader may be without values
  return groups;
}

absl::StatusOr<std::unique_ptr<GroupAggregate::State>> GroupAggregate::MakeState(
    MemoryBudget& budget) const {
  absl::StatusOr<std::unique_ptr<State>> made = MakeStateOf(shape_, budget);
  if (!made.ok()) return made;
  const std::unique_ptr<State>& state = *made;
  if (state->cells.num_cells() > 0) SEXTANT_RETURN_IF_ERROR(ResizeMetrics(*state));
  state->takes_selections = TakesSelections(*state);
  state->takes_chunks = TakesChunks(*state);
  return made;
}

absl::StatusOr<std::unique_ptr<GroupAggregate::State>> GroupAggregate::MakeStateOf(
    const CellShape& cells, MemoryBudget& budget) const {
  auto state = std::make_unique<State>(*this, budget);
  SEXTANT_RETURN_IF_ERROR(state->cells.Begin(cells, budget));
  SEXTANT_RETURN_IF_ERROR(axes_.BeginState(state->axes, budget));
  SEXTANT_RETURN_IF_ERROR(lanes_.BeginState(state->lanes, budget));
  return state;
}

absl::Status GroupAggregate::Consume(State& state, const Chunk& chunk, uint64_t first_ordinal,
                                     Selection selection,
                                     const std::function<absl::Status()>& check) const {
  const ChunkRows at = {chunk, first_ordinal, check};
  selection = lanes_.BeginChunk(state.lanes, chunk, selection);
  if (state.takes_selections) {
    const AggregateLanes::PinState& pin = state.lanes.pins[0];
    for (size_t lane = 0; lane < pin.lanes.size(); ++lane) {
      for (const uint32_t metric : lanes_.pins()[0].lanes[lane].aggregates) {
        state.metrics[metric]->AddSelected({&chunk, first_ordinal, pin.lanes[lane]});
      }
    }
    return absl::OkStatus();
  }
  if (state.takes_chunks && AddChunk(state, chunk, selection)) return absl::OkStatus();
  axes_.BeginChunk(state.axes, chunk, selection);
  if (!state.logs.empty()) {
    SEXTANT_RETURN_IF_ERROR(state.logs.back()->BeginChunk(chunk, first_ordinal));
  }
  // With many series and aggregates a batch of rows is much work.
  constexpr size_t kWorkPerQuestion = 64;
  Pace pace(check, kWorkPerQuestion);
  std::array<uint32_t, kBatchRows> room;
  for (uint32_t word = selection.first; word < selection.last;) {
    const std::span<const uint32_t> rows = TakeBatch(selection, word, room);
    if (rows.empty()) continue;
    SEXTANT_RETURN_IF_ERROR(pace.Spend(2 + num_series_ * aggregates_.size()));
    SEXTANT_RETURN_IF_ERROR(ConsumeRows(state, at, rows));
  }
  return absl::OkStatus();
}

bool GroupAggregate::TakesSelections(const State& state) const {
  const std::span<const PinnedLanes> pins = lanes_.pins();
  if (!lanes_.reused().empty()) return false;
  if (!state.cells.cells_are_groups() || state.cells.num_cells() != 1) return false;
  if (pins.size() != 1 || !pins[0].pin.takes_rows_once() || !axes_.takes_rows_once()) return false;
  return pins[0].takes_all_values() &&
         std::all_of(state.metrics.begin(), state.metrics.end(),
                     [](const auto& metric) { return metric->takes_selections(); });
}

bool GroupAggregate::TakesChunks(const State& state) const {
  const std::span<const PinnedLanes> pins = lanes_.pins();
  if (!lanes_.reused().empty()) return false;
  return state.cells.cells_are_groups() && state.cells.groups_are_codes() && pins.size() == 1 &&
         pins[0].pin.takes_rows_once() && pins[0].lanes.size() == 1 && pins[0].takes_all_values() &&
         OnlyLeader().has_value();
}

bool GroupAggregate::AddChunk(State& state, const Chunk& chunk, Selection selection) const {
  if (CountSelected(selection) != chunk.num_rows()) return false;
  const std::optional<ValueCoder::ByteCodes> codes = axes_.CodesOfBytes(chunk);
  return codes && state.metrics[*OnlyLeader()]->AddChunk({&chunk, codes->slots, codes->first_code});
}

absl::Status GroupAggregate::ConsumeRows(State& state, const ChunkRows& at,
                                         std::span<const uint32_t> rows) const {
  SEXTANT_ASSIGN_OR_RETURN(const uint64_t num_excluded,
                           lanes_.CountExcluded(state.lanes, at.chunk, rows));
  state.excluded += num_excluded;
  return axes_.Expand(
      state.axes, at.chunk, rows, at.check,
      [&](std::span<const uint32_t> expanded, std::span<const uint32_t* const> codes) {
        return AggregateRows(state, at, expanded, codes);
      });
}

absl::Status GroupAggregate::AggregateRows(State& state, const ChunkRows& at,
                                           std::span<const uint32_t> rows,
                                           std::span<const uint32_t* const> codes) const {
  std::array<uint32_t, kBatchRows> groups;
  if (!state.logs.empty()) {
    SEXTANT_RETURN_IF_ERROR(state.logs.back()->Pack(codes, rows.size()));
    std::iota(groups.data(), groups.data() + rows.size(), 0);
    return AggregatePinned(state, at, 0, {rows, groups.data()});
  }
  const bool are_codes = state.cells.groups_are_codes();
  if (!are_codes) {
    SEXTANT_RETURN_IF_ERROR(state.cells.FoldGroups(codes, rows.size(), groups.data()));
  }
  const RowsAndNumbers batch = {rows, are_codes ? codes[0] : groups.data()};
  if (lanes_.takes_batches()) return AggregatePinned(state, at, 0, batch);
  for (size_t pin = 0; pin < lanes_.pins().size(); ++pin) {
    if (!lanes_.pins()[pin].gives_samples()) continue;
    KeptRows room;
    const RowsAndNumbers own = KeepSelected(state.lanes.pins[pin].rows, batch, room);
    if (own.rows.empty()) continue;
    SEXTANT_RETURN_IF_ERROR(AggregatePinned(state, at, pin, own));
  }
  return absl::OkStatus();
}

absl::Status GroupAggregate::AggregatePinned(State& state, const ChunkRows& at, size_t pin,
                                             const RowsAndNumbers& batch) const {
  const SamplePin& sample_pin = lanes_.pins()[pin].pin;
  const auto update = [&](const SamplePin::Samples& samples) {
    // Then a batch of rows may be many of samples.
    if (sample_pin.may_repeat()) SEXTANT_RETURN_IF_ERROR(at.check());
    if (samples.positions == nullptr) return Update(state, at, pin, batch, samples.intervals);
    std::array<uint32_t, kBatchRows> rows;
    std::array<uint32_t, kBatchRows> groups;
    for (size_t i = 0; i < samples.size; ++i) {
      rows[i] = batch.rows[samples.positions[i]];
      groups[i] = batch.numbers[samples.positions[i]];
    }
    return Update(state, at, pin, {{rows.data(), samples.size}, groups.data()}, samples.intervals);
  };
  return sample_pin.Expand(at.chunk, batch.rows, state.lanes.pin, update);
}

absl::Status GroupAggregate::Update(State& state, const ChunkRows& at, size_t pin,
                                    const RowsAndNumbers& samples,
                                    const uint32_t* intervals) const {
  if (!state.logs.empty()) {
    return state.logs.back()->Append(samples.rows, samples.numbers, intervals);
  }
  if (state.cells.cells_are_groups()) return UpdateCells(state, at, pin, samples);
  std::array<uint32_t, kBatchRows> cells;
  const uint32_t num_cells_before = state.cells.num_cells();
  SEXTANT_RETURN_IF_ERROR(
      state.cells.FindCells(samples.numbers, intervals, samples.rows.size(), cells.data()));
  const uint32_t num_cells = state.cells.num_cells();
  if (num_cells != num_cells_before) {
    SEXTANT_RETURN_IF_ERROR(CheckNumValues(num_cells, num_metrics_, max_values_));
    SEXTANT_RETURN_IF_ERROR(ResizeMetrics(state));
  }
  return UpdateCells(state, at, pin, {samples.rows, cells.data()});
}

absl::Status GroupAggregate::UpdateCells(State& state, const ChunkRows& at, size_t pin,
                                         const RowsAndNumbers& all) const {
  const std::vector<AggregateLane>& lanes = lanes_.pins()[pin].lanes;
  const std::optional<SampleTiles>& tiles = lanes_.pins()[pin].tiles;
  const bool has_places = tiles && tiles->has_places();
  std::array<uint32_t, kBatchRows> places;  // of `all`, for each lane that has a clip
  if (tiles) SEXTANT_RETURN_IF_ERROR(FindClipGroups(state));
  if (has_places) {
    SEXTANT_RETURN_IF_ERROR(tiles->FindPlaces(at.chunk, all, state.clip_groups.span(),
                                              state.lanes.clip_pin, places.data()));
  }
  KeptRows room;
  KeptRows placed;
  std::optional<Selection> in_room;  // whose rows are
  RowsAndNumbers kept = all;
  for (size_t i = 0; i < lanes.size(); ++i) {
    if (lanes[i].only_counts()) continue;
    const bool keeps_some = !state.lanes.pins[pin].has_all[i];
    const Selection selection = state.lanes.pins[pin].lanes[i];
    if (keeps_some && (!in_room || in_room->words != selection.words)) {
      kept = KeepSelected(selection, all, room);
      if (has_places) KeepSelected(selection, {all.rows, places.data()}, placed);
      in_room = selection;
    }
    RowsAndNumbers own = keeps_some ? kept : all;
    KeptRows unclipped;
    if (lanes[i].clip && has_places) {
      const uint32_t* const own_places = keeps_some ? placed.numbers.data() : places.data();
      own = lanes[i].clip->Keep(at.chunk, own, own_places, unclipped);
    } else if (lanes[i].clip) {
      SEXTANT_ASSIGN_OR_RETURN(
          own, lanes[i].clip->KeepInAllTiles(at.chunk, own, state.clip_groups.span(), *tiles,
                                             state.lanes.clip_pin, unclipped));
    }
    if (own.rows.empty()) continue;
    const SampleBatch batch = {&at.chunk, at.first_ordinal, own.rows, own.numbers};
    for (const uint32_t metric : lanes[i].aggregates) {
      SEXTANT_RETURN_IF_ERROR(state.metrics[metric]->Update(batch));
    }
  }
  return absl::OkStatus();
}

absl::Status GroupAggregate::ResizeMetrics(State& state) const {
  const uint32_t num_cells = state.cells.num_cells();
  for (const auto& metric : state.metrics) SEXTANT_RETURN_IF_ERROR(metric->Resize(num_cells));
  if (needs_intervals_) NameIntervals(state);
  return absl::OkStatus();
}

void GroupAggregate::NameIntervals(State& state) const {
  const uint32_t num_cells = state.cells.num_cells();
  std::vector<uint32_t> codes(axes_.shown().size());
  std::array<uint32_t, kBatchRows> intervals;
  while (state.num_named < num_cells) {
    const auto count =
        static_cast<uint32_t>(std::min<size_t>(kBatchRows, num_cells - state.num_named));
    for (uint32_t k = 0; k < count; ++k) {
      intervals[k] = state.cells.Decode(state.num_named + k, codes.data());
    }
    for (size_t i = 0; i < aggregates_.size(); ++i) {
      if (!aggregates_[i]->needs_intervals()) continue;
      state.metrics[i]->SetIntervals(state.num_named, {intervals.data(), count});
    }
    state.num_named += count;
  }
}

absl::Status GroupAggregate::MapCells(State& state, const State& next, std::span<uint32_t> cell_map,
                                      const std::function<absl::Status()>& check) const {
  const std::span<const uint32_t> shown = axes_.shown();
  const bool is_same = std::all_of(shown.begin(), shown.end(),
                                   [&](uint32_t axis) { return axes_.coders()[axis].is_dense(); });
  std::vector<TrackedVector<uint32_t>> remaps;
  for (const uint32_t axis : shown) {
    remaps.emplace_back(state.budget);
    SEXTANT_RETURN_IF_ERROR(
        axes_.coders()[axis].Absorb(next.axes.axes[axis], state.axes.axes[axis], remaps.back()));
  }
  const auto num_cells = static_cast<uint32_t>(cell_map.size());
  for (uint32_t first = 0; first < num_cells; first += kBatchRows) {
    if (first % kCellsPerCheck == 0) SEXTANT_RETURN_IF_ERROR(check());
    const auto cells = cell_map.subspan(first, std::min(kBatchRows, num_cells - first));
    SEXTANT_RETURN_IF_ERROR(is_same && state.cells.finds_same()
                                ? state.cells.FindSame(next.cells, first,
                                                       static_cast<uint32_t>(cells.size()),
                                                       cells.data())
                                : MapBatch(state, next, first, remaps, cells));
  }
  return absl::OkStatus();
}

absl::Status GroupAggregate::MapBatch(State& state, const State& next, uint32_t first,
                                      std::span<const TrackedVector<uint32_t>> remaps,
                                      std::span<uint32_t> cells) const {
  const std::span<const uint32_t> shown = axes_.shown();
  std::vector<std::array<uint32_t, kBatchRows>> columns(shown.size());
  std::vector<uint32_t> codes(shown.size());
  std::vector<const uint32_t*> code_columns;
  for (const auto& column : columns) code_columns.push_back(column.data());
  std::array<uint32_t, kBatchRows> intervals;
  for (uint32_t k = 0; k < cells.size(); ++k) {
    intervals[k] = next.cells.Decode(first + k, codes.data());
    for (size_t i = 0; i < shown.size(); ++i) {
      const bool is_dense = axes_.coders()[shown[i]].is_dense();
      columns[i][k] = is_dense ? codes[i] : remaps[i][codes[i]];
    }
  }
  std::array<uint32_t, kBatchRows> groups;
  SEXTANT_RETURN_IF_ERROR(state.cells.FoldGroups(code_columns, cells.size(), groups.data()));
  return state.cells.FindCells(groups.data(), intervals.data(), cells.size(), cells.data());
}

absl::Status GroupAggregate::Seal(State& state, const std::function<absl::Status()>& check) const {
  if (!state.logs.empty()) return state.logs.back()->Deal(check);
  for (const auto& metric : state.metrics) SEXTANT_RETURN_IF_ERROR(metric->Seal(check));
  return absl::OkStatus();
}

absl::Status GroupAggregate::Merge(State& state, State& next,
                                   const std::function<absl::Status()>& check) const {
  state.excluded += next.excluded;
  if (!state.logs.empty()) {
    std::move(next.logs.begin(), next.logs.end(), std::back_inserter(state.logs));
    return absl::OkStatus();
  }
  TrackedVector<uint32_t> cell_map(state.budget);
  SEXTANT_RETURN_IF_ERROR(cell_map.Resize(next.cells.num_cells()));
  SEXTANT_RETURN_IF_ERROR(MapCells(state, next, cell_map.span(), check));
  SEXTANT_RETURN_IF_ERROR(CheckNumValues(state.cells.num_cells(), num_metrics_, max_values_));
  SEXTANT_RETURN_IF_ERROR(ResizeMetrics(state));
  for (size_t metric = 0; metric < aggregates_.size(); ++metric) {
    SEXTANT_RETURN_IF_ERROR(check());
    SEXTANT_RETURN_IF_ERROR(
        state.metrics[metric]->Merge(*next.metrics[metric], cell_map.span(), check));
  }
  return absl::OkStatus();
}

bool GroupAggregate::is_order_free() const {
  // Of equal values that are not the same, 60 days and 2 months, the first is shown.
  return std::all_of(axes_.shown().begin(), axes_.shown().end(),
                     [this](uint32_t axis) { return axes_.coders()[axis].is_dense(); }) &&
         std::all_of(aggregates_.begin(), aggregates_.end(),
                     [](const auto& aggregate) { return aggregate->is_order_free(); });
}

bool GroupAggregate::may_log() const {
  // A lane of its own for some of them would need the rows of its chunks a second time.
  if (!lanes_.reused().empty()) return false;
  if (lanes_.pins().size() != 1 || lanes_.pins()[0].lanes.size() != 1) return false;
  if (lanes_.pins()[0].lanes[0].clip || needs_intervals_) return false;
  unsigned bits = KeyDigits::BitsBelow(shape_.num_intervals);
  for (const uint64_t domain : shape_.domains) {
    if (domain == 0) return false;
    bits += KeyDigits::BitsBelow(domain);
  }
  return bits <= KeyDigits::kMaxBits;
}

std::optional<size_t> GroupAggregate::OnlyLeader() const {
  std::optional<size_t> only;
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    if (leaders_[i] != i) continue;
    if (only) return std::nullopt;
    only = i;
  }
  return only;
}

std::unique_ptr<SampleCarrier> GroupAggregate::MakeCarrier() const {
  const std::optional<size_t> leader = OnlyLeader();
  return leader ? aggregates_[*leader]->MakeCarrier() : nullptr;
}

absl::StatusOr<std::unique_ptr<GroupAggregate::State>> GroupAggregate::MakeLog(
    const SampleLogPlan& plan, MemoryBudget& budget) const {
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<State> state, MakeStateOf({}, budget));
  state->logs.push_back(std::make_unique<SampleLog>(plan, budget));
  return state;
}

absl::StatusOr<CellPartition> GroupAggregate::MakePartition(
    const State& logged, uint32_t bin, MemoryBudget& budget,
    const std::function<absl::Status()>& check) const {
  const auto make_states = [&] { return MakeSharedStates(aggregates_, leaders_, budget); };
  const SampleCarrier* const carrier = logged.logs.front()->plan().carrier;
  const size_t leader = carrier != nullptr ? *OnlyLeader() : 0;
  return MakeCellPartition({logged.logs, bin, make_states, budget, carrier, leader}, check);
}

}  // namespace sextant
