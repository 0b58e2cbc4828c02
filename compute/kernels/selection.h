#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace sextant {

/// Words [first, last) of the selection bitmap of a chunk: bit i of word w is row 64 * w + i. Rows
/// outside the morsel have zero bits. Steps of a filter clear bits, they never set one. Does not
/// own the words.
struct Selection {
  uint64_t* words = nullptr;
  uint32_t first = 0;
  uint32_t last = 0;

  bool IsEmpty() const {
    uint64_t any = 0;
    for (uint32_t word = first; word < last; ++word) any |= words[word];
    return any == 0;
  }
  void Clear() const { std::memset(words + first, 0, (last - first) * sizeof(uint64_t)); }
};

/// Packs 64 bytes, each 0 or 1, into bits: byte i becomes bit i.
inline uint64_t PackBits(const uint8_t* hits) {
  uint64_t packed = 0;
  for (int group = 0; group < 8; ++group) {
    uint64_t bytes;
    std::memcpy(&bytes, hits + 8 * group, sizeof(bytes));
    if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
    packed |= ((bytes * 0x0102040810204080u) >> 56) << (8 * group);
  }
  return packed;
}

/// Whether a word of a selection has at most 4 rows, for which a test of each costs less than one
/// of all 64.
inline bool HasFewRows(uint64_t word) {
  word &= word - 1;
  word &= word - 1;
  word &= word - 1;
  return (word & (word - 1)) == 0;
}

/// The bits of `word` for which `test(bit)`, one call per bit.
template <typename Test>
uint64_t KeepBits(uint64_t word, Test test) {
  uint64_t kept = 0;
  for (; word != 0; word &= word - 1) {
    const int bit = std::countr_zero(word);
    kept |= uint64_t{test(static_cast<uint32_t>(bit))} << bit;
  }
  return kept;
}

/// Keeps the selected rows for which `test(values[row])` is 1. Of words with few selected rows only
/// those are tested, the others whole and without a branch on data. `test` must be defined for
/// every slot, that of a NULL too; the caller intersects with validity.
/// REQUIRES: values has num_rows elements; last <= BitmapWords(num_rows).
template <typename T, typename Test>
void NarrowByValue(const T* __restrict values, uint32_t num_rows, Selection selection, Test test) {
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    if (HasFewRows(selection.words[word])) {
      selection.words[word] = KeepBits(selection.words[word], [&](uint32_t bit) {
        return static_cast<bool>(test(values[size_t{word} * 64 + bit]));
      });
      continue;
    }
    const T* __restrict block = values + size_t{word} * 64;
    const uint32_t rows_left = num_rows - word * 64;
    uint8_t hits[64];
    if (rows_left >= 64) {
      for (int row = 0; row < 64; ++row) hits[row] = test(block[row]) ? 1 : 0;
    } else {
      std::memset(hits, 0, sizeof(hits));
      for (uint32_t row = 0; row < rows_left; ++row) hits[row] = test(block[row]) ? 1 : 0;
    }
    selection.words[word] &= PackBits(hits);
  }
}

/// Keeps the selected rows for which `test(row)`: one call per selected row, for tests that cost
/// more than a branch.
template <typename Test>
void NarrowByRow(Selection selection, Test test) {
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    selection.words[word] = KeepBits(selection.words[word], [&](uint32_t bit) {
      return static_cast<bool>(test(word * 64 + bit));
    });
  }
}

/// Keeps the selected rows that `bitmap` has.
inline void NarrowByBitmap(const uint64_t* __restrict bitmap, Selection selection) {
  uint64_t* __restrict words = selection.words;
  for (uint32_t word = selection.first; word < selection.last; ++word) words[word] &= bitmap[word];
}

/// Keeps the selected rows that `bitmap` has not.
inline void NarrowByComplement(const uint64_t* __restrict bitmap, Selection selection) {
  uint64_t* __restrict words = selection.words;
  for (uint32_t word = selection.first; word < selection.last; ++word) words[word] &= ~bitmap[word];
}

}  // namespace sextant
