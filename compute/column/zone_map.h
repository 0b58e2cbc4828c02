#pragma once

#include <cstdint>

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

}  // namespace sextant
