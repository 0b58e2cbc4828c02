#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "compute/column/float_digits.h"
#include "compute/column/table.h"

namespace sextant {

/// The floats of a column as decimals (float_digits.h): all are within these bounds.
struct DecimalFloats {
  uint8_t digits = 0;
  int64_t least = 0;
  int64_t greatest = 0;

  double power() const { return kPowersOfDigits[digits]; }
};

/// Of a column of layout kFloat; nullopt where some value is no decimal of few digits.
inline std::optional<DecimalFloats> DecimalFloatsOf(const ColumnFacts& facts) {
  if (!facts.has_bounds || facts.has_nan || facts.digits > kMaxDigits) return std::nullopt;
  const double power = kPowersOfDigits[facts.digits];
  const double magnitude = std::max(std::abs(facts.min_float), std::abs(facts.max_float)) * power;
  if (!(magnitude <= static_cast<double>(kMaxDecimal))) return std::nullopt;
  return DecimalFloats{facts.digits, DecimalOf(facts.min_float, power),
                       DecimalOf(facts.max_float, power)};
}

}  // namespace sextant
