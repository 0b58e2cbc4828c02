#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/exec/row_slots.h"
#include "compute/operators/cell_index.h"

namespace sextant {

/// Cells in the order of their codes, the intervals of a group next to each other: a cell + 1, or 0
/// where there is none.
struct CellSlots {
  const CellShape& shape;
  std::span<const uint32_t> slots;
  size_t num_cells;
};

/// Whether to look at every slot costs less than to sort the cells.
bool IsWorthAWalk(const CellShape& shape, size_t num_cells);

/// used[a][code] = 1 for the codes on axis a that a cell has. Errors: those of the context.
absl::Status MarkUsedBySlots(QueryContext& context, const CellSlots& cells,
                             std::span<uint8_t* const> used);

/// Writes the cells in the order of the ranks of their codes, then of intervals, without a sort:
/// 0.1 to 1 ns a slot. `code_of_rank`, per axis: kNoCode of a rank that no code has. `rows` are of
/// one dataset, with room for one more than there are cells. Errors: those of the context.
absl::Status WalkSlots(QueryContext& context, const CellSlots& cells,
                       std::span<const std::span<const uint32_t>> code_of_rank,
                       const RowSlots& rows);

inline constexpr uint32_t kNoCode = 0xFFFFFFFF;

}  // namespace sextant
