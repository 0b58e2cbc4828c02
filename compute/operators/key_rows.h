#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "compute/column/value_index.h"
#include "compute/kernels/selection.h"

namespace sextant {

/// Keeps the selected rows that have one of `keys`; `drops`: the others.
void NarrowByKeys(const ValueIndex& index, std::span<const int64_t> keys, bool drops,
                  Selection selection);

/// The keys that a leaf of a filter looks for, and what the index of a chunk knows of their rows.
/// Costs are in the unit of PredicateStep::cost, quarters of a nanosecond, for all words of a
/// chunk. Immutable, so safe for any thread. No allocation but that of the keys.
class KeyRows {
 public:
  KeyRows() = default;
  /// REQUIRES: `keys` is sorted, without repeats.
  explicit KeyRows(std::vector<int64_t> keys) : keys_(std::move(keys)) {}

  std::span<const int64_t> keys() const { return keys_; }
  /// About how many rows of the chunk have one of the keys: exact for few keys, unless lists have
  /// several; for many keys as if they had the average number of rows.
  uint64_t EstimateRows(const ValueIndex& index, uint32_t num_rows) const;
  /// About what Narrow costs. Cheaper to know than EstimateRows.
  uint64_t Cost(const ValueIndex& index, uint32_t num_rows) const;

  /// Whether Narrow costs more than a test of each selected row, `row_cost` each.
  bool LosesToRows(const ValueIndex& index, uint32_t num_rows, uint64_t row_cost,
                   Selection selection) const;

  /// Keeps the selected rows that have one of the keys; `drops`: the others.
  void Narrow(const ValueIndex& index, bool drops, Selection selection) const {
    NarrowByKeys(index, keys_, drops, selection);
  }

 private:
  std::vector<int64_t> keys_;
};

}  // namespace sextant
