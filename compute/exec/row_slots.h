#pragma once

#include <cstdint>
#include <vector>

namespace sextant {

/// Where the rows of one grouping are written: row r has interval intervals[r], rank ranks[a][r] on
/// axis a of those shown, and cell cells[d][r] of dataset d (ResultRows::kNoCell: none).
struct RowSlots {
  uint32_t* intervals = nullptr;
  std::vector<uint32_t*> ranks;
  std::vector<uint32_t*> cells;
};

}  // namespace sextant
