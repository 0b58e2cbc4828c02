#pragma once

#include <cstdint>
#include <span>

#include "compute/column/data_type.h"

namespace sextant {

/// Exact sums of keys and of their squares.
struct KeyMoments {
  uint64_t count = 0;
  uint64_t sum = 0;
  uint128_t squares = 0;
};

/// By the widest vectors that the processor has: about 0.2 ns a key. REQUIRES: fewer than 2^32
/// keys.
KeyMoments MomentsOfKeys(std::span<const uint32_t> keys);
/// What it means.
KeyMoments MomentsOfKeysScalar(std::span<const uint32_t> keys);

}  // namespace sextant
