#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "compute/column/table.h"
#include "compute/kernels/selection.h"
#include "compute/memory/buffer.h"
#include "compute/plan/rows_query.h"

namespace sextant {

/// The first `limit` rows of those it is given, in an ORDER BY: NULL after all values, descending
/// before them, as PostgreSQL; ties, and all rows without an ORDER BY, in row order. Holds at most
/// about twice as many rows as the limit, at 16 bytes each; a row that comes after all that are
/// kept costs one look at its first key. Not thread-safe. Must not outlive the table.
class FirstRows {
 public:
  struct Row {
    int64_t key;  // of the first column of the order; of equal ones all columns decide
    uint32_t chunk;
    uint32_t row;
  };

  /// REQUIRES: limit > 0.
  FirstRows(const Table& table, std::vector<BoundRowOrder> order_by, uint64_t limit,
            MemoryBudget& budget);

  /// Adds the selected rows of a chunk. REQUIRES: rows come in row order. Errors:
  /// RESOURCE_EXHAUSTED, those of AskToGoOn.
  absl::Status Add(uint32_t chunk, Selection rows);
  /// Whether further rows change nothing: there is no order, and more rows than the limit were
  /// there.
  bool is_settled() const { return order_by_.empty() && num_seen_ > limit_; }
  /// Puts the rows in their order. Errors: as Add.
  absl::Status Finish();

  /// After Finish.
  std::span<const Row> rows() const { return rows_.span(); }
  /// Whether there are more than the limit.
  bool has_more() const { return num_seen_ > limit_; }

 private:
  absl::Status AddInRowOrder(uint32_t chunk, Selection rows);
  absl::Status AddByKey(uint32_t chunk, Selection rows);
  /// Sorts what is kept, and lets go of what is beyond the limit.
  absl::Status Cut();
  int64_t KeyOf(const Column& column, uint32_t row) const;
  bool IsBefore(const Row& a, const Row& b) const;

  const Table& table_;
  const std::vector<BoundRowOrder> order_by_;
  const uint64_t limit_;
  MemoryBudget& budget_;
  TrackedVector<Row> rows_;
  uint64_t num_seen_ = 0;
  bool is_cut_ = false;  // then rows_[limit_ - 1] is the last one that is wanted so far
};

}  // namespace sextant
