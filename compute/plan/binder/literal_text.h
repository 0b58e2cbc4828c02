#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compute/column/data_type.h"

namespace sextant {

/// The texts of constants, read as PostgreSQL's input functions do. std::nullopt: not of the type.
/// All are thread-safe and linear in the text.

/// A decimal number times 10^scale: its floor, and whether nothing was cut off. Saturates at
/// 10^38, where no column has a value.
struct ScaledDecimal {
  int128_t floor = 0;
  bool exact = true;
};
std::optional<ScaledDecimal> ParseScaledDecimal(std::string_view text, int scale);

/// "NaN", "Infinity" and "-Infinity" are values; a number too large for a double is not.
std::optional<double> ParseDouble(std::string_view text);
/// Rounded to float4, as a double.
std::optional<double> ParseFloat(std::string_view text);
/// true, t, yes, y, on, 1 and their opposites, and prefixes of the words.
std::optional<bool> ParseBool(std::string_view text);
/// 32 hexadecimal digits, hyphens after any group of four, optional braces, no spaces.
std::optional<Wide> ParseUuid(std::string_view text);
/// '\x4142', or text with \\ and octal escapes.
std::optional<std::string> ParseBytes(std::string_view text);

}  // namespace sextant
