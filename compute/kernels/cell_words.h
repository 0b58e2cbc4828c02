#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sextant {

/// What is added up in a cell, side by side, so that a row touches one place in memory whatever the
/// number of sums: `num_words` words that integers are added to modulo 2^64, then `num_floats`
/// doubles, as their bits. Cells are stride() words each; those of one table lie one after another.
///
/// While cells are few, each has several ways, of the same form: rows in order of time fall in the
/// same cell again and again, and an addition to one place waits for the store of the one before.
/// Words are spread over the ways; floats are all in the first, for their order matters (rule 4).
struct CellForm {
  static constexpr uint32_t kMaxWords = 6;
  static constexpr uint32_t kMaxFloats = 4;
  static constexpr uint32_t kWays = 4;

  uint32_t num_words = 0;  // 1 to kMaxWords
  uint32_t num_floats = 0;

  uint32_t stride() const { return num_words + num_floats; }
};

/// What rows add to their cells: words[w][k] and floats[f][k] are those of row k.
struct CellAddends {
  std::array<const uint64_t*, CellForm::kMaxWords> words;
  std::array<const double*, CellForm::kMaxFloats> floats;
  /// Doubles that are likely to be read next, as many as there are rows, from `num_coming` columns:
  /// they are asked for row after row, while additions wait for their cells.
  std::array<const double*, CellForm::kMaxFloats> coming{};
  uint32_t num_coming = 0;

  void Expect(const double* doubles) {
    if (num_coming < coming.size()) coming[num_coming++] = doubles;
  }
};

/// Adds the addends of row k to cell cell_of[k], row after row, without a branch. `is_spread`: the
/// table has kWays ways per cell, and row k adds its words to way k % kWays.
void AddToCellWords(CellForm form, bool is_spread, const CellAddends& addends,
                    std::span<const uint32_t> cell_of, uint64_t* table);

/// Makes one way of those of each of the first `num_cells` cells, in place.
void FoldCellWays(CellForm form, size_t num_cells, uint64_t* table);

/// Adds cell c of `from` to cell cell_map[c] of `into`. Neither has ways.
void MergeCellWords(CellForm form, const uint64_t* from, std::span<const uint32_t> cell_map,
                    uint64_t* into);

}  // namespace sextant
