#include "compute/kernels/selected_bounds.h"

#include <bit>
#include <cstring>
#include <limits>

// Highway includes this file once per set of instructions. Not for vectors of unknown length: a
// word is a whole number of vectors.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/selected_bounds.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

template <typename T>
SlotBounds BoundsOf(const T* slots, uint32_t, const uint64_t* validity, Selection selection) {
  return BoundsOfSelectedScalar(slots, validity, selection);
}

#else

/// Of words with few rows each one is read for itself, of others all 64, the unwanted as the
/// neutral element.
template <typename T>
SlotBounds BoundsOf(const T* HWY_RESTRICT slots, uint32_t num_rows,
                    const uint64_t* HWY_RESTRICT validity, Selection selection) {
  const hn::CappedTag<T, 64> d;
  constexpr size_t kLanes = hn::MaxLanes(d);
  const auto greatest = hn::Set(d, std::numeric_limits<T>::max());
  auto min = greatest;
  auto max = hn::Zero(d);
  SlotBounds bounds;
  const uint32_t last_whole = HWY_MIN(selection.last, num_rows / 64);
  for (uint32_t word = selection.first; word < selection.last; ++word) {
    uint64_t rows = selection.words[word];
    if (validity != nullptr) rows &= validity[word];
    if (HasFewRows(rows) || word >= last_whole) {
      for (; rows != 0; rows &= rows - 1) {
        bounds.Add(slots[size_t{word} * 64 + static_cast<size_t>(std::countr_zero(rows))]);
      }
      continue;
    }
    for (size_t row = 0; row < 64; row += kLanes) {
      const uint64_t of_vector = rows >> row;
      uint8_t bytes[16] = {};  // a mask may be read beyond its bits
      std::memcpy(bytes, &of_vector, sizeof(of_vector));
      const auto mask = hn::LoadMaskBits(d, bytes);
      const auto values = hn::LoadU(d, slots + size_t{word} * 64 + row);
      min = hn::Min(min, hn::IfThenElse(mask, values, greatest));
      max = hn::Max(max, hn::IfThenElseZero(mask, values));
    }
  }
  T lanes[2][kLanes];
  hn::StoreU(min, d, lanes[0]);
  hn::StoreU(max, d, lanes[1]);
  for (size_t lane = 0; lane < kLanes; ++lane) {
    if (lanes[0][lane] > lanes[1][lane]) continue;  // nothing was selected there
    bounds.Add(lanes[0][lane]);
    bounds.Add(lanes[1][lane]);
  }
  return bounds;
}

#endif

SlotBounds Bounds8(const uint8_t* slots, uint32_t num_rows, const uint64_t* validity,
                   Selection selection) {
  return BoundsOf(slots, num_rows, validity, selection);
}
SlotBounds Bounds16(const uint16_t* slots, uint32_t num_rows, const uint64_t* validity,
                    Selection selection) {
  return BoundsOf(slots, num_rows, validity, selection);
}
SlotBounds Bounds32(const uint32_t* slots, uint32_t num_rows, const uint64_t* validity,
                    Selection selection) {
  return BoundsOf(slots, num_rows, validity, selection);
}
SlotBounds Bounds64(const uint64_t* slots, uint32_t num_rows, const uint64_t* validity,
                    Selection selection) {
  return BoundsOf(slots, num_rows, validity, selection);
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(Bounds8);
HWY_EXPORT(Bounds16);
HWY_EXPORT(Bounds32);
HWY_EXPORT(Bounds64);

SlotBounds BoundsOfSelected(const uint8_t* slots, uint32_t num_rows, const uint64_t* validity,
                            Selection selection) {
  return HWY_DYNAMIC_DISPATCH(Bounds8)(slots, num_rows, validity, selection);
}
SlotBounds BoundsOfSelected(const uint16_t* slots, uint32_t num_rows, const uint64_t* validity,
                            Selection selection) {
  return HWY_DYNAMIC_DISPATCH(Bounds16)(slots, num_rows, validity, selection);
}
SlotBounds BoundsOfSelected(const uint32_t* slots, uint32_t num_rows, const uint64_t* validity,
                            Selection selection) {
  return HWY_DYNAMIC_DISPATCH(Bounds32)(slots, num_rows, validity, selection);
}
SlotBounds BoundsOfSelected(const uint64_t* slots, uint32_t num_rows, const uint64_t* validity,
                            Selection selection) {
  return HWY_DYNAMIC_DISPATCH(Bounds64)(slots, num_rows, validity, selection);
}

}  // namespace sextant
#endif  // HWY_ONCE
