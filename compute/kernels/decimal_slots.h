#pragma once

#include <cstdint>
#include <span>

#include "compute/kernels/word_addends.h"

namespace sextant {

/// Floats that are decimals (column/float_digits.h), read as these. By the widest vectors that the
/// processor has; the loops in the comments are what they mean.

/// Which decimals they are, and the one that counts as 0.
struct DecimalScale {
  double power = 1;  // 10^digits
  int64_t least = 0;
};
/// offsets[k] = DecimalOf(values[k], power) - least, modulo 2^32.
void ReadDecimalOffsets(std::span<const double> values, DecimalScale scale, uint32_t* offsets);

/// addends[k] = (DecimalOf(values[k], power) << shift) + (begins ? constant : addends[k]).
void AddDecimalsTo(std::span<const double> values, double power, WordPart part, uint64_t* addends);

}  // namespace sextant
