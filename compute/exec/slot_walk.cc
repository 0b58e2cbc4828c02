#include "compute/exec/slot_walk.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include "compute/kernels/slot_compaction.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Slots between two questions whether to go on.
constexpr size_t kSlotsPerCheck = size_t{1} << 17;

/// Of one axis in one interval, where a slot is a code.
void MarkUsedCodes(std::span<const uint32_t> slots, uint8_t* __restrict used) {
  const uint32_t* __restrict cells = slots.data();
  for (size_t code = 0; code < slots.size(); ++code) {
    used[code] = static_cast<uint8_t>(used[code] | (cells[code] != 0 ? 1 : 0));
  }
}

class SlotWalk {
 public:
  SlotWalk(QueryContext& context, const CellSlots& cells,
           std::span<const std::span<const uint32_t>> code_of_rank, const RowSlots& rows)
      : context_(context),
        slots_(cells.slots.data()),
        num_intervals_(cells.shape.num_intervals),
        num_cells_(cells.num_cells),
        code_of_rank_(code_of_rank),
        rows_(rows),
        strides_(code_of_rank.size()) {
    size_t stride = num_intervals_;
    for (size_t axis = strides_.size(); axis-- > 0;) {
      strides_[axis] = stride;
      stride *= cells.shape.domains[axis];
    }
  }

  /// The slots of the groups with the codes that `base` stands for on the axes before `axis`.
  absl::Status Visit(size_t axis, size_t base) {
    if (axis == strides_.size()) return VisitIntervals(base);
    if (axis + 1 == strides_.size() && num_intervals_ == 1) return VisitLastAxis(axis, base);
    const std::span<const uint32_t> codes = code_of_rank_[axis];
    for (uint32_t rank = 0; rank < codes.size(); ++rank) {
      if (codes[rank] == kNoCode) continue;
      const size_t first = num_rows_;
      SEXTANT_RETURN_IF_ERROR(Visit(axis + 1, base + codes[rank] * strides_[axis]));
      std::fill(rows_.ranks[axis] + first, rows_.ranks[axis] + num_rows_, rank);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status CheckBefore(size_t num_slots) {
    unchecked_ += num_slots;
    if (unchecked_ < kSlotsPerCheck) return absl::OkStatus();
    unchecked_ = 0;
    return context_.Check();
  }

  /// Writes a row, which stays when there is a cell.
  void Put(uint32_t slot, uint32_t last, uint32_t* __restrict cells, uint32_t* __restrict lasts) {
    cells[num_rows_] = slot - 1;
    lasts[num_rows_] = last;
    num_rows_ += slot != 0 ? 1 : 0;
  }

  absl::Status VisitIntervals(size_t base) {
    SEXTANT_RETURN_IF_ERROR(CheckBefore(num_intervals_));
    num_rows_ += CompactSlots(slots_ + base, num_intervals_, rows_.cells[0] + num_rows_,
                              rows_.intervals + num_rows_);
    return absl::OkStatus();
  }

  /// Where there is but one interval.
  absl::Status VisitLastAxis(size_t axis, size_t base) {
    const std::span<const uint32_t> codes = code_of_rank_[axis];
    SEXTANT_RETURN_IF_ERROR(CheckBefore(codes.size()));
    if (strides_.size() == 1 && codes.size() == num_cells_) return PutEach(codes);
    const size_t first = num_rows_;
    for (uint32_t rank = 0; rank < codes.size(); ++rank) {
      if (codes[rank] == kNoCode) continue;
      Put(slots_[base + codes[rank]], rank, rows_.cells[0], rows_.ranks[axis]);
    }
    std::fill(rows_.intervals + first, rows_.intervals + num_rows_, 0);
    return absl::OkStatus();
  }

  /// Of one axis, of which each rank has a cell: there is nothing to leave out.
  absl::Status PutEach(std::span<const uint32_t> codes) {
    uint32_t* __restrict cells = rows_.cells[0];
    for (size_t rank = 0; rank < codes.size(); ++rank) {
      SEXTANT_DCHECK(codes[rank] != kNoCode && slots_[codes[rank]] != 0);
      cells[rank] = slots_[codes[rank]] - 1;
    }
    std::iota(rows_.ranks[0], rows_.ranks[0] + codes.size(), 0);
    std::fill_n(rows_.intervals, codes.size(), 0);
    num_rows_ = codes.size();
    return absl::OkStatus();
  }

  QueryContext& context_;
  const uint32_t* const slots_;
  const uint32_t num_intervals_;
  const size_t num_cells_;
  const std::span<const std::span<const uint32_t>> code_of_rank_;
  const RowSlots& rows_;
  std::vector<size_t> strides_;  // per axis, in slots
  size_t num_rows_ = 0;
  size_t unchecked_ = 0;
};

}  // namespace

/// A walk compacts the intervals of a group; where there is one interval it looks at each slot.
bool IsWorthAWalk(const CellShape& shape, size_t num_cells) {
  constexpr size_t kFewSlots = 256;
  constexpr size_t kBlock = 8;
  const size_t slots_per_cell = shape.num_intervals > kBlock ? 16 : 4;
  const std::optional<uint32_t> num_slots = shape.NumSlots();
  return num_slots && *num_slots <= kFewSlots + slots_per_cell * num_cells;
}

absl::Status MarkUsedBySlots(QueryContext& context, const CellSlots& cells,
                             std::span<uint8_t* const> used) {
  const CellShape& shape = cells.shape;
  if (used.size() == 1 && shape.num_intervals == 1) {
    MarkUsedCodes(cells.slots, used[0]);
    return absl::OkStatus();
  }
  const uint32_t* slots = cells.slots.data();
  const uint32_t* const end = slots + cells.slots.size();
  std::vector<uint32_t> codes(used.size());
  for (size_t unchecked = kSlotsPerCheck; slots != end; slots += shape.num_intervals) {
    if ((unchecked += shape.num_intervals) > kSlotsPerCheck) {
      SEXTANT_RETURN_IF_ERROR(context.Check());
      unchecked = 0;
    }
    uint32_t any = 0;
    for (uint32_t interval = 0; interval < shape.num_intervals; ++interval) any |= slots[interval];
    if (any != 0) {
      for (size_t axis = 0; axis < codes.size(); ++axis) used[axis][codes[axis]] = 1;
    }
    for (size_t axis = codes.size(); axis-- > 0;) {  // the next group
      if (++codes[axis] < shape.domains[axis]) break;
      codes[axis] = 0;
    }
  }
  return absl::OkStatus();
}

absl::Status WalkSlots(QueryContext& context, const CellSlots& cells,
                       std::span<const std::span<const uint32_t>> code_of_rank,
                       const RowSlots& rows) {
  return SlotWalk(context, cells, code_of_rank, rows).Visit(0, 0);
}

}  // namespace sextant
