#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "compute/column/data_type.h"

namespace sextant {

/// A natural number below 2^512, for what must be exact where 128 bits do not hold it. What does
/// not fit is a mistake of the caller: bounds are for the caller to prove.
class Natural {
 public:
  static constexpr size_t kLimbs = 8;

  Natural() = default;
  explicit Natural(uint128_t value)
      : limbs_{static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64)} {}

  bool is_zero() const { return BitWidth() == 0; }
  /// 0 of 0, else the position of the highest bit that is set, plus 1.
  int BitWidth() const;

  Natural& operator+=(const Natural& other);
  /// REQUIRES: other <= *this.
  Natural& operator-=(const Natural& other);
  friend Natural operator+(Natural a, const Natural& b) { return a += b; }
  friend Natural operator-(Natural a, const Natural& b) { return a -= b; }
  /// REQUIRES: the product is below 2^512.
  friend Natural operator*(const Natural& a, const Natural& b);
  /// REQUIRES: 0 <= bits, and the result is below 2^512.
  Natural ShiftedLeft(int bits) const;

  friend bool operator==(const Natural& a, const Natural& b) = default;
  friend std::strong_ordering operator<=>(const Natural& a, const Natural& b);

  struct Division;
  /// REQUIRES: divisor > 0, and the quotient is below 2^128.
  Division DividedBy(const Natural& divisor) const;

 private:
  int NumLimbs() const;

  std::array<uint64_t, kLimbs> limbs_{};  // the lowest first
};

struct Natural::Division {
  uint128_t quotient = 0;
  bool has_remainder = false;
};

}  // namespace sextant
