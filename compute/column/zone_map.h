#pragma once

#include <cstdint>
#include <limits>

#include "compute/column/float_digits.h"

namespace sextant {

/// What is known of a column's values in one chunk before any of them is read. Bounds are of
/// non-NULL rows, deleted ones included: they may be too wide, never too narrow.
struct ZoneMap {
  uint32_t null_count = 0;
  bool has_bounds =
      false;  // kInteger (values), kCode (codes), kFloat without NaN; false when every row is NULL
  bool has_nan = false;  // kFloat: then the bounds are of the other values
  // kInteger: no row is NULL and no value is less than the one before it.
  bool is_sorted = false;
  int64_t min_integer = 0;  // kInteger, kCode
  int64_t max_integer = 0;
  double min_float = 0;  // kFloat
  double max_float = 0;
  uint8_t digits = kNoDigits;  // kFloat: that every value has
};

/// Bounds of the non-NULL values of kBlockRows rows of a chunk, the last block's may be fewer;
/// min > max where every row is NULL. For columns whose values keep near to each other without
/// being sorted, as the times of rows that come in the order of another time.
struct BlockBounds {
  static constexpr uint32_t kBlockRows = 1024;

  int64_t min = std::numeric_limits<int64_t>::max();
  int64_t max = std::numeric_limits<int64_t>::min();
};

}  // namespace sextant
