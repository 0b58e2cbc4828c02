#include "compute/kernels/widen.h"

// Highway includes this file once per set of instructions; the compiler makes vectors of the loops.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/widen.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

template <typename Slot>
void Widen(const Slot* HWY_RESTRICT slots, size_t count, uint32_t shift,
           uint32_t* HWY_RESTRICT codes) {
  for (size_t k = 0; k < count; ++k) codes[k] = static_cast<uint32_t>(slots[k]) + shift;
}

void Widen8(const uint8_t* slots, size_t count, uint32_t shift, uint32_t* codes) {
  Widen(slots, count, shift, codes);
}
void Widen16(const uint16_t* slots, size_t count, uint32_t shift, uint32_t* codes) {
  Widen(slots, count, shift, codes);
}
void Widen32(const uint32_t* slots, size_t count, uint32_t shift, uint32_t* codes) {
  Widen(slots, count, shift, codes);
}
void Widen64(const uint64_t* slots, size_t count, uint32_t shift, uint32_t* codes) {
  Widen(slots, count, shift, codes);
}

void Digits(const uint64_t* HWY_RESTRICT keys, size_t count, uint32_t shift, uint32_t mask,
            uint32_t* HWY_RESTRICT digits) {
  for (size_t k = 0; k < count; ++k) digits[k] = static_cast<uint32_t>(keys[k] >> shift) & mask;
}

void Fold(const uint32_t* numbers, uint32_t radix, const uint32_t* HWY_RESTRICT codes, size_t count,
          uint32_t* folded) {
  if (numbers == folded) {
    for (size_t k = 0; k < count; ++k) folded[k] = folded[k] * radix + codes[k];
    return;
  }
  const uint32_t* HWY_RESTRICT others = numbers;
  uint32_t* HWY_RESTRICT room = folded;
  for (size_t k = 0; k < count; ++k) room[k] = others[k] * radix + codes[k];
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(Widen8);
HWY_EXPORT(Widen16);
HWY_EXPORT(Widen32);
HWY_EXPORT(Widen64);
HWY_EXPORT(Digits);
HWY_EXPORT(Fold);

void WidenCodes(const uint8_t* slots, size_t count, uint32_t shift, uint32_t* codes) {
  HWY_DYNAMIC_DISPATCH(Widen8)(slots, count, shift, codes);
}
void WidenCodes(const uint16_t* slots, size_t count, uint32_t shift, uint32_t* codes) {
  HWY_DYNAMIC_DISPATCH(Widen16)(slots, count, shift, codes);
}
void WidenCodes(const uint32_t* slots, size_t count, uint32_t shift, uint32_t* codes) {
  HWY_DYNAMIC_DISPATCH(Widen32)(slots, count, shift, codes);
}
void WidenCodes(const uint64_t* slots, size_t count, uint32_t shift, uint32_t* codes) {
  HWY_DYNAMIC_DISPATCH(Widen64)(slots, count, shift, codes);
}

void ReadDigits(const uint64_t* keys, size_t count, uint32_t shift, uint32_t mask,
                uint32_t* digits) {
  HWY_DYNAMIC_DISPATCH(Digits)(keys, count, shift, mask, digits);
}

void FoldCodes(const uint32_t* numbers, uint32_t radix, const uint32_t* codes, size_t count,
               uint32_t* folded) {
  HWY_DYNAMIC_DISPATCH(Fold)(numbers, radix, codes, count, folded);
}

}  // namespace sextant
#endif  // HWY_ONCE
