#include "compute/kernels/key_moments.h"

// Highway includes this file once per set of instructions; the compiler makes vectors of the loops.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/key_moments.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

/// Halves of squares are added apart, so that 64 bits hold their sums.
void Moments(const uint32_t* HWY_RESTRICT keys, size_t count, KeyMoments* moments) {
  uint64_t sum = 0;
  uint64_t low = 0;
  uint64_t high = 0;
  for (size_t k = 0; k < count; ++k) {
    const uint64_t key = keys[k];
    const uint64_t square = key * key;
    sum += key;
    low += square & 0xFFFFFFFF;
    high += square >> 32;
  }
  *moments = {count, sum, (static_cast<uint128_t>(high) << 32) + low};
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(Moments);

KeyMoments MomentsOfKeys(std::span<const uint32_t> keys) {
  KeyMoments moments;
  HWY_DYNAMIC_DISPATCH(Moments)(keys.data(), keys.size(), &moments);
  return moments;
}

KeyMoments MomentsOfKeysScalar(std::span<const uint32_t> keys) {
  KeyMoments moments;
  for (const uint32_t key : keys) {
    ++moments.count;
    moments.sum += key;
    moments.squares += uint64_t{key} * key;
  }
  return moments;
}

}  // namespace sextant
#endif  // HWY_ONCE
