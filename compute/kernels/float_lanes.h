#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sextant {

/// Ungrouped float sums (rule 4): a sample belongs to the lane of its row ordinal modulo 8, each
/// lane adds in row order, and one fixed tree adds the lanes. This is the scalar form and the
/// truth; the result depends on neither chunks nor threads.
inline constexpr size_t kFloatLanes = 8;
using FloatLanes = std::array<double, kFloatLanes>;

/// `first_ordinal` is the ordinal of row 0 of the chunk.
inline void AddToLanes(uint64_t first_ordinal, std::span<const uint32_t> rows,
                       const double* __restrict values, FloatLanes& lanes) {
  for (size_t k = 0; k < rows.size(); ++k) {
    lanes[(first_ordinal + rows[k]) % kFloatLanes] += values[k];
  }
}

inline double SumOfLanes(const FloatLanes& lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

}  // namespace sextant
