#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "compute/operators/morsel.h"

namespace sextant {

/// Rows of a batch, which ascend, by the words of the bitmaps of a chunk.
class RowWords {
 public:
  /// REQUIRES: at most kBatchRows.
  explicit RowWords(std::span<const uint32_t> rows) {
    for (size_t k = 0; k < rows.size();) {
      Word& one = words_[size_++];
      one = {.word = rows[k] / 64, .first = static_cast<uint32_t>(k), .rows = 0};
      for (; k < rows.size() && rows[k] / 64 == one.word; ++k) {
        one.rows |= uint64_t{1} << (rows[k] % 64);
      }
    }
  }

  struct Word {
    uint32_t word;
    uint32_t first;  // k of the first of its rows
    uint64_t rows;   // a bit each
  };
  std::span<const Word> words() const { return {words_.data(), size_}; }

  /// Calls visit(k) for every k whose rows[k] is in `bitmap`, ascending. Costs a step per word, and
  /// one per row that is in it.
  template <typename Visit>
  void VisitRowsIn(const uint64_t* bitmap, Visit visit) const {
    for (const Word& one : words()) {
      for (uint64_t bits = bitmap[one.word] & one.rows; bits != 0; bits &= bits - 1) {
        const uint64_t before = one.rows & ((bits & -bits) - 1);
        visit(one.first + static_cast<size_t>(std::popcount(before)));
      }
    }
  }

 private:
  size_t size_ = 0;
  std::array<Word, kBatchRows> words_;
};

}  // namespace sextant
