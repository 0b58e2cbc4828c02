#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "compute/column/table.h"
#include "compute/operators/metric_values.h"

namespace sextant {

/// Whether every column of `values` is one that NumberTable makes: integers, durations and float64.
/// Null: a column that nothing reads.
bool AreNumbers(const Schema& schema, const std::vector<const MetricValues*>& values);

/// Makes a table of one chunk of rows [begin, begin + num_rows) of columns of numbers, as
/// MakeResultTable does, but by copying: their widths are those of the values, whatever these are.
/// REQUIRES: AreNumbers; num_rows <= kMaxChunkRows. Errors:
/// RESOURCE_EXHAUSTED, those of MicrosOfSeconds.
absl::StatusOr<std::shared_ptr<const Table>> MakeNumberTable(
    std::shared_ptr<const Schema> schema, const std::vector<const MetricValues*>& values,
    size_t begin, uint32_t num_rows, MemoryBudget& budget);

}  // namespace sextant
