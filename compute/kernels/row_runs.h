#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "compute/column/chunk.h"

namespace sextant {

/// The rows of a chunk, 0, 1, .., in order. A run of rows, one after another, is a span of them:
/// nothing is written for it, and who gets it sees by its address that it is one, and then reads
/// columns from its first row on without a look at the others.
extern const std::array<uint32_t, kMaxChunkRows> kRowNumbers;

/// Rows first, first + 1, .. of a chunk. REQUIRES: first + count <= kMaxChunkRows.
inline std::span<const uint32_t> RunOfRows(uint32_t first, size_t count) {
  return {kRowNumbers.data() + first, count};
}

/// Whether `rows` were made by RunOfRows; others may be in order too.
inline bool IsRun(std::span<const uint32_t> rows) {
  const std::less<const uint32_t*> before;
  return !before(rows.data(), kRowNumbers.data()) &&
         before(rows.data(), kRowNumbers.data() + kRowNumbers.size());
}

}  // namespace sextant
