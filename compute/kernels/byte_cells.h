#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sextant {

/// What rows that lie one after another add to their cells, where the cells of rows, and what is
/// added to their word, are bytes: straight from the columns. Of two such columns words that were
/// packed first are as fast. No row is NULL; what is pointed to outlives it.
struct ByteCellAddends {
  static constexpr uint32_t kMaxFloats = 2;

  size_t num_rows = 0;
  const uint8_t* cells = nullptr;                  // num_rows
  const uint8_t* slots = nullptr;                  // num_rows
  std::array<uint64_t, 256> word_of;               // by slot: what it adds
  uint32_t num_floats = 0;                         // to kMaxFloats
  std::array<const double*, kMaxFloats> floats{};  // num_rows each, finite
};

/// The sums of 256 cells. The word of a cell is spread over ways, whose sum it is: an addition to
/// one place waits for the one before. Floats are added in the order of rows (rule 4).
struct ByteCellSums {
  static constexpr uint32_t kWays = 4;
  static constexpr uint32_t kCells = 256;
  /// And some more: places of a cell that are a multiple of 4 KiB apart would wait for each other.
  static constexpr uint32_t kRoom = kCells + 8;

  std::array<std::array<uint64_t, kRoom>, kWays> words;
  std::array<std::array<double, kRoom>, ByteCellAddends::kMaxFloats> floats;
};

/// Adds those of all rows to what `sums` has, words modulo 2^64. REQUIRES: the words and floats of
/// each cell that rows have are set.
void AddByteCells(const ByteCellAddends& addends, ByteCellSums& sums);

}  // namespace sextant
