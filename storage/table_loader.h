#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "compute/column/column_deriver.h"
#include "compute/column/table.h"
#include "compute/memory/memory_budget.h"
#include "storage/row_source.h"

namespace sextant {

struct TableLoadOptions {
  TableIdentity identity;
  std::shared_ptr<const ColumnDeriver> deriver;  // may be null
  uint32_t chunk_rows = kMaxChunkRows;
};

struct TableLoadResult {
  std::shared_ptr<const Table> table;
  ReadStatistics statistics;
};

/// Reads all rows of `source` into a table, whose memory is reserved from `budget` while it grows.
/// Nothing waits for memory: when it is refused, the source is cancelled and drained, and nothing
/// of the half-built table is left. Calls `on_progress` now and then on this thread. Errors: those
/// of RowSource and TableBuilder.
absl::StatusOr<TableLoadResult> LoadTable(
    RowSource& source, TableLoadOptions options, MemoryBudget& budget,
    absl::FunctionRef<void(const ReadStatistics&)> on_progress, std::stop_token stop);

}  // namespace sextant
