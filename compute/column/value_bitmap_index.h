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
  /// Columns with more codes than this in a chunk get no index.
  static constexpr uint32_t kMaxCodes = 32;

  static bool Fits(const Column& column);
  /// REQUIRES: Fits(column).
  static absl::StatusOr<std::unique_ptr<const ValueBitmapIndex>> Build(const Column& column,
                                                                       MemoryBudget& budget);

  /// Rows whose code is `code`: BitmapWords(num_rows) words, or empty when the chunk has no such
  /// row.
  std::span<const uint64_t> RowsOf(uint32_t code) const;
  size_t reserved_bytes() const { return bitmaps_.reserved_bytes(); }

 private:
  uint32_t num_codes_ = 0;
  uint32_t words_per_code_ = 0;
  Buffer bitmaps_;
};

}  // namespace sextant
