#include "compute/operators/sample_clip.h"

#include <array>
#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<SampleClip> SampleClip::Create(const PassClips& clips, size_t number,
                                              const SamplePin::Context& context,
                                              MemoryBudget& budget) {
  const ClipPlan::Entry& entry = clips.plan.clips[number];
  SEXTANT_ASSIGN_OR_RETURN(ValueReader value,
                           ValueReader::Create(entry.clip.value, context.table, budget));
  const SamplePin::Context of_tiles = {
      context.table, {&clips.tiles, 1}, context.zone, context.memory};
  SEXTANT_ASSIGN_OR_RETURN(SamplePin tiles, SamplePin::Create(entry.pin, of_tiles));
  return SampleClip(clips.cuts, number, std::move(value), std::move(tiles));
}

absl::StatusOr<RowsAndNumbers> SampleClip::Keep(const Chunk& chunk, const RowsAndNumbers& samples,
                                                std::span<const uint32_t> group_of_cell,
                                                PinScratch& scratch, KeptRows& room) const {
  std::array<int64_t, kBatchRows> keys;
  std::array<uint8_t, kBatchRows> keeps;
  value_.ReadKeys(chunk, samples.rows, keys.data(), keeps.data());
  const auto test = [&](const SamplePin::Samples& tiles) {
    for (size_t i = 0; i < tiles.size; ++i) {
      const size_t k = tiles.positions == nullptr ? i : tiles.positions[i];
      const ClipCuts::Cut cut =
          cuts_->At(number_, group_of_cell[samples.numbers[k]], tiles.intervals[i]);
      keeps[k] &= static_cast<uint8_t>((keys[k] >= cut.low) & (keys[k] <= cut.high));
    }
    return absl::OkStatus();
  };
  SEXTANT_RETURN_IF_ERROR(tiles_.Expand(chunk, samples.rows, scratch, test));
  size_t kept = 0;
  for (size_t k = 0; k < samples.rows.size(); ++k) {
    room.rows[kept] = samples.rows[k];
    room.numbers[kept] = samples.numbers[k];
    kept += keeps[k];
  }
  return RowsAndNumbers{{room.rows.data(), kept}, room.numbers.data()};
}

}  // namespace sextant
