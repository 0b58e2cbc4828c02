#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/operators/cell_shape.h"
#include "compute/operators/interner.h"
#include "compute/operators/narrow_interner.h"

namespace sextant {

/// Cells of a shape that is too large for a table of slots: the codes of a row and its interval
/// side by side in one number, which is interned; codes without a known domain take 32 bits.
///
/// Cost: one look-up a sample, quicker where the number has less than 32 bits; else its memory
/// fetched ahead. Not thread-safe.
class PackedCells {
 public:
  /// nullopt where the codes take more than 128 bits.
  static std::optional<PackedCells> Create(const CellShape& shape, MemoryBudget& budget);

  /// Packs the codes of a batch: codes[a][k] is the code of row k on axis a. Errors:
  /// RESOURCE_EXHAUSTED, here and in all that follow.
  absl::Status Pack(std::span<const uint32_t* const> codes, size_t num_rows);
  /// Writes the cell of each (row of the batch, interval).
  absl::Status Find(const uint32_t* rows, const uint32_t* intervals, size_t num_samples,
                    uint32_t* cells);
  /// Writes the cell here of each of `count` cells of `from`, from `first` on. REQUIRES: `from` has
  /// the same shape, and codes that mean the same.
  absl::Status FindSame(const PackedCells& from, uint32_t first, uint32_t count, uint32_t* cells);

  uint32_t num_cells() const;
  /// The codes of a cell, one per axis; returns its interval.
  uint32_t Decode(uint32_t cell, uint32_t* codes) const;
  /// The same of `count` cells from `first` on: codes[a][k] of cell first + k, and intervals[k].
  void DecodeMany(uint32_t first, uint32_t count, std::span<uint32_t* const> codes,
                  uint32_t* intervals) const;

 private:
  template <typename Key>
  struct Form {
    explicit Form(MemoryBudget& budget) : cells(budget), batch(budget), samples(budget) {}

    std::conditional_t<sizeof(Key) == 4, NarrowInterner, Interner<Key>> cells;
    TrackedVector<Key> batch;    // of the rows of the batch, without intervals
    TrackedVector<Key> samples;  // of those at hand
  };

  PackedCells(std::vector<uint8_t> axis_bits, uint8_t interval_bits, size_t num_bits,
              MemoryBudget& budget);

  std::vector<uint8_t> axis_bits_;
  uint8_t interval_bits_;
  std::variant<Form<uint32_t>, Form<uint64_t>, Form<int128_t>> form_;
};

}  // namespace sextant
