#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace sextant {

/// Floats that are decimals of few digits (prices, hours, percentages) are added up and put in
/// order as the integers that they are: exactly, in less room. A value x is one of `digits` digits
/// when x == n / 10^digits in float64 for an integer n of at most kMaxDecimal; then n is
/// DecimalOf(x, 10^digits), and stays so with more digits.

/// ZoneMap and ColumnFacts: some value is not, or nobody looked.
inline constexpr uint8_t kNoDigits = 255;
inline constexpr uint8_t kMaxDigits = 9;
inline constexpr int64_t kMaxDecimal = int64_t{1} << 50;

/// All exact.
inline constexpr std::array<double, kMaxDigits + 1> kPowersOfDigits = {1e0, 1e1, 1e2, 1e3, 1e4,
                                                                       1e5, 1e6, 1e7, 1e8, 1e9};

/// x * power, rounded to an integer by its place among the doubles of [2^52, 2^53): two steps that
/// every processor has vectors of. REQUIRES: it is within 2^51 of 0; else the result says nothing.
inline int64_t DecimalOf(double x, double power) {
  constexpr double kMiddle = 0x1.8p52;
  return static_cast<int64_t>(std::bit_cast<uint64_t>(x * power + kMiddle) -
                              std::bit_cast<uint64_t>(kMiddle));
}

/// The least number of digits, at least `digits`, that all values have; kNoDigits where there is
/// none. Cost: about 2 ns a value, little where there is none.
uint8_t DigitsOfAll(std::span<const double> values, uint8_t digits);
uint8_t DigitsOfAll(std::span<const float> values, uint8_t digits);

}  // namespace sextant
