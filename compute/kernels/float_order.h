#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace sextant {

/// The int64 key of a float in PostgreSQL's order: NaN is greatest and equal to itself, -0 equals 0
/// (rule 8). The same function as plan's FloatKey, inline for loops over rows; a test compares
/// them.
inline int64_t FloatOrderKey(double value) {
  if (value != value) return std::numeric_limits<int64_t>::max();
  const int64_t bits = std::bit_cast<int64_t>(value == 0 ? 0.0 : value);
  return bits ^ ((bits >> 63) & std::numeric_limits<int64_t>::max());
}

/// The value that has this key: 0 for both zeros, the quiet NaN for every NaN.
inline double FloatOfOrderKey(int64_t key) {
  if (key == std::numeric_limits<int64_t>::max()) return std::numeric_limits<double>::quiet_NaN();
  return std::bit_cast<double>(key ^ ((key >> 63) & std::numeric_limits<int64_t>::max()));
}

}  // namespace sextant
