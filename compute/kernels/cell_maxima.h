#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sextant {

/// Cells of maxima: `num_words` words each, side by side, of two unsigned numbers of 32 bits; 0 is
/// the least. A row raises all of them at once, without a branch.

/// words[w][k] are the numbers of row k, whose cell is cell_of[k].
void RaiseCellPairs(std::span<const uint64_t* const> words, std::span<const uint32_t> cell_of,
                    uint64_t* table);

/// Raises cell cell_map[c] of `into` by cell c of `from`.
void MergeCellPairs(size_t num_words, const uint64_t* from, std::span<const uint32_t> cell_map,
                    uint64_t* into);

}  // namespace sextant
