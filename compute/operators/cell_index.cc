#include "compute/operators/cell_index.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "compute/kernels/widen.h"
#include "compute/memory/check.h"

namespace sextant {

absl::StatusOr<CellIndex> CellIndex::Create(const CellShape& shape, MemoryBudget& budget) {
  CellIndex index(budget);
  SEXTANT_RETURN_IF_ERROR(index.Begin(shape, budget));
  return index;
}

absl::Status CellIndex::Begin(const CellShape& shape, MemoryBudget& budget) {
  shape_ = shape;
  if (const std::optional<uint32_t> num_slots = shape.NumSlots()) {
    is_dense_ = true;
    if (*num_slots <= shape.max_direct_slots) {
      is_direct_ = true;
      num_cells_ = *num_slots;
      return absl::OkStatus();
    }
    return cell_of_slot_.Resize(*num_slots);
  }
  if (shape.domains.size() == 1 && shape.domains[0] == 0 && shape.num_intervals == 1) {
    is_dense_ = true;
    grows_ = true;
    return absl::OkStatus();
  }
  packed_ = PackedCells::Create(shape, budget);
  if (packed_) return absl::OkStatus();
  for (size_t step = 0; step < std::max<size_t>(shape.domains.size(), 1); ++step) {
    pairs_.emplace_back(budget);
  }
  return absl::OkStatus();
}

absl::Status CellIndex::FoldGroups(std::span<const uint32_t* const> codes, size_t num_rows,
                                   uint32_t* groups) {
  SEXTANT_DCHECK(codes.size() == shape_.domains.size());
  if (packed_) {
    std::iota(groups, groups + num_rows, 0);
    return packed_->Pack(codes, num_rows);
  }
  if (codes.empty()) {
    std::memset(groups, 0, num_rows * sizeof(uint32_t));
    return absl::OkStatus();
  }
  if (is_dense_ && codes.size() > 1) {
    const uint32_t* folded = codes[0];
    for (size_t axis = 1; axis < codes.size(); ++axis) {
      FoldCodes(folded, static_cast<uint32_t>(shape_.domains[axis]), codes[axis], num_rows, groups);
      folded = groups;
    }
    return absl::OkStatus();
  }
  std::memcpy(groups, codes[0], num_rows * sizeof(uint32_t));
  for (size_t axis = 1; axis < codes.size(); ++axis) {
    const uint32_t* __restrict axis_codes = codes[axis];
    Interner<uint64_t>& pairs = pairs_[axis - 1];
    SEXTANT_RETURN_IF_ERROR(pairs.Reserve(num_rows));
    for (size_t k = 0; k < num_rows; ++k) {
      groups[k] = pairs.Intern(uint64_t{groups[k]} << 32 | axis_codes[k]);
    }
  }
  return absl::OkStatus();
}

absl::Status CellIndex::FindCells(const uint32_t* groups, const uint32_t* intervals,
                                  size_t num_rows, uint32_t* __restrict cells) {
  if (is_dense_) {
    const uint32_t radix = shape_.num_intervals;
    for (size_t k = 0; k < num_rows; ++k) cells[k] = groups[k] * radix + intervals[k];
    if (is_direct_) return absl::OkStatus();
    if (grows_) SEXTANT_RETURN_IF_ERROR(GrowTo({cells, num_rows}));
    SEXTANT_RETURN_IF_ERROR(slot_of_cell_.Reserve(slot_of_cell_.size() + num_rows));
    FindSlots(cells, num_rows, cells);
    return absl::OkStatus();
  }
  if (packed_) {
    SEXTANT_RETURN_IF_ERROR(packed_->Find(groups, intervals, num_rows, cells));
    num_cells_ = packed_->num_cells();
    return absl::OkStatus();
  }
  Interner<uint64_t>& pairs = pairs_.back();
  SEXTANT_RETURN_IF_ERROR(pairs.Reserve(num_rows));
  for (size_t k = 0; k < num_rows; ++k) {
    cells[k] = pairs.Intern(uint64_t{groups[k]} << 32 | intervals[k]);
  }
  num_cells_ = pairs.size();
  return absl::OkStatus();
}

absl::Status CellIndex::GrowTo(std::span<const uint32_t> slots) {
  uint32_t last = 0;
  for (const uint32_t slot : slots) last = std::max(last, slot);
  if (last < cell_of_slot_.size()) return absl::OkStatus();
  return cell_of_slot_.Resize(size_t{last} + 1);
}

void CellIndex::FindSlots(const uint32_t* slots, size_t count, uint32_t* cells) {
  uint32_t* const cell_of_slot = cell_of_slot_.data();
  uint32_t* const slot_of_cell = slot_of_cell_.data();
  uint32_t num_cells = num_cells_;
  for (size_t k = 0; k < count; ++k) {
    const uint32_t slot = slots[k];
    const uint32_t known = cell_of_slot[slot];  // plus 1, 0 for none
    slot_of_cell[num_cells] = slot;             // lasts if it is new
    const uint32_t is_new = known == 0 ? 1 : 0;
    num_cells += is_new;
    const uint32_t found = known | (num_cells & (0 - is_new));  // a choice becomes a branch
    cell_of_slot[slot] = found;
    cells[k] = found - 1;
  }
  num_cells_ = num_cells;
  slot_of_cell_.ResizeUninitialized(num_cells).IgnoreError();  // there is room
}

absl::Status CellIndex::FindSame(const CellIndex& from, uint32_t first, uint32_t count,
                                 uint32_t* cells) {
  SEXTANT_DCHECK(finds_same());
  if (is_direct_) {
    std::iota(cells, cells + count, first);
    return absl::OkStatus();
  }
  if (is_dense_) {
    SEXTANT_RETURN_IF_ERROR(slot_of_cell_.Reserve(slot_of_cell_.size() + count));
    FindSlots(from.slot_of_cell_.data() + first, count, cells);
    return absl::OkStatus();
  }
  SEXTANT_RETURN_IF_ERROR(packed_->FindSame(*from.packed_, first, count, cells));
  num_cells_ = packed_->num_cells();
  return absl::OkStatus();
}

uint32_t CellIndex::Decode(uint32_t cell, uint32_t* codes) const {
  const size_t num_axes = shape_.domains.size();
  if (grows_) {
    codes[0] = slot_of_cell_[cell];
    return 0;
  }
  if (is_dense_) {
    uint32_t rest = is_direct_ ? cell : slot_of_cell_[cell];
    const uint32_t interval = rest % shape_.num_intervals;
    rest /= shape_.num_intervals;
    for (size_t axis = num_axes; axis-- > 0;) {
      const auto radix = static_cast<uint32_t>(shape_.domains[axis]);
      codes[axis] = rest % radix;
      rest /= radix;
    }
    return interval;
  }
  if (packed_) return packed_->Decode(cell, codes);
  const uint64_t last = pairs_.back().key(cell);
  auto group = static_cast<uint32_t>(last >> 32);
  for (size_t axis = num_axes; axis-- > 1;) {
    const uint64_t pair = pairs_[axis - 1].key(group);
    codes[axis] = static_cast<uint32_t>(pair);
    group = static_cast<uint32_t>(pair >> 32);
  }
  if (num_axes > 0) codes[0] = group;
  return static_cast<uint32_t>(last);
}

namespace {

/// Divides numbers below CellShape::kMaxSlots by one that is no greater, without a division: what
/// the multiplier is too large by adds less than 1 / divisor.
class SlotDivision {
 public:
  explicit SlotDivision(uint32_t divisor) : multiplier_((uint64_t{1} << kShift) / divisor + 1) {}

