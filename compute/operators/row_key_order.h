#pragma once

#include <cstdint>
#include <vector>

#include "compute/column/table.h"

namespace sextant {

/// A row of a chunk of the pinned table.
struct RowOfChunk {
  const Chunk* chunk = nullptr;
  uint64_t ordinal = 0;  // among all rows of the table
  uint32_t row = 0;      // within the chunk
};

/// The order of rows that breaks ties: by the dataset's key columns, ascending, NULL last (rule 9);
/// where these are equal too, or the dataset has no key, by position. For few comparisons: it looks
/// at one value at a time. Const after construction; safe for any number of threads. Must not
/// outlive the table.
class RowKeyOrder {
 public:
  explicit RowKeyOrder(const Table& table) : table_(table) {}

  bool Less(const RowOfChunk& a, const RowOfChunk& b) const;

 private:
  const Table& table_;
};

}  // namespace sextant
