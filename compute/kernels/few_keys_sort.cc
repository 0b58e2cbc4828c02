#include "compute/kernels/few_keys_sort.h"

#include <algorithm>
#include <cstring>
#include <limits>

// Highway includes this file once per set of instructions. Not for vectors of unknown length: rooms
// are a whole number of vectors.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/few_keys_sort.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The `count` keys at `keys`, fewer than a vector has, and reads no others.
template <class D, typename Key = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadFirst(D d, const Key* HWY_RESTRICT keys, size_t count) {
#if HWY_TARGET <= HWY_AVX2
  return hn::MaskedLoad(hn::FirstN(d, count), d, keys);
#else
  HWY_ALIGN Key copy[hn::MaxLanes(d)] = {};
  std::memcpy(copy, keys, count * sizeof(Key));
  return hn::Load(d, copy);
#endif
}

/// Per lane, how many of the keys are less.
template <class D, typename Key = hn::TFromD<D>>
HWY_INLINE hn::Vec<hn::RebindToUnsigned<D>> CountLess(D d, const Key* HWY_RESTRICT keys,
                                                      size_t count, hn::Vec<D> than) {
  const hn::RebindToUnsigned<D> du;
  auto less = hn::Zero(du);
  for (size_t k = 0; k < count; ++k) {
    const auto is_less = hn::VecFromMask(d, hn::Lt(hn::Set(d, keys[k]), than));
    less = hn::Sub(less, hn::BitCast(du, is_less));
  }
  return less;
}

template <typename Key>
HWY_INLINE void SortByPlaces(Key* HWY_RESTRICT keys, size_t count) {
  const hn::CappedTag<Key, 16> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  constexpr size_t kLanes = hn::MaxLanes(d);
  HWY_ALIGN hwy::MakeUnsigned<Key> places[kFewKeys<Key> + kLanes];
  size_t first = 0;
  for (; first + kLanes <= count; first += kLanes) {
    hn::Store(CountLess(d, keys, count, hn::LoadU(d, keys + first)), du, places + first);
  }
  if (first < count) {
    const auto last = LoadFirst(d, keys + first, count - first);
    hn::Store(CountLess(d, keys, count, last), du, places + first);
  }
  // Equal keys go to the first of their places; the others take it from there.
  Key sorted[kFewKeys<Key>];
  std::fill_n(sorted, count, std::numeric_limits<Key>::min());
  for (size_t k = 0; k < count; ++k) sorted[places[k]] = keys[k];
  Key greatest = std::numeric_limits<Key>::min();
  for (size_t k = 0; k < count; ++k) keys[k] = greatest = HWY_MAX(greatest, sorted[k]);
}

void Sort32(uint32_t* keys, size_t count) { SortByPlaces(keys, count); }
void Sort64(int64_t* keys, size_t count) { SortByPlaces(keys, count); }

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace sextant {

HWY_EXPORT(Sort32);
HWY_EXPORT(Sort64);

void SortFewKeys(uint32_t* keys, size_t count) { HWY_DYNAMIC_DISPATCH(Sort32)(keys, count); }
void SortFewKeys(int64_t* keys, size_t count) { HWY_DYNAMIC_DISPATCH(Sort64)(keys, count); }

}  // namespace sextant

#endif  // HWY_ONCE
