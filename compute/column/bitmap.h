#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sextant {

/// Bitmaps are spans of 64-bit words, bit i of a row set in word i / 64. Bits past the last row are
/// zero in every bitmap that is stored or handed over, so that popcount needs no mask.
inline constexpr size_t BitmapWords(size_t num_bits) { return (num_bits + 63) / 64; }

inline bool TestBit(std::span<const uint64_t> words, size_t index) {
  return (words[index / 64] >> (index % 64)) & 1;
}
inline void SetBit(std::span<uint64_t> words, size_t index) {
  words[index / 64] |= uint64_t{1} << (index % 64);
}
inline void ClearBit(std::span<uint64_t> words, size_t index) {
  words[index / 64] &= ~(uint64_t{1} << (index % 64));
}

/// The number of set bits.
inline size_t CountBits(std::span<const uint64_t> words) {
  size_t count = 0;
  for (const uint64_t word : words) count += static_cast<size_t>(std::popcount(word));
  return count;
}

/// Sets bits [begin, end), leaves the others.
void SetBitRange(std::span<uint64_t> words, size_t begin, size_t end);
/// Clears every bit outside [begin, end).
void KeepBitRange(std::span<uint64_t> words, size_t begin, size_t end);
/// Writes the indices of set bits, ascending, to `indices`; returns how many. REQUIRES: room for
/// CountBits(words).
size_t BitsToIndices(std::span<const uint64_t> words, std::span<uint32_t> indices);

}  // namespace sextant
