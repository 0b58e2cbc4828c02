#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "compute/kernels/selection.h"

namespace sextant {

/// The linked rows of rows: those of row i are rows[offsets[i]] to rows[offsets[i + 1]].
struct LinkedLists {
  const uint32_t* offsets = nullptr;
  const uint32_t* rows = nullptr;
};

/// Of 64 rows with at most so many linked rows all are looked at, without a branch on data: hits
/// are packed into words in the order of the lists, and a row has one where more hits are before
/// its end than before its beginning.
inline constexpr uint32_t kMaxPairsOfWord = 1024;

/// Whether row `row` has a linked row that is in `found`; stops at the first.
inline bool HasHit(const LinkedLists& lists, const uint64_t* found, uint32_t row) {
  const uint32_t end = lists.offsets[row + 1];
  bool exists = false;
  for (uint32_t at = lists.offsets[row]; at < end && !exists; ++at) {
    const uint32_t linked = lists.rows[at];
    exists = ((found[linked / 64] >> (linked % 64)) & 1) != 0;
  }
  return exists;
}

/// Which of the 64 rows whose lists begin at `offsets` have a linked row that is in `found`.
/// REQUIRES: 65 offsets; at most kMaxPairsOfWord linked rows.
inline uint64_t HitsOfWord(const uint32_t* __restrict offsets, const uint32_t* __restrict rows,
                           const uint64_t* __restrict found) {
  uint64_t hits[kMaxPairsOfWord / 64 + 1];
  uint32_t before[kMaxPairsOfWord / 64 + 1];
  const uint32_t begin = offsets[0];
  const uint32_t num_pairs = offsets[64] - begin;
  const uint32_t* __restrict linked = rows + begin;
  uint32_t num_hits = 0;
  uint32_t word = 0;
  for (uint32_t first = 0; first < num_pairs; first += 64, ++word) {
    const uint32_t count = std::min<uint32_t>(64, num_pairs - first);
    uint64_t packed = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t row = linked[first + i];
      packed |= ((found[row / 64] >> (row % 64)) & 1) << i;
    }
    hits[word] = packed;
    before[word] = num_hits;
    num_hits += static_cast<uint32_t>(std::popcount(packed));
  }
  // An end may be the first of a word.
  hits[word] = 0;
  before[word] = num_hits;
  const auto rank = [&](uint32_t at) {
    const uint64_t below = hits[at / 64] & ((uint64_t{1} << (at % 64)) - 1);
    return before[at / 64] + static_cast<uint32_t>(std::popcount(below));
  };
  uint64_t any = 0;
  uint32_t last = 0;
  for (uint32_t row = 0; row < 64; ++row) {
    const uint32_t next = rank(offsets[row + 1] - begin);
    any |= uint64_t{next != last} << row;
    last = next;
  }
  return any;
}

/// Keeps the selected rows of which a linked row is in `found`, or with `negated` the others. Words
/// of few selected rows and those of rows with very many linked rows are tested row by row.
/// REQUIRES: offsets for all rows of the words, and one more.
inline void NarrowByLinked(const LinkedLists& lists, const uint64_t* found, bool negated,
                           Selection selection) {
  constexpr int kManyRows = 20;
  const uint64_t flip = negated ? ~uint64_t{0} : 0;
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    uint64_t& selected = selection.words[word];
    const uint32_t* const offsets = lists.offsets + size_t{word} * 64;
    if (std::popcount(selected) >= kManyRows && offsets[64] - offsets[0] <= kMaxPairsOfWord) {
      selected &= HitsOfWord(offsets, lists.rows, found) ^ flip;
      continue;
    }
    selected = KeepBits(
        selected, [&](uint32_t bit) { return HasHit(lists, found, word * 64 + bit) != negated; });
  }
}

/// Keeps the selected rows that have a linked row, or with `negated` the others. REQUIRES: as
/// NarrowByLinked.
inline void NarrowByAnyLinked(const LinkedLists& lists, bool negated, Selection selection) {
  const uint64_t flip = negated ? ~uint64_t{0} : 0;
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    const uint32_t* const offsets = lists.offsets + size_t{word} * 64;
    uint64_t any = 0;
    for (uint32_t row = 0; row < 64; ++row) {
      any |= uint64_t{offsets[row] != offsets[row + 1]} << row;
    }
    selection.words[word] &= any ^ flip;
  }
}

}  // namespace sextant
