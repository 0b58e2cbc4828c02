#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "compute/kernels/gather.h"
#include "compute/kernels/selection.h"
#include "compute/operators/expression/evaluation_scratch.h"
#include "compute/operators/morsel.h"

namespace sextant {

/// Keeps the selected rows that `test` marks, batch by batch: `test(rows, keeps)` writes 1 or 0 for
/// each of at most kBatchRows rows, which ascend. Texts that it computes are gone after it.
template <typename Test>
void NarrowByBatch(Selection selection, Test test) {
  const Lease<RowList> list;
  const Lease<ValueVector> marks;
  uint32_t first_word = selection.first;
  size_t count = 0;
  const auto flush = [&](uint32_t end_word) {
    if (count == 0) return;
    const TextScope scope;
    test(std::span<const uint32_t>(list->rows, count), marks->valid);
    Selection{selection.words, first_word, end_word}.Clear();
    for (size_t k = 0; k < count; ++k) {
      selection.words[list->rows[k] / 64] |= uint64_t{marks->valid[k]} << (list->rows[k] % 64);
    }
    count = 0;
  };
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    if (count + 64 > kBatchRows) {
      flush(word);
      first_word = word;
    }
    count = AppendBits(selection.words[word], word * 64, list->rows, count);
  }
  flush(selection.last);
}

}  // namespace sextant
