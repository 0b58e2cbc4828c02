#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "compute/column/table_builder.h"
#include "storage/postgres/copy_stream.h"
#include "storage/postgres/type_map.h"

namespace sextant {

/// Turns batches of a binary COPY into the columns of a table: one pass follows the lengths, then
/// each column is decoded by a loop of its own (measured: 1.5 times faster than value by value).
///
/// The bytes are not trusted: every length is checked against its row, every value against its
/// type. What cannot be stored exactly is an error that names column and row, never another value.
/// Errors: FailedPrecondition for values without a form here; DataLoss for bytes that are no rows
/// of these columns; ResourceExhausted from the builder. After an error the builder may only be
/// destroyed. Thread-safety: none.
class CopyDecoder {
 public:
  /// `columns` in the order in which they arrive.
  explicit CopyDecoder(const std::vector<PlannedColumn>& columns);
  ~CopyDecoder();

  /// Appends the rows of `batch` to `builder` and finishes them.
  /// REQUIRES: the builder's source columns are the planned ones.
  absl::Status Decode(const RawRowBatch& batch, TableBuilder& builder);

 private:
  struct ColumnState;

  absl::Status FollowLengths(const RawRowBatch& batch);
  absl::Status DecodeRows(size_t begin, size_t end, int64_t first_row, TableBuilder& builder);

  std::vector<ColumnState> columns_;  // not row-proportional: one per column
};

}  // namespace sextant
