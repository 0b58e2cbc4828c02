#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/operators/cell_shape.h"
#include "compute/operators/interner.h"
#include "compute/operators/packed_cells.h"

namespace sextant {

/// Numbers the cells that samples fall in, in order of arrival: cell ids index the states of the
/// aggregates.
///
/// Where the shape allows, codes make a mixed radix number, the slot: few slots are the cells
/// themselves, of more a table holds the ids. Codes of the only axis that are given out as values
/// arrive are the slots, and the table grows with them. Else codes are packed into one number,
/// which is interned; where they take more than 128 bits, (code so far, next code) pairs are
/// interned, axis by axis. Not thread-safe: one per range.
class CellIndex {
 public:
  /// Of a row whose sample is in no interval.
  static constexpr uint32_t kNoCell = 0xFFFFFFFF;

  /// Of no shape, until Begin.
  explicit CellIndex(MemoryBudget& budget) : cell_of_slot_(budget), slot_of_cell_(budget) {}
  static absl::StatusOr<CellIndex> Create(const CellShape& shape, MemoryBudget& budget);
  /// Takes the shape. Called once, before all else. Errors: RESOURCE_EXHAUSTED.
  absl::Status Begin(const CellShape& shape, MemoryBudget& budget);

  /// Writes a group number per row: codes[a][k] is the code of row k on axis a. Group numbers mean
  /// nothing but to FindCells, until the next FoldGroups. Errors: RESOURCE_EXHAUSTED.
  absl::Status FoldGroups(std::span<const uint32_t* const> codes, size_t num_rows,
                          uint32_t* groups);
  /// The codes of the only axis are the group numbers: FoldGroups would copy them.
  bool groups_are_codes() const { return !packed_ && shape_.domains.size() == 1; }
  /// Writes the cell of each (group, interval).
  absl::Status FindCells(const uint32_t* groups, const uint32_t* intervals, size_t num_rows,
                         uint32_t* cells);
  /// Group numbers are the cells: FindCells would copy them.
  bool cells_are_groups() const { return is_direct_ && shape_.num_intervals == 1; }
  /// Whether FindSame may be asked for cells whose codes mean the same as here.
  bool finds_same() const { return (is_dense_ && !grows_) || packed_.has_value(); }
  /// Writes the cell here of each of `count` cells of `from`, from `first` on. REQUIRES:
  /// finds_same(), and `from` has the same shape.
  absl::Status FindSame(const CellIndex& from, uint32_t first, uint32_t count, uint32_t* cells);

  uint32_t num_cells() const { return num_cells_; }
  /// Slots are the codes of values that are numbered as they arrive.
  bool grows() const { return grows_; }
  /// Cells are slots: the same in every range.
  bool is_direct() const { return is_direct_; }
  const CellShape& shape() const { return shape_; }
  /// The codes of a cell, one per axis; returns its interval.
  uint32_t Decode(uint32_t cell, uint32_t* codes) const;
  /// The same of the cells from `first` on: codes[a][k] of cell first + k on axis a, intervals[k].
  void DecodeMany(uint32_t first, uint32_t count, std::span<uint32_t* const> codes,
                  uint32_t* intervals) const;
  /// All cells in the order of their codes, the intervals of a group next to each other: a cell +
  /// 1, or 0 where there is none. Empty where there is no such table, also where cells are slots.
  std::span<const uint32_t> slots() const { return cell_of_slot_.span(); }

 private:
  /// The cell of each slot; `cells` may be `slots`. REQUIRES: is_dense_, not is_direct_, and there
  /// is room for as many more.
  void FindSlots(const uint32_t* slots, size_t count, uint32_t* cells);
  /// Makes the table have each of `slots`.
  absl::Status GrowTo(std::span<const uint32_t> slots);

  CellShape shape_;
  bool is_dense_ = false;
  bool is_direct_ = false;                // then is_dense_ too
  bool grows_ = false;                    // then is_dense_ too: slots are codes, of no known domain
  TrackedVector<uint32_t> cell_of_slot_;  // dense: id + 1, 0 for none
  TrackedVector<uint32_t> slot_of_cell_;  // dense
  std::optional<PackedCells> packed_;     // else, up to 128 bits
  std::vector<Interner<uint64_t>> pairs_;  // else: one per axis but the first, and the intervals
  uint32_t num_cells_ = 0;
};

}  // namespace sextant
