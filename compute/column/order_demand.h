#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "compute/column/schema.h"

namespace sextant {

/// Which columns of a table have been compared row by row so often, for so few rows, that a
/// ValueOrder is worth its memory; or whose texts were interned so often that TextRanks are.
/// Counts rows and keeps no value, of no tenant. Thread-safety: all methods may be called from any
/// thread.
class OrderDemand {
 public:
  /// A column is wanted once as many rows have been compared as all of its chunks have, so many
  /// times over, so that a column that hardly anybody asks for gets no index.
  static constexpr uint64_t kScansUntilWanted = 2;

  OrderDemand(uint32_t num_columns, uint64_t num_rows);

  /// `num_rows` rows were compared where an order would have found the few that matter, or their
  /// texts interned.
  void Note(ColumnIndex column, uint64_t num_rows) const;
  bool IsWanted(ColumnIndex column) const {
    return compared_[column].load(std::memory_order_relaxed) >= rows_until_wanted_;
  }
  /// Whether a column has become wanted since the last call.
  bool TakeNews() const {
    return has_news_.load(std::memory_order_relaxed) &&
           has_news_.exchange(false, std::memory_order_acq_rel);
  }

 private:
  const uint64_t rows_until_wanted_;
  const std::unique_ptr<std::atomic<uint64_t>[]> compared_;  // rows, by column
  mutable std::atomic<bool> has_news_{false};
};

}  // namespace sextant
