#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/operators/interner.h"

namespace sextant {

/// How codes of axes and intervals make a cell. Axis a has codes below domains[a], or any when
/// that is 0 (its values are interned). Intervals count over all series, one series after another.
struct CellShape {
  std::vector<uint64_t> domains;
  uint32_t num_intervals = 1;
  /// With at most so many slots, each is a cell from the start, whether a sample falls in it or
  /// not.
  uint64_t max_direct_slots = 0;

  /// Most slots of the table of dense cells (decisions.md).
  static constexpr uint64_t kMaxSlots = uint64_t{1} << 20;
  /// The product of all domains and intervals, or nullopt beyond kMaxSlots.
  std::optional<uint32_t> NumSlots() const;
};

/// Numbers the cells that samples fall in, in order of arrival: cell ids index the states of the
/// aggregates.
///
/// Where the shape allows, codes make a mixed radix number, the slot: few slots are the cells
/// themselves, of more a table holds the ids. Else (code so far, next code) pairs are interned,
/// axis by axis. Not thread-safe: one per range.
class CellIndex {
 public:
  /// Of a row whose sample is in no interval.
  static constexpr uint32_t kNoCell = 0xFFFFFFFF;

  static absl::StatusOr<CellIndex> Create(const CellShape& shape, MemoryBudget& budget);

  /// Writes a group number per row: codes[a][k] is the code of row k on axis a. Group numbers mean
  /// nothing but to FindCells. Errors: RESOURCE_EXHAUSTED.
  absl::Status FoldGroups(std::span<const uint32_t* const> codes, size_t num_rows,
                          uint32_t* groups);
  /// Writes the cell of each (group, interval).
  absl::Status FindCells(const uint32_t* groups, const uint32_t* intervals, size_t num_rows,
                         uint32_t* cells);

  uint32_t num_cells() const { return num_cells_; }
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
  std::span<const uint32_t> slots() const { return cell_of_slot_.As<uint32_t>(); }

 private:
  CellIndex(const CellShape& shape, MemoryBudget& budget);

  CellShape shape_;
  bool is_dense_ = false;
  bool is_direct_ = false;                 // then is_dense_ too
  Buffer cell_of_slot_;                    // dense: id + 1, 0 for none
  TrackedVector<uint32_t> slot_of_cell_;   // dense
  std::vector<Interner<uint64_t>> pairs_;  // else: one per axis but the first, and the intervals
  uint32_t num_cells_ = 0;
};

}  // namespace sextant
