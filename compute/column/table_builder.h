#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/column_builder.h"
#include "compute/column/column_deriver.h"
#include "compute/column/table.h"

namespace sextant {

struct TableBuilderOptions {
  uint32_t chunk_rows = kMaxChunkRows;
  /// May be null: no derived columns.
  std::shared_ptr<const ColumnDeriver> deriver = nullptr;
};

/// Builds one version of a dataset from batches of rows: the half-built table of a load.
///
///   const uint32_t n = std::min(rows_in_batch, builder.remaining_rows());
///   ... append n values to every builder.column(i) ...
///   builder.FinishRows(n);                      // seals the chunk when it is full
///   ... builder.Finish(identity)
///
/// Rows keep their order. With a tenant column, rows should come clustered by it; where they do
/// not, the tenant gets more ranges, and answers stay right. A chunk is sealed early when a
/// variable-length column reaches 1 GiB. Errors: RESOURCE_EXHAUSTED from the budget; then only
/// destruction is allowed. Thread-safety: none.
class TableBuilder {
 public:
  /// `source_schema` has the columns that rows carry; the table's schema adds the deriver's fields
  /// behind them.
  static absl::StatusOr<std::unique_ptr<TableBuilder>> Create(Schema source_schema,
                                                              MemoryBudget& budget,
                                                              TableBuilderOptions options = {});
  ~TableBuilder();

  ColumnBuilder& column(ColumnIndex index);
  uint32_t num_source_columns() const;
  /// Rows that may be appended before the next FinishRows, > 0.
  uint32_t remaining_rows() const;
  absl::Status FinishRows(uint32_t num_rows);
  uint64_t num_rows() const;

  /// Seals the rest. The builder is spent afterwards.
  absl::StatusOr<std::shared_ptr<const Table>> Finish(TableIdentity identity);

 private:
  struct Impl;
  explicit TableBuilder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant
