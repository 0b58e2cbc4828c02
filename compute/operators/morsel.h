#pragma once

#include <cstdint>

namespace sextant {

/// Rows [begin, end) of chunk `chunk`, all in one range of row ordinals (rule 4).
struct Morsel {
  uint32_t chunk = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
  friend bool operator==(const Morsel&, const Morsel&) = default;
};

/// Row ordinals per range of float sums: fixed, never a matter of threads (rule 4).
inline constexpr uint64_t kRangeRows = uint64_t{1} << 20;

/// Rows that operators work on at a time: their columns stay in the first-level cache.
inline constexpr uint32_t kBatchRows = 1024;

}  // namespace sextant
