#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "compute/column/column.h"

namespace sextant {

/// For each code of a column with few of them, the bitmap of the chunk's rows that hold it. NULL
/// rows are in none. Built after publication; the bytes are charged to the budget. Immutable.
class ValueBitmapIndex {
 public:
  /// Columns whose codes in a chunk span more than this get no index.
  static constexpr uint32_t kMaxCodes = 32;

  /// kCode, and few enough codes between the bounds of its zone map.
  static bool Fits(const Column& column);
  /// REQUIRES: Fits(column).
  static absl::StatusOr<std::unique_ptr<const ValueBitmapIndex>> Build(const Column& column,
                                                                       MemoryBudget& budget);

  /// Rows whose code is `code`: BitmapWords(num_rows) words, or empty when the chunk has no such
  /// row.
  std::span<const uint64_t> RowsOf(uint32_t code) const;
  size_t reserved_bytes() const { return bitmaps_.reserved_bytes(); }

 private:
  uint32_t min_code_ = 0;
  uint32_t present_ = 0;  // bit i: rows hold code min_code_ + i
  uint32_t words_per_code_ = 0;
  Buffer bitmaps_;  // of the codes present, ascending
};

}  // namespace sextant
