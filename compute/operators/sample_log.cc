#include "compute/operators/sample_log.h"

#include <algorithm>
#include <utility>

#include "compute/kernels/key_bins.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {

SampleLog::SampleLog(const SampleLogPlan& plan, MemoryBudget& budget)
    : plan_(plan), budget_(budget), batch_(budget), keys_(budget), places_(budget) {}

absl::Status SampleLog::BeginChunk(const Chunk& chunk, uint64_t first_ordinal) {
  if (chunks_.empty()) {
    SEXTANT_RETURN_IF_ERROR(keys_.Reserve(plan_.max_rows));
    SEXTANT_RETURN_IF_ERROR(places_.Reserve(plan_.max_rows));
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
  const size_t first = keys_.size();
  SEXTANT_RETURN_IF_ERROR(keys_.ResizeUninitialized(first + rows.size()));
  SEXTANT_RETURN_IF_ERROR(places_.ResizeUninitialized(first + rows.size()));
  const uint64_t* __restrict batch = batch_.data();
  uint64_t* __restrict keys = keys_.data() + first;
  uint32_t* __restrict places = places_.data() + first;
  const unsigned bits = plan_.digits.interval_bits;
  const uint32_t first_place = chunks_.back().first_place;
  for (size_t k = 0; k < rows.size(); ++k) {
    keys[k] = batch[numbers[k]] << bits | intervals[k];
    places[k] = first_place + rows[k];
  }
  return absl::OkStatus();
}

absl::Status SampleLog::Deal(KeepGoing keep_going) {
  const unsigned num_bits = plan_.digits.num_bits();
  // A key of no bits is 0, in bin 0 whatever the shift.
  const unsigned shift = num_bits > plan_.bin_bits ? num_bits - plan_.bin_bits : 0;
  begins_.assign(plan_.num_bins() + 1, 0);
  size_t* const counts = begins_.data() + 1;
  SEXTANT_RETURN_IF_ERROR(InBlocks(keys_.span(), keep_going, [&](std::span<const uint64_t> block) {
    for (const uint64_t key : block) ++counts[key >> shift];
  }));
  for (size_t bin = 1; bin < begins_.size(); ++bin) begins_[bin] += begins_[bin - 1];
  TrackedVector<uint64_t> keys(budget_);
  TrackedVector<uint32_t> places(budget_);
  SEXTANT_RETURN_IF_ERROR(keys.ResizeUninitialized(keys_.size()));
  SEXTANT_RETURN_IF_ERROR(places.ResizeUninitialized(keys_.size()));
  std::vector<size_t> next(begins_.begin(), begins_.end() - 1);
  const uint32_t* from = places_.data();
  SEXTANT_RETURN_IF_ERROR(InBlocks(keys_.span(), keep_going, [&](std::span<const uint64_t> block) {
    for (const uint64_t key : block) {
      const size_t to = next[key >> shift]++;
      keys[to] = key;
      places[to] = *from++;
    }
  }));
  keys_ = std::move(keys);
  places_ = std::move(places);
  batch_ = TrackedVector<uint64_t>(budget_);
  return absl::OkStatus();
}

}  // namespace sextant
