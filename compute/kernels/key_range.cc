#include "compute/kernels/key_range.h"

// Highway includes this file once per set of instructions. Not for vectors of unknown length.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/key_range.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Keys = hn::ScalableTag<int64_t>;

/// The compiler makes vectors of the loop.
size_t Count(const int64_t* HWY_RESTRICT keys, size_t size, int64_t low, int64_t high) {
  size_t count = 0;
  for (size_t k = 0; k < size; ++k) {
    count += static_cast<size_t>(keys[k] >= low) & static_cast<size_t>(keys[k] <= high);
  }
  return count;
}

size_t Keep(std::span<const int64_t> keys, int64_t low, int64_t high, int64_t* HWY_RESTRICT kept) {
  const Keys d;
  const size_t lanes = hn::Lanes(d);
  const auto least = hn::Set(d, low);
  const auto greatest = hn::Set(d, high);
  size_t num_kept = 0;
  size_t k = 0;
  // A whole vector is written: no more than `k` were kept before it.
  for (; k + lanes <= keys.size(); k += lanes) {
    const auto key = hn::LoadU(d, keys.data() + k);
    const auto is_within = hn::Not(hn::Or(hn::Gt(least, key), hn::Gt(key, greatest)));
    hn::StoreU(hn::Compress(key, is_within), d, kept + num_kept);
    num_kept += hn::CountTrue(d, is_within);
  }
  return num_kept + KeepKeysWithinScalar(keys, k, low, high, kept + num_kept);
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace sextant {

HWY_EXPORT(Count);
HWY_EXPORT(Keep);

size_t CountKeysWithin(std::span<const int64_t> keys, int64_t low, int64_t high) {
  return HWY_DYNAMIC_DISPATCH(Count)(keys.data(), keys.size(), low, high);
}

size_t KeepKeysWithin(std::span<const int64_t> keys, int64_t low, int64_t high, int64_t* kept) {
  return HWY_DYNAMIC_DISPATCH(Keep)(keys, low, high, kept);
}

size_t KeepKeysWithinScalar(std::span<const int64_t> keys, size_t first, int64_t low, int64_t high,
                            int64_t* kept) {
  size_t num_kept = 0;
  for (size_t k = first; k < keys.size(); ++k) {
    kept[num_kept] = keys[k];
    num_kept += static_cast<size_t>(keys[k] >= low) & static_cast<size_t>(keys[k] <= high);
  }
  return num_kept;
}

}  // namespace sextant

#endif  // HWY_ONCE
