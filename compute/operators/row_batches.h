#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "compute/kernels/selection.h"
#include "compute/kernels/vector_selection.h"
#include "compute/operators/expression/evaluation_scratch.h"
#include "compute/operators/morsel.h"

namespace sextant {

/// Keeps the selected rows that `test` marks, batch by batch: `test(rows, keeps)` writes 1 or 0 for
/// each of at most kBatchRows rows, which ascend. Texts that it computes are gone after it.
template <typename Test>
void NarrowByBatch(Selection selection, Test test) {
  const Lease<RowList> list;
  const Lease<ValueVector> marks;
  for (uint32_t word = selection.first; word < selection.last;) {
    const auto [next_word, count] =
        TakeRows(selection.words, word, selection.last, list->rows, kBatchRows);
    if (count > 0) {
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
