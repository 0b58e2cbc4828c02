#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "compute/kernels/cell_words.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"

namespace sextant {

/// The cells of a state that keeps all of its sums side by side, in several ways per cell while
/// they are few. Charged to the budget. Not thread-safe.
class CellTable {
 public:
  static constexpr uint32_t kMaxSpreadCells = 1024;

  CellTable(CellForm form, MemoryBudget& budget) : form_(form), words_(budget) {}

  /// New cells are zero.
  absl::Status Resize(uint32_t num_cells) {
    if (num_cells > kMaxSpreadCells) Fold();
    num_cells_ = num_cells;
    const size_t num_ways = is_spread_ ? CellForm::kWays : 1;
    return words_.Resize(size_t{num_cells} * num_ways * form_.stride());
  }
  /// REQUIRES: Resize covers the cells.
  void Add(const CellAddends& addends, std::span<const uint32_t> cell_of) {
    AddToCellWords(form_, is_spread_, addends, cell_of, words_.data());
  }
  /// The same of all rows at once, of which cell 0 gets all.
  void AddToFirst(const std::array<uint64_t, CellForm::kMaxWords>& words) {
    for (uint32_t word = 0; word < form_.num_words; ++word) words_[word] += words[word];
  }
  uint32_t num_cells() const { return num_cells_; }
  /// The words of the first way of a cell, which floats are in; to be written.
  uint64_t* first_way(uint32_t cell) {
    return words_.data() + size_t{cell} * (is_spread_ ? CellForm::kWays : 1) * form_.stride();
  }
  /// Makes one way of those of a cell, for good.
  void Fold() {
    if (!is_spread_) return;
    FoldCellWays(form_, num_cells_, words_.data());
    is_spread_ = false;
    words_.Resize(size_t{num_cells_} * form_.stride()).IgnoreError();  // to less it never fails
  }
  /// Cell c of `from` is cell_map[c] here. Errors: those of `keep_going`.
  absl::Status Merge(CellTable& from, std::span<const uint32_t> cell_map, KeepGoing keep_going) {
    Fold();
    from.Fold();
    return ForBlocks(cell_map.size(), keep_going, [&](size_t begin, size_t end) {
      MergeCellWords(form_, from.words_.data() + begin * form_.stride(),
                     cell_map.subspan(begin, end - begin), words_.data());
    });
  }

  CellForm form() const { return form_; }
  /// The words of a cell. REQUIRES: Fold.
  const uint64_t* operator[](uint32_t cell) const {
    return words_.data() + size_t{cell} * form_.stride();
  }

 private:
  CellForm form_;
  TrackedVector<uint64_t> words_;
  uint32_t num_cells_ = 0;
  bool is_spread_ = true;
};

}  // namespace sextant
