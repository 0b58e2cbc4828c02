#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "compute/column/bitmap.h"
#include "compute/column/data_type.h"
#include "compute/column/zone_map.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// The storage of a Column, filled by a ColumnBuilder or a ColumnDeriver.
struct ColumnParts {
  DataType type;
  Layout layout = Layout::kInteger;
  uint32_t num_rows = 0;
  uint8_t width_bytes =
      8;              // kInteger 1 2 4 8; kFloat 4 8; kCode 1 2 4; kWide 16; kBytes 1; kList 0
  int64_t base = 0;   // kInteger: value = base + step * offset, modulo 2^64
  uint32_t step = 1;  // kInteger: of a timestamp, where that makes its offsets narrower; else 1
  Buffer validity;    // bitmap, empty when no row is NULL
  Buffer values;      // num_rows * width_bytes; of kBytes the bytes
  Buffer offsets;     // kBytes, kList: num_rows + 1 of uint32_t, first 0
  std::unique_ptr<ColumnParts> elements;  // kList: num_rows = offsets[last]
  ZoneMap zone_map;
  Buffer block_bounds;  // kInteger: of BlockBounds, one per block; empty where they tell too little

  /// Buffer::Settle of all: of a column of a table.
  void Settle();
};

/// The values of one column in one chunk: at most 64 Ki rows (a list's elements may be more),
/// immutable.
///
/// Nulls: a NULL row has a zero bit in validity(); its value slot is zero (kInteger: offset 0), its
/// list and its bytes are empty. validity() is empty when no row is NULL. Thread-safety: immutable.
class Column {
 public:
  explicit Column(ColumnParts parts);
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;

  const DataType& type() const { return parts_.type; }
  Layout layout() const { return parts_.layout; }
  uint32_t num_rows() const { return parts_.num_rows; }
  uint8_t width_bytes() const { return parts_.width_bytes; }
  /// kInteger: the value of a row is base() + step() * its slot, modulo 2^64.
  int64_t base() const { return parts_.base; }
  /// Not 0; 1 of what is no timestamp.
  uint32_t step() const { return parts_.step; }
  const ZoneMap& zone_map() const { return parts_.zone_map; }
  /// Of each block of rows, deleted ones included; empty where none are kept.
  std::span<const BlockBounds> block_bounds() const {
    return parts_.block_bounds.As<BlockBounds>();
  }

  bool has_nulls() const { return parts_.validity.size_bytes() != 0; }
  std::span<const uint64_t> validity() const;
  bool IsNull(uint32_t row) const { return has_nulls() && !TestBit(validity(), row); }

  /// num_rows values. REQUIRES: sizeof(T) == width_bytes(), and not kBytes, kList.
  template <typename T>
  std::span<const T> values() const {
    return parts_.values.As<T>().first(parts_.num_rows);
  }
  /// kBytes and kList: num_rows + 1 offsets.
  std::span<const uint32_t> offsets() const {
    return parts_.offsets.As<uint32_t>().first(size_t{parts_.num_rows} + 1);
  }
  /// kList. Elements may be NULL.
  const Column& elements() const { return *elements_; }

  /// Slow, one value at a time, for output and tests; kernels use values().
  int64_t IntegerAt(uint32_t row) const;         // kInteger, the value and not the offset
  double FloatAt(uint32_t row) const;            // kFloat
  uint32_t CodeAt(uint32_t row) const;           // kCode
  Wide WideAt(uint32_t row) const;               // kWide
  std::string_view BytesAt(uint32_t row) const;  // kBytes

  /// What the budget is charged for this column.
  size_t reserved_bytes() const;

 private:
  ColumnParts parts_;
  std::unique_ptr<const Column> elements_;
};

}  // namespace sextant
