#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/cell_source.h"
#include "compute/exec/query_context.h"
#include "compute/exec/row_slots.h"

namespace sextant {

/// A shown axis of the cells to be sorted: how many ranks it has, and per dataset that of a code.
struct SortedAxis {
  size_t num_ranks = 0;
  std::vector<std::span<const uint32_t>> rank_of_code;
};

struct CellSortInput {
  QueryContext& context;
  std::span<const CellSource> sources;  // of one grouping, per dataset; none is walked
  std::span<const SortedAxis> axes;     // as the sources show them
  uint32_t num_intervals = 0;
};

/// Sorts cells by the ranks of their codes, then by interval, and makes one row of the cells of
/// several datasets that are at the same place. What orders a cell is packed into one number, bit
/// field by bit field: about 10 ns a cell; where 64 bits are too few, in several rounds. Writes the
/// rows to where there is room for as many as cells, and returns how many there are.
/// Errors: those of the context, RESOURCE_EXHAUSTED.
absl::StatusOr<size_t> SortCells(const CellSortInput& input, const RowSlots& rows);

}  // namespace sextant
