#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "compute/column/data_type.h"

namespace sextant {

inline uint64_t Load64(const char* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

inline uint32_t Load32(const char* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

/// Both halves of the 128-bit product, folded.
inline uint64_t FoldedProduct(uint64_t a, uint64_t b) {
  const uint128_t product = static_cast<uint128_t>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// Drawn when it is first asked for.
uint64_t HashSeedOfProcess();

/// A 64-bit hash after wyhash: one multiplication for up to 16 bytes, one per 16 bytes above.
/// Values come from users, so `seed` is drawn per process: nobody can prepare collisions.
inline uint64_t HashString(std::string_view value, uint64_t seed) {
  constexpr uint64_t kA = 0xa0761d6478bd642fu;
  constexpr uint64_t kB = 0xe7037ed1a0b428dbu;
  const char* bytes = value.data();
  const size_t length = value.size();
  uint64_t first = 0;
  uint64_t last = 0;
  if (length <= 16) {
    if (length >= 8) {
      first = Load64(bytes);
      last = Load64(bytes + length - 8);
    } else if (length >= 4) {
      first = Load32(bytes);
      last = Load32(bytes + length - 4);
    } else if (length > 0) {
      first = static_cast<uint8_t>(bytes[0]) | uint64_t{static_cast<uint8_t>(bytes[length / 2])}
                                                   << 8;
      last = static_cast<uint8_t>(bytes[length - 1]);
    }
  } else {
    for (size_t at = 0; at + 16 < length; at += 16) {
      seed = FoldedProduct(Load64(bytes + at) ^ kA, Load64(bytes + at + 8) ^ seed);
    }
    first = Load64(bytes + length - 16);
    last = Load64(bytes + length - 8);
  }
  return FoldedProduct(kB ^ length, FoldedProduct(first ^ kA, last ^ seed));
}

/// Equality of two strings of `length` bytes; short ones by overlapping loads, without a call.
inline bool SameBytes(const char* a, const char* b, size_t length) {
  if (length > 32) return std::memcmp(a, b, length) == 0;
  if (length > 16) {
    return ((Load64(a) ^ Load64(b)) | (Load64(a + 8) ^ Load64(b + 8)) |
            (Load64(a + length - 16) ^ Load64(b + length - 16)) |
            (Load64(a + length - 8) ^ Load64(b + length - 8))) == 0;
  }
  if (length >= 8) {
    return ((Load64(a) ^ Load64(b)) | (Load64(a + length - 8) ^ Load64(b + length - 8))) == 0;
  }
  if (length >= 4) {
    return ((Load32(a) ^ Load32(b)) | (Load32(a + length - 4) ^ Load32(b + length - 4))) == 0;
  }
  for (size_t i = 0; i < length; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace sextant
