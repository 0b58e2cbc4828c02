#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "compute/column/table.h"
#include "compute/column/table_builder.h"
#include "compute/operators/metric_values.h"

namespace sextant {

/// A column of a ResultTable: values[position_of(row)] where `positions` is given, else
/// values[row].
struct ResultTableColumn {
  const MetricValues* values = nullptr;  // null: every value is NULL
  const uint32_t* positions = nullptr;   // by row
};

/// Makes a table of one chunk of rows [begin, begin + num_rows) of a result, so that what evaluates
/// conditions and expressions of rows does it of cells too. Durations, which results show in
/// seconds, are durations again.
/// REQUIRES: one column per field, of its type, and no list; num_rows <= kMaxChunkRows.
/// Errors: RESOURCE_EXHAUSTED, those of MicrosOfSeconds.
absl::StatusOr<std::shared_ptr<const Table>> MakeResultTable(
    const Schema& schema, const std::vector<ResultTableColumn>& columns, size_t begin,
    uint32_t num_rows, MemoryBudget& budget);

/// Rows [begin, begin + num_rows) of a result.
struct ResultRowRange {
  size_t begin = 0;
  uint32_t num_rows = 0;
};

/// Appends them to a table of that schema. REQUIRES: as above; they are no more than
/// builder.remaining_rows(). Errors: as above.
absl::Status AppendResultRows(const Schema& schema, const std::vector<ResultTableColumn>& columns,
                              const ResultRowRange& rows, TableBuilder& builder);

}  // namespace sextant
