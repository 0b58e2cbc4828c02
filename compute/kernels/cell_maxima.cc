#include "compute/kernels/cell_maxima.h"

#include <cstring>

namespace sextant {
namespace {

/// Of which the compiler compares both numbers in one step; a comparison of plain numbers may
/// become a branch around the store.
typedef uint32_t Pair __attribute__((vector_size(8)));

void Raise(uint64_t* word, const uint64_t& by) {
  Pair old;
  Pair added;
  std::memcpy(&old, word, sizeof(old));
  std::memcpy(&added, &by, sizeof(added));
  const Pair greater = old > added ? old : added;
  std::memcpy(word, &greater, sizeof(greater));
}

}  // namespace

void RaiseCellPairs(std::span<const uint64_t* const> words, std::span<const uint32_t> cell_of,
                    uint64_t* __restrict table) {
  const uint32_t* __restrict cells = cell_of.data();
  const uint64_t* const first = words[0];
  if (words.size() == 1) {
    for (size_t k = 0; k < cell_of.size(); ++k) Raise(table + cells[k], first[k]);
    return;
  }
  const size_t stride = words.size();
  for (size_t w = 0; w < stride; ++w) {
    const uint64_t* const added = words[w];
    for (size_t k = 0; k < cell_of.size(); ++k) Raise(table + cells[k] * stride + w, added[k]);
  }
}

void MergeCellPairs(size_t num_words, const uint64_t* __restrict from,
                    std::span<const uint32_t> cell_map, uint64_t* __restrict into) {
  for (size_t c = 0; c < cell_map.size(); ++c) {
    for (size_t w = 0; w < num_words; ++w) {
      Raise(into + cell_map[c] * num_words + w, from[c * num_words + w]);
    }
  }
}

}  // namespace sextant
