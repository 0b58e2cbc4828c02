#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "compute/memory/buffer.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// What is added up in each cell, in kWays places per cell while cells are few: rows in order of
/// time fall in the same cell again and again, and an addition to one place waits for the store of
/// the one before. More than 1 only for sums whose order does not matter (rule 4: integers,
/// counts), which have Merge. Charged to the budget. Not thread-safe.
template <typename Sum, uint32_t kWays = 4>
class InterleavedCells {
 public:
  static constexpr uint32_t kMaxCells = 1024;

  explicit InterleavedCells(MemoryBudget& budget) : sums_(budget) {}

  absl::Status Resize(uint32_t num_cells) {
    if (num_cells > kMaxCells) Fold();
    num_cells_ = num_cells;
    return sums_.Resize(size_t{num_cells} * ways_);
  }
  uint32_t size() const { return num_cells_; }

  /// Sample number k of a batch goes to sums()[cell * ways() + k % ways()].
  Sum* sums() { return sums_.data(); }
  uint32_t ways() const { return ways_; }

  /// Makes one place of those of a cell, for good.
  void Fold() {
    if (ways_ == 1) return;
    if constexpr (kWays > 1) {
      for (uint32_t cell = 0; cell < num_cells_; ++cell) {
        Sum sum = sums_[size_t{cell} * kWays];
        for (uint32_t way = 1; way < kWays; ++way) sum.Merge(sums_[size_t{cell} * kWays + way]);
        sums_[cell] = sum;
      }
    }
    ways_ = 1;
    Shrink();
  }
  /// REQUIRES: Fold.
  const Sum& operator[](uint32_t cell) const { return sums_[cell]; }
  Sum& operator[](uint32_t cell) { return sums_[cell]; }
  const Sum* folded() const { return sums_.data(); }  // the same

 private:
  /// Never fails: it only becomes smaller.
  void Shrink() { sums_.Resize(num_cells_).IgnoreError(); }

  TrackedVector<Sum> sums_;
  uint32_t num_cells_ = 0;
  uint32_t ways_ = kWays;
};

}  // namespace sextant
