#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant {

/// Writes slots[k] + shift, modulo 2^32, to codes[k], by the widest vectors that the processor has.
/// The loop `codes[k] = slots[k] + shift` is what it means.
void WidenCodes(const uint8_t* slots, size_t count, uint32_t shift, uint32_t* codes);
void WidenCodes(const uint16_t* slots, size_t count, uint32_t shift, uint32_t* codes);
void WidenCodes(const uint32_t* slots, size_t count, uint32_t shift, uint32_t* codes);
void WidenCodes(const uint64_t* slots, size_t count, uint32_t shift, uint32_t* codes);

/// Writes keys[k] >> shift & mask to digits[k]. REQUIRES: shift < 64.
void ReadDigits(const uint64_t* keys, size_t count, uint32_t shift, uint32_t mask,
                uint32_t* digits);

/// Writes numbers[k] * radix + codes[k], modulo 2^32, to folded[k], which may be `numbers`.
void FoldCodes(const uint32_t* numbers, uint32_t radix, const uint32_t* codes, size_t count,
               uint32_t* folded);

}  // namespace sextant
