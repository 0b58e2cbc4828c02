#pragma once

#include <cstdint>

#include "compute/column/data_type.h"

namespace sextant {

/// `dividend / divisor` rounded once, to the nearest double, ties to even. REQUIRES: 0 < divisor <
/// 2^63.
double DivideExactly(int128_t dividend, uint64_t divisor);

/// `sum / (count * 10^scale)`: the mean of decimals. Rounded once while count * 10^scale < 2^63;
/// beyond, within 0.51 ulp of the exact quotient where long double has 64 bits of mantissa or more
/// (x86-64, aarch64): a few roundings of 2^-64 before the last.
/// REQUIRES: count > 0, 0 <= scale <= 38.
double DivideDecimal(int128_t sum, uint64_t count, int scale);

}  // namespace sextant
