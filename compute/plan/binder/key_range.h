#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "compute/column/data_type.h"
#include "compute/plan/expression.h"

namespace sextant {

inline constexpr int128_t kMinKey = std::numeric_limits<int128_t>::min();
inline constexpr int128_t kMaxKey = std::numeric_limits<int128_t>::max();

/// Closed; empty when min > max.
struct KeyRange {
  int128_t min = kMinKey;
  int128_t max = kMaxKey;

  bool empty() const { return min > max; }
  static KeyRange Empty() { return {1, 0}; }
  KeyRange Intersect(const KeyRange& other) const;
};

/// Where a constant lies among the keys of a value: the first key that is not less than it, and the
/// first that is greater; absent: beyond the last key. So 1.5 among integers is {2, 2}, and 2 is
/// {2, 3}. It says which keys a comparison keeps, whatever the types of the two sides.
struct KeyBound {
  std::optional<int128_t> first_not_less;
  std::optional<int128_t> first_greater;

  static KeyBound At(int128_t key);
  /// A constant between `floor` and `floor` + 1.
  static KeyBound Above(int128_t floor);
};

/// The keys for which `key op constant` is true. kNotEqual is not a range.
/// REQUIRES: op != kNotEqual.
KeyRange RangeOf(CompareOp op, const KeyBound& bound);

/// The bound of a constant of which only a monotone comparison is known: `is_less(key)` and
/// `is_greater(key)` say that the key is less or greater than the constant. Cost: two binary
/// searches over [min, max].
template <typename IsLess, typename IsGreater>
KeyBound SearchBound(int128_t min, int128_t max, IsLess is_less, IsGreater is_greater) {
  const auto first_that = [&](auto holds) -> std::optional<int128_t> {
    if (!holds(max)) return std::nullopt;
    int128_t low = min;
    int128_t high = max;
    while (low < high) {
      // The keys of numeric(38, s) are further apart than int128 holds.
      const uint128_t width = static_cast<uint128_t>(high) - static_cast<uint128_t>(low);
      const int128_t middle = low + static_cast<int128_t>(width / 2);
      if (holds(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  return {.first_not_less = first_that([&](int128_t key) { return !is_less(key); }),
          .first_greater = first_that(is_greater)};
}

}  // namespace sextant
