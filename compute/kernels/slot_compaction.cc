#include "compute/kernels/slot_compaction.h"

// Highway includes this file once per set of instructions. Not for vectors of unknown length.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/slot_compaction.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

size_t Compact(const uint32_t* HWY_RESTRICT slots, uint32_t count, uint32_t* HWY_RESTRICT cells,
               uint32_t* HWY_RESTRICT positions) {
  size_t kept = 0;
  uint32_t position = 0;
#if HWY_TARGET <= HWY_AVX2
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::CappedTag<uint32_t, 16> d;
  constexpr uint32_t kLanes = hn::MaxLanes(d);
  for (; position + kLanes <= count; position += kLanes) {
    const auto slot = hn::LoadU(d, slots + position);
    const auto has_cell = hn::Ne(slot, hn::Zero(d));
    const size_t here = hn::CountTrue(d, has_cell);
    if (here == 0) continue;
    const auto written = hn::FirstN(d, here);
    hn::BlendedStore(hn::Sub(hn::Compress(slot, has_cell), hn::Set(d, 1)), written, d,
                     cells + kept);
    hn::BlendedStore(hn::Compress(hn::Iota(d, position), has_cell), written, d, positions + kept);
    kept += here;
  }
#endif
  return kept + CompactSlotsScalar(slots, position, count, cells + kept, positions + kept);
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace sextant {

HWY_EXPORT(Compact);

size_t CompactSlots(const uint32_t* slots, uint32_t count, uint32_t* cells, uint32_t* positions) {
  return HWY_DYNAMIC_DISPATCH(Compact)(slots, count, cells, positions);
}

}  // namespace sextant

#endif  // HWY_ONCE
