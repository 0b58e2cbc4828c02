#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "compute/column/data_type.h"

namespace sextant {

/// Decimals as integers times 10^scale, in int128. Every function here is thread-safe and allocates
/// nothing.

/// 10^exponent. REQUIRES: 0 <= exponent <= 38.
int128_t PowerOfTen(int exponent);

/// Whether |value| < 10^precision.
inline bool FitsPrecision(int128_t value, int128_t power_of_precision) {
  return (value < power_of_precision) & (value > -power_of_precision);
}

/// How digits beyond a scale go.
enum class DecimalRounding { kHalfAwayFromZero, kTruncate, kFloor, kCeil };

/// Writes `value` of scale `from` at scale `to`; returns false when it does not fit in an int128.
bool RescaleDecimal(int128_t value, int from, int to, DecimalRounding rounding, int128_t* result);

/// value / 10^scale rounded once, ties to even.
double DecimalToDouble(int128_t value, int scale);
/// The same to float4, as a double.
double DecimalToSingle(int128_t value, int scale);

/// The decimal of `scale` that PostgreSQL makes of a float: its `digits` (15 of a float8, 6 of a
/// float4) significant digits, then half away from zero. nullopt: NaN, infinite, or beyond 38
/// digits.
std::optional<int128_t> DecimalOfDouble(double value, int digits, int scale);

/// A text as PostgreSQL's numeric reads it, rounded half away from zero to `scale`. nullopt: no
/// number, NaN, infinite, or beyond 38 digits.
std::optional<int128_t> ParseDecimal(std::string_view text, int scale);

/// Writes sign, digits and exactly `scale` digits after the point to `buffer`; returns how many
/// bytes. REQUIRES: room for kMaxDecimalChars.
inline constexpr size_t kMaxDecimalChars = 48;
size_t FormatDecimal(int128_t value, int scale, char* buffer);

}  // namespace sextant
