#include "compute/operators/sample_log.h"

#include <algorithm>
#include <utility>

#include "compute/kernels/key_bins.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {

SpareLogRoom::Room SpareLogRoom::Take(MemoryBudget& budget) {
  const std::lock_guard lock(mutex_);
  if (rooms_.empty()) return Room(budget);
  Room room = std::move(rooms_.back());
  rooms_.pop_back();
  return room;
}

void SpareLogRoom::Give(Room room) {
  room.keys.Clear();
  room.places.Clear();
  const std::lock_guard lock(mutex_);
  rooms_.push_back(std::move(room));
}

void SpareLogRoom::Clear() {
  const std::lock_guard lock(mutex_);
  rooms_.clear();
}

SampleLog::SampleLog(const SampleLogPlan& plan, MemoryBudget& budget)
    : plan_(plan), budget_(budget), batch_(budget), samples_(budget) {}

absl::Status SampleLog::BeginChunk(const Chunk& chunk, uint64_t first_ordinal) {
  if (chunks_.empty()) {
    if (plan_.spare != nullptr) samples_ = plan_.spare->Take(budget_);
    SEXTANT_RETURN_IF_ERROR(samples_.keys.Reserve(plan_.max_rows));
    SEXTANT_RETURN_IF_ERROR(samples_.places.Reserve(plan_.max_rows));
  } else if (chunks_.back().chunk == &chunk) {
    return absl::OkStatus();
  }
  const uint32_t first_place =
      chunks_.empty() ? 0 : chunks_.back().first_place + chunks_.back().chunk->num_rows();
  chunks_.push_back({&chunk, first_ordinal, first_place});
  return absl::OkStatus();
}

absl::Status SampleLog::Pack(std::span<const uint32_t* const> codes, size_t num_rows) {
  SEXTANT_DCHECK(codes.size() == plan_.digits.axes.size());
  SEXTANT_RETURN_IF_ERROR(batch_.ResizeUninitialized(num_rows));
  uint64_t* __restrict keys = batch_.data();
  std::fill_n(keys, num_rows, 0);
  for (size_t axis = 0; axis < codes.size(); ++axis) {
    const uint32_t* __restrict axis_codes = codes[axis];
    const uint32_t* __restrict ranks = plan_.digits.axes[axis].rank_of_code.data();
    const unsigned bits = plan_.digits.axes[axis].bits;
    for (size_t k = 0; k < num_rows; ++k) keys[k] = keys[k] << bits | ranks[axis_codes[k]];
  }
  return absl::OkStatus();
}

absl::Status SampleLog::Append(std::span<const uint32_t> rows, const uint32_t* numbers,
                               const uint32_t* intervals) {
  const size_t first = samples_.keys.size();
  SEXTANT_RETURN_IF_ERROR(samples_.keys.ResizeUninitialized(first + rows.size()));
  SEXTANT_RETURN_IF_ERROR(samples_.places.ResizeUninitialized(first + rows.size()));
  const uint64_t* __restrict batch = batch_.data();
  uint64_t* __restrict keys = samples_.keys.data() + first;
  uint32_t* __restrict places = samples_.places.data() + first;
  const unsigned bits = plan_.digits.interval_bits;
  for (size_t k = 0; k < rows.size(); ++k) keys[k] = batch[numbers[k]] << bits | intervals[k];
  const ChunkPlaces& at = chunks_.back();
  if (plan_.carrier != nullptr) {
    plan_.carrier->Write({at.chunk, at.first_ordinal, rows, nullptr}, places);
    return absl::OkStatus();
  }
  for (size_t k = 0; k < rows.size(); ++k) places[k] = at.first_place + rows[k];
  return absl::OkStatus();
}

absl::Status SampleLog::Deal(KeepGoing keep_going) {
  const unsigned num_bits = plan_.digits.num_bits();
  // A key of no bits is 0, in bin 0 whatever the shift.
  const unsigned shift = num_bits > plan_.bin_bits ? num_bits - plan_.bin_bits : 0;
  const std::span<uint64_t> keys = samples_.keys.span();
  begins_.assign(plan_.num_bins() + 1, 0);
  size_t* const counts = begins_.data() + 1;
  SEXTANT_RETURN_IF_ERROR(InBlocks(keys, keep_going, [&](std::span<const uint64_t> block) {
    for (const uint64_t key : block) ++counts[key >> shift];
  }));
  for (size_t bin = 1; bin < begins_.size(); ++bin) begins_[bin] += begins_[bin - 1];
  SpareLogRoom::Room dealt(budget_);
  SEXTANT_RETURN_IF_ERROR(dealt.keys.ResizeUninitialized(keys.size()));
  SEXTANT_RETURN_IF_ERROR(dealt.places.ResizeUninitialized(keys.size()));
  std::vector<size_t> next(begins_.begin(), begins_.end() - 1);
  const uint32_t* from = samples_.places.data();
  SEXTANT_RETURN_IF_ERROR(InBlocks(keys, keep_going, [&](std::span<const uint64_t> block) {
    for (const uint64_t key : block) {
      const size_t to = next[key >> shift]++;
      dealt.keys[to] = key;
      dealt.places[to] = *from++;
    }
  }));
  std::swap(samples_, dealt);
  if (plan_.spare != nullptr) plan_.spare->Give(std::move(dealt));
  batch_ = TrackedVector<uint64_t>(budget_);
  return absl::OkStatus();
}

}  // namespace sextant
