#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant {

/// Of each of `count` slots that is not 0 writes, in their order, what it holds less 1 to cells[i]
/// and where it is to positions[i]; returns how many there are. The widest vectors that the
/// processor has (Highway chooses at the first call): 0.1 ns a slot with AVX-512. Writes nothing
/// behind what it returns, but one element, in room that the caller has. No allocation.
size_t CompactSlots(const uint32_t* slots, uint32_t count, uint32_t* cells, uint32_t* positions);

/// The scalar form and the truth.
inline size_t CompactSlotsScalar(const uint32_t* slots, uint32_t first, uint32_t last,
                                 uint32_t* __restrict cells, uint32_t* __restrict positions) {
  size_t kept = 0;
  for (uint32_t position = first; position < last; ++position) {
    cells[kept] = slots[position] - 1;
    positions[kept] = position;
    kept += slots[position] != 0 ? 1 : 0;
  }
  return kept;
}

}  // namespace sextant
