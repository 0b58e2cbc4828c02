#include "compute/operators/list_expander.h"

#include <algorithm>
#include <numeric>

#include "compute/operators/morsel.h"

namespace sextant {
namespace {

/// Moves to the next combination, the last axis first; false after the last one.
bool Advance(std::vector<ListScratch::Reel>& reels) {
  for (size_t axis = reels.size(); axis-- > 0;) {
    if (++reels[axis].at < reels[axis].end) return true;
    reels[axis].at = reels[axis].begin;
  }
  return false;
}

}  // namespace

absl::Status ListExpander::LoadReels(const Chunk& chunk, uint32_t row,
                                     std::span<CodedValues> values, ListScratch& scratch) const {
  scratch.distinct.Clear();
  for (size_t i = 0; i < axes_.size(); ++i) {
    const Column& column = chunk.column(axes_[i].column);
    const uint32_t begin = column.offsets()[row];
    const uint32_t length = column.offsets()[row + 1] - begin;
    const size_t first = scratch.distinct.size();
    scratch.reels[i] = {first, first, first};
    if (length == 0) return absl::OkStatus();
    SEXTANT_RETURN_IF_ERROR(scratch.positions.Resize(length));
    std::iota(scratch.positions.data(), scratch.positions.data() + length, begin);
    SEXTANT_RETURN_IF_ERROR(scratch.distinct.Resize(first + length));
    uint32_t* codes = scratch.distinct.data() + first;
    for (uint32_t done = 0; done < length; done += kBatchRows) {
      const uint32_t count = std::min(kBatchRows, length - done);
      SEXTANT_RETURN_IF_ERROR(axes_[i].coder->EncodeColumn(column.elements(),
                                                           {scratch.positions.data() + done, count},
                                                           values[axes_[i].axis], codes + done));
    }
    if (length > 1) {
      std::sort(codes, codes + length);
      const size_t kept = static_cast<size_t>(std::unique(codes, codes + length) - codes);
      SEXTANT_RETURN_IF_ERROR(scratch.distinct.Resize(first + kept));
    }
    scratch.reels[i].end = scratch.distinct.size();
  }
  return absl::OkStatus();
}

absl::Status ListExpander::Expand(const Chunk& chunk, std::span<const uint32_t> rows,
                                  std::span<CodedValues> values, ListScratch& scratch,
                                  Sink sink) const {
  const size_t num_axes = axes_.size();
  scratch.reels.resize(num_axes);
  SEXTANT_RETURN_IF_ERROR(scratch.rows.Resize(kBatchRows));
  SEXTANT_RETURN_IF_ERROR(scratch.codes.Resize(num_axes * kBatchRows));
  std::vector<const uint32_t*> codes(num_axes);
  for (size_t i = 0; i < num_axes; ++i) codes[i] = scratch.codes.data() + i * kBatchRows;
  uint32_t count = 0;
  for (const uint32_t row : rows) {
    SEXTANT_RETURN_IF_ERROR(LoadReels(chunk, row, values, scratch));
    const bool is_empty = std::any_of(scratch.reels.begin(), scratch.reels.end(),
                                      [](const auto& reel) { return reel.begin == reel.end; });
    if (is_empty) continue;
    do {
      scratch.rows[count] = row;
      for (size_t i = 0; i < num_axes; ++i) {
        scratch.codes[i * kBatchRows + count] = scratch.distinct[scratch.reels[i].at];
      }
      if (++count == kBatchRows) {
        SEXTANT_RETURN_IF_ERROR(sink({scratch.rows.data(), count}, codes));
        count = 0;
      }
    } while (Advance(scratch.reels));
  }
  return count == 0 ? absl::OkStatus() : sink({scratch.rows.data(), count}, codes);
}

}  // namespace sextant
