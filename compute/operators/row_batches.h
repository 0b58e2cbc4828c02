#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "compute/kernels/row_runs.h"
#include "compute/kernels/selection.h"
#include "compute/kernels/vector_selection.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/expression/evaluation_scratch.h"
#include "compute/operators/morsel.h"

namespace sextant {

/// Words from `word` on, at most those of a batch, that have all of their rows.
inline uint32_t CountFullWords(Selection selection, uint32_t word) {
  const uint32_t end = std::min(selection.last, word + kBatchRows / 64);
  uint32_t full = word;
  while (full < end && selection.words[full] == ~uint64_t{0}) ++full;
  return full - word;
}

/// Takes the next rows of the selection from `word` on, which moves: a run where they are all
/// there, else those written to `room`; maybe none.
inline std::span<const uint32_t> TakeBatch(Selection selection, uint32_t& word,
                                           std::array<uint32_t, kBatchRows>& room) {
  constexpr uint32_t kLeastWords = 4;  // a batch has its price too
  if (const uint32_t full = CountFullWords(selection, word); full >= kLeastWords) {
    const uint32_t first = word * 64;
    word += full;
    return RunOfRows(first, size_t{full} * 64);
  }
  const TakenRows taken = TakeRows(selection.words, word, selection.last, room.data(), room.size());
  word = taken.next_word;
  return {room.data(), taken.count};
}

/// Keeps the selected rows that `test` marks, batch by batch: `test(rows, keeps)` writes 1 or 0 for
/// each of at most kBatchRows rows, which ascend. Texts that it computes are gone after it. Once
/// there is no going on (AskToGoOn), rows are left untested: whoever asks next ends the query.
template <typename Test>
void NarrowByBatch(Selection selection, Test test) {
  const Lease<RowList> list;
  const Lease<ValueVector> marks;
  for (uint32_t word = selection.first; word < selection.last;) {
    const auto [next_word, count] =
        TakeRows(selection.words, word, selection.last, list->rows, kBatchRows);
    if (count > 0) {
      if (!AskToGoOn().ok()) return;
      const TextScope scope;
      test(std::span<const uint32_t>(list->rows, count), marks->valid);
      Selection{selection.words, word, next_word}.Clear();
      for (size_t k = 0; k < count; ++k) {
        selection.words[list->rows[k] / 64] |= uint64_t{marks->valid[k]} << (list->rows[k] % 64);
      }
    }
    word = next_word;
  }
}

}  // namespace sextant
