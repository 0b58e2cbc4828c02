#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "compute/kernels/selection.h"

namespace sextant {

/// Those of `rows`, which ascend, that are in the selection's words.
inline std::span<const uint16_t> RowsWithin(std::span<const uint16_t> rows, Selection selection) {
  const uint16_t* row = rows.data();
  const uint16_t* end = row + rows.size();
  while (row != end && *row / 64u < selection.first) ++row;
  while (row != end && end[-1] / 64u >= selection.last) --end;
  return {row, end};
}

/// Sets the bits of `rows`, which ascend, those outside the selection's words left out.
inline void UniteRows(std::span<const uint16_t> rows, Selection selection) {
  uint64_t* __restrict words = selection.words;
  for (const uint16_t row : RowsWithin(rows, selection)) {
    words[row / 64] |= uint64_t{1} << (row % 64);
  }
}

/// Clears the bits of `rows`, which ascend, those outside the selection's words left out.
inline void DropRows(std::span<const uint16_t> rows, Selection selection) {
  uint64_t* __restrict words = selection.words;
  for (const uint16_t row : RowsWithin(rows, selection)) {
    words[row / 64] &= ~(uint64_t{1} << (row % 64));
  }
}

/// Sets the bits that `bitmap` has.
inline void UniteBitmap(const uint64_t* __restrict bitmap, Selection selection) {
  uint64_t* __restrict words = selection.words;
  for (uint32_t word = selection.first; word < selection.last; ++word) words[word] |= bitmap[word];
}

/// Keeps the selected rows [begin, end); negated: the others.
inline void NarrowToInterval(uint32_t begin, uint32_t end, bool negated, Selection selection) {
  const auto below = [](uint32_t row, uint32_t word) -> uint64_t {  // bits of rows before `row`
    if (row <= word * 64) return 0;
    const uint32_t bits = row - word * 64;
    return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  };
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    const uint64_t inside = below(end, word) & ~below(begin, word);
    selection.words[word] &= negated ? ~inside : inside;
  }
}

}  // namespace sextant