  uint32_t Quotient(uint32_t number) const {
    return static_cast<uint32_t>(number * multiplier_ >> kShift);
  }

 private:
  static constexpr int kShift = 42;
  static_assert(CellShape::kMaxSlots <= uint64_t{1} << (kShift / 2));

  uint64_t multiplier_;
};

/// Splits numbers[k] into its last digit and what is left of it.
void TakeLastDigit(uint64_t radix, uint32_t count, uint32_t* __restrict numbers,
                   uint32_t* __restrict digits) {
  const SlotDivision by_radix(static_cast<uint32_t>(radix));
  for (uint32_t k = 0; k < count; ++k) {
    const uint32_t quotient = by_radix.Quotient(numbers[k]);
    digits[k] = numbers[k] - quotient * static_cast<uint32_t>(radix);
    numbers[k] = quotient;
  }
}

/// Splits the number of a pair into its first and its second half.
void TakeHalves(const Interner<uint64_t>& pairs, uint32_t count, uint32_t* __restrict numbers,
                uint32_t* __restrict seconds) {
  for (uint32_t k = 0; k < count; ++k) {
    const uint64_t pair = pairs.key(numbers[k]);
    seconds[k] = static_cast<uint32_t>(pair);
    numbers[k] = static_cast<uint32_t>(pair >> 32);
  }
}

}  // namespace

void CellIndex::DecodeMany(uint32_t first, uint32_t count, std::span<uint32_t* const> codes,
                           uint32_t* intervals) const {
  SEXTANT_DCHECK(codes.size() == shape_.domains.size());
  if (count == 0) return;
  if (packed_) return packed_->DecodeMany(first, count, codes, intervals);
  if (codes.empty()) {  // the slot, or the second of the pair, is the interval
    for (uint32_t k = 0; k < count; ++k) intervals[k] = Decode(first + k, nullptr);
    return;
  }
  uint32_t* const groups = codes[0];
  if (is_dense_) {
    if (is_direct_) {
      std::iota(groups, groups + count, first);
    } else {
      std::memcpy(groups, slot_of_cell_.data() + first, count * sizeof(uint32_t));
    }
    if (grows_) {
      std::fill_n(intervals, count, 0);
      return;
    }
    TakeLastDigit(shape_.num_intervals, count, groups, intervals);
    for (size_t axis = codes.size(); axis-- > 1;) {
      TakeLastDigit(shape_.domains[axis], count, groups, codes[axis]);
    }
    return;
  }
  std::iota(groups, groups + count, first);
  TakeHalves(pairs_.back(), count, groups, intervals);
  for (size_t axis = codes.size(); axis-- > 1;) {
    TakeHalves(pairs_[axis - 1], count, groups, codes[axis]);
  }
}

}  // namespace sextant
