#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "compute/kernels/selection.h"

namespace sextant {

/// The least and the greatest of some slots; min > max: there were none.
struct SlotBounds {
  uint64_t min = ~uint64_t{0};
  uint64_t max = 0;

  void Add(uint64_t slot) {
    min = std::min(min, slot);
    max = std::max(max, slot);
  }
};

/// The bounds of the slots of the selected rows that are not NULL, by the widest vectors that the
/// processor has. `validity`: null where no row is. Words without such a row are not read.
/// REQUIRES: slots has num_rows elements, and no other row is selected.
SlotBounds BoundsOfSelected(const uint8_t* slots, uint32_t num_rows, const uint64_t* validity,
                            Selection selection);
SlotBounds BoundsOfSelected(const uint16_t* slots, uint32_t num_rows, const uint64_t* validity,
                            Selection selection);
SlotBounds BoundsOfSelected(const uint32_t* slots, uint32_t num_rows, const uint64_t* validity,
                            Selection selection);
SlotBounds BoundsOfSelected(const uint64_t* slots, uint32_t num_rows, const uint64_t* validity,
                            Selection selection);

/// The same, slot by slot: what it means.
template <typename T>
SlotBounds BoundsOfSelectedScalar(const T* slots, const uint64_t* validity, Selection selection) {
  SlotBounds bounds;
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    uint64_t rows = selection.words[word] & (validity == nullptr ? ~uint64_t{0} : validity[word]);
    for (; rows != 0; rows &= rows - 1) bounds.Add(slots[word * 64 + std::countr_zero(rows)]);
  }
  return bounds;
}

}  // namespace sextant
