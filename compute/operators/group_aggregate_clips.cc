// How GroupAggregate finds the cuts of groups, and makes values of the samples that cuts were found
// of, without their rows.

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "compute/kernels/key_range.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/group_aggregate.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

struct KeyRange {
  int64_t low;
  int64_t high;

  bool is_all() const { return low == INT64_MIN && high == INT64_MAX; }
};

/// What of a cell's samples a lane takes.
KeyRange RangeOf(const ReusedLane& lane, const ClipCuts& cuts, uint32_t cell) {
  KeyRange range = {lane.range.low, lane.range.high};
  if (!lane.clip) return range;
  const ClipCuts::Cut& cut =
      cuts.CutsOf(*lane.clip)[size_t{cuts.stride()} * cuts.PlaceOfCell(cell)];
  return {std::max(range.low, cut.low), std::min(range.high, cut.high)};
}

absl::StatusOr<uint64_t> CountIn(const SampleKeys& keys, uint32_t cell, const KeyRange& range) {
  if (range.is_all()) return keys.CountOf(cell);
  uint64_t count = 0;
  SEXTANT_RETURN_IF_ERROR(keys.VisitKeys(cell, [&](std::span<const int64_t> some) {
    count += CountKeysWithin(some, range.low, range.high);
    return absl::OkStatus();
  }));
  return count;
}

}  // namespace

absl::Status GroupAggregate::FindClipGroups(State& state) const {
  const uint32_t num_cells = state.cells.num_cells();
  if (state.clip_groups.size() == num_cells) return absl::OkStatus();
  SEXTANT_RETURN_IF_ERROR(state.clip_groups.Reserve(num_cells));
  std::vector<uint32_t> codes(axes_.shown().size());
  for (auto cell = static_cast<uint32_t>(state.clip_groups.size()); cell < num_cells; ++cell) {
    state.cells.Decode(cell, codes.data());
    state.clip_groups.AppendUnchecked(cuts_->FindGroup(codes));
  }
  return absl::OkStatus();
}

absl::Status GroupAggregate::AddReused(State& state, const KeptSamples& kept,
                                       const Check& check) const {
  ReusedCells batch;
  for (uint32_t first = 0; first < kept.cells.num_cells();) {
    SEXTANT_RETURN_IF_ERROR(check());
    SEXTANT_RETURN_IF_ERROR(TakeReusedCells(state, kept, first, batch));
    if (batch.cells.empty()) break;
    for (size_t series = 0; series < kept.atoms.num_series; ++series) {
      SEXTANT_RETURN_IF_ERROR(FindTargets(state, kept, series, batch));
      for (const ReusedLane& lane : lanes_.reused()) {
        SEXTANT_RETURN_IF_ERROR(check());
        SEXTANT_RETURN_IF_ERROR(AddReusedLane(state, kept, lane, batch));
      }
    }
  }
  return absl::OkStatus();
}

/// The axes of the state have the codes of those that the cuts were found by (ClipCuts::SeedState).
absl::Status GroupAggregate::TakeReusedCells(State& state, const KeptSamples& kept, uint32_t& first,
                                             ReusedCells& batch) const {
  const size_t num_axes = axes_.shown().size();
  batch.cells.clear();
  batch.atoms.clear();
  std::vector<std::vector<uint32_t>> columns(num_axes);
  std::vector<uint32_t> codes(num_axes);
  for (; first < kept.cells.num_cells() && batch.cells.size() < kBatchRows; ++first) {
    if (cuts_->PlaceOfCell(first) + 1 == cuts_->num_places()) continue;
    batch.cells.push_back(first);
    batch.atoms.push_back(kept.cells.Decode(first, codes.data()));
    for (size_t axis = 0; axis < num_axes; ++axis) columns[axis].push_back(codes[axis]);
  }
  if (batch.cells.empty()) return absl::OkStatus();
  batch.groups.resize(batch.cells.size());
  std::vector<const uint32_t*> columns_of_codes;
  for (const auto& column : columns) columns_of_codes.push_back(column.data());
  return state.cells.FoldGroups(columns_of_codes, batch.cells.size(), batch.groups.data());
}

absl::Status GroupAggregate::FindTargets(State& state, const KeptSamples& kept, size_t series,
                                         ReusedCells& batch) const {
  std::array<uint32_t, kBatchRows> groups;
  std::array<uint32_t, kBatchRows> intervals;
  std::array<uint32_t, kBatchRows> cells;
  size_t count = 0;
  for (size_t i = 0; i < batch.cells.size(); ++i) {
    groups[count] = batch.groups[i];
    intervals[count] = kept.atoms.IntervalsOf(batch.atoms[i])[series];
    count += intervals[count] != ClipAtoms::kNone ? 1 : 0;
  }
  const uint32_t num_cells_before = state.cells.num_cells();
  SEXTANT_RETURN_IF_ERROR(
      state.cells.FindCells(groups.data(), intervals.data(), count, cells.data()));
  const uint32_t num_cells = state.cells.num_cells();
  if (num_cells != num_cells_before) {
    SEXTANT_RETURN_IF_ERROR(CheckNumValues(num_cells, num_metrics_, max_values_));
    SEXTANT_RETURN_IF_ERROR(ResizeMetrics(state));
  }
  batch.targets.assign(batch.cells.size(), CellIndex::kNoCell);
  size_t next = 0;
  for (size_t i = 0; i < batch.cells.size(); ++i) {
    if (kept.atoms.IntervalsOf(batch.atoms[i])[series] == ClipAtoms::kNone) continue;
    batch.targets[i] = cells[next++];
  }
  return absl::OkStatus();
}

absl::Status GroupAggregate::AddReusedLane(State& state, const KeptSamples& kept,
                                           const ReusedLane& lane, const ReusedCells& batch) const {
  const SampleKeys& keys = *kept.keys[lane.range.samples];
  std::array<int64_t, kBatchRows> numbers;
  for (size_t i = 0; i < batch.cells.size(); ++i) {
    const uint32_t target = batch.targets[i];
    const uint32_t cell = batch.cells[i];
    if (target == CellIndex::kNoCell || keys.CountOf(cell) == 0) continue;
    const KeyRange range = RangeOf(lane, *cuts_, cell);
    if (lane.only_counts) {
      SEXTANT_ASSIGN_OR_RETURN(const uint64_t count, CountIn(keys, cell, range));
      for (const uint32_t metric : lane.aggregates) {
        if (leaders_[metric] == metric) state.metrics[metric]->AddCount(target, count);
      }
      continue;
    }
    SEXTANT_RETURN_IF_ERROR(keys.VisitKeys(cell, [&](std::span<const int64_t> some) {
      const size_t count = KeepKeysWithin(some, range.low, range.high, numbers.data());
      for (const uint32_t metric : lane.aggregates) {
        if (leaders_[metric] != metric) continue;
        state.metrics[metric]->AddNumbers(target, {numbers.data(), count});
      }
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

}  // namespace sextant
