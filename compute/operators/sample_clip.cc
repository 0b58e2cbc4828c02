#include "compute/operators/sample_clip.h"

#include <algorithm>
#include <array>
#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<SampleTiles> SampleTiles::Create(const PassClips& clips, size_t number,
                                                const SamplePin::Context& context) {
  const SamplePin::Context of_tiles = {
      context.table, {&clips.tiles, 1}, context.zone, context.memory};
  SEXTANT_ASSIGN_OR_RETURN(
      SamplePin pin,
      SamplePin::Create(clips.plan.SamplesOf(clips.plan.clips[number]).pin, of_tiles));
  return SampleTiles(clips.cuts, std::move(pin));
}

absl::Status SampleTiles::FindPlaces(const Chunk& chunk, const RowsAndNumbers& samples,
                                     std::span<const uint32_t> group_of_cell, PinScratch& scratch,
                                     uint32_t* places) const {
  const uint32_t* __restrict groups = group_of_cell.data();
  const uint32_t* __restrict cells = samples.numbers;
  std::fill_n(places, samples.rows.size(), cuts_->num_places() - 1);
  return pin_.Expand(chunk, samples.rows, scratch, [&](const SamplePin::Samples& tiles) {
    if (tiles.positions == nullptr) {
      for (size_t k = 0; k < tiles.size; ++k) {
        places[k] = cuts_->PlaceOf(groups[cells[k]], tiles.intervals[k]);
      }
      return absl::OkStatus();
    }
    for (size_t i = 0; i < tiles.size; ++i) {
      const uint32_t k = tiles.positions[i];
      places[k] = cuts_->PlaceOf(groups[cells[k]], tiles.intervals[i]);
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<SampleClip> SampleClip::Create(const PassClips& clips, size_t number,
                                              const Table& table, MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(ValueReader value,
                           ValueReader::Create(clips.plan.clips[number].clip.value, table, budget));
  return SampleClip(clips.cuts, number, std::move(value));
}

RowsAndNumbers SampleClip::Keep(const Chunk& chunk, const RowsAndNumbers& samples,
                                const uint32_t* places, KeptRows& room) const {
  std::array<int64_t, kBatchRows> keys;
  std::array<uint8_t, kBatchRows> valid;
  value_.ReadKeys(chunk, samples.rows, keys.data(), valid.data());
  const ClipCuts::Cut* __restrict cuts = cuts_->CutsOf(number_);
  const size_t stride = cuts_->stride();
  uint32_t* __restrict kept_rows = room.rows.data();
  uint32_t* __restrict kept_numbers = room.numbers.data();
  size_t kept = 0;
  for (size_t k = 0; k < samples.rows.size(); ++k) {
    const ClipCuts::Cut& cut = cuts[stride * places[k]];
    kept_rows[kept] = samples.rows[k];
    kept_numbers[kept] = samples.numbers[k];
    kept += static_cast<size_t>(valid[k]) & static_cast<size_t>(keys[k] >= cut.low) &
            static_cast<size_t>(keys[k] <= cut.high);
  }
  return {{kept_rows, kept}, kept_numbers};
}

absl::StatusOr<RowsAndNumbers> SampleClip::KeepInAllTiles(
    const Chunk& chunk, const RowsAndNumbers& samples, std::span<const uint32_t> group_of_cell,
    const SampleTiles& tiles, PinScratch& scratch, KeptRows& room) const {
  std::array<int64_t, kBatchRows> keys;
  std::array<uint8_t, kBatchRows> keeps;
  value_.ReadKeys(chunk, samples.rows, keys.data(), keeps.data());
  const ClipCuts::Cut* const cuts = cuts_->CutsOf(number_);
  const auto test = [&](const SamplePin::Samples& found) {
    for (size_t i = 0; i < found.size; ++i) {
      const size_t k = found.positions == nullptr ? i : found.positions[i];
      const uint32_t place = cuts_->PlaceOf(group_of_cell[samples.numbers[k]], found.intervals[i]);
      const ClipCuts::Cut& cut = cuts[cuts_->stride() * place];
      keeps[k] &= static_cast<uint8_t>((keys[k] >= cut.low) & (keys[k] <= cut.high));
    }
    return absl::OkStatus();
  };
  SEXTANT_RETURN_IF_ERROR(tiles.pin().Expand(chunk, samples.rows, scratch, test));
  size_t kept = 0;
  for (size_t k = 0; k < samples.rows.size(); ++k) {
    room.rows[kept] = samples.rows[k];
    room.numbers[kept] = samples.numbers[k];
    kept += keeps[k];
  }
  return RowsAndNumbers{{room.rows.data(), kept}, room.numbers.data()};
}

}  // namespace sextant
