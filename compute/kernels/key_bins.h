#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "absl/status/statusor.h"
#include "compute/kernels/key_sort.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Calls `body` with all keys, 64 Ki at a time, and asks before each whether to go on.
template <typename Key, typename Body>
absl::Status InBlocks(std::span<Key> keys, KeepGoing keep_going, Body body) {
  constexpr size_t kBlock = size_t{1} << 16;
  for (size_t begin = 0; begin < keys.size(); begin += kBlock) {
    SEXTANT_RETURN_IF_ERROR(keep_going());
    body(keys.subspan(begin, std::min(kBlock, keys.size() - begin)));
  }
  return absl::OkStatus();
}

/// Keys that lie in several places.
template <typename Key>
using KeyParts = std::span<const std::span<const Key>>;

/// The same of keys in parts, one after another.
template <typename Key, typename Body>
absl::Status InBlocksOfParts(KeyParts<Key> parts, KeepGoing keep_going, Body body) {
  for (const std::span<const Key> part : parts) {
    SEXTANT_RETURN_IF_ERROR(InBlocks(part, keep_going, body));
  }
  return absl::OkStatus();
}

/// The number that bins go by.
inline uint32_t NumberOfKey(uint32_t key) { return key; }
inline int64_t NumberOfKey(int64_t key) { return key; }
inline uint64_t NumberOfKey(const KeyedItem& item) { return item.key; }

/// Cuts the span of keys into at most 2^bin_bits bins of equal width, a power of two, which ascend
/// as the keys do; the least and the greatest key are in different ones unless they are equal. Key:
/// uint32_t, int64_t or KeyedItem, of which the bins tell keys only.
template <typename Key>
struct KeyBins {
  using Number = decltype(NumberOfKey(Key()));

  Number least{};
  uint64_t span = 0;  // the greatest key less the least
  int shift = 0;

  size_t Of(const Key& key) const {
    return (static_cast<uint64_t>(NumberOfKey(key)) - static_cast<uint64_t>(least)) >> shift;
  }

  /// Reads the keys once. REQUIRES: there are some.
  static absl::StatusOr<KeyBins> Over(KeyParts<Key> keys, int bin_bits, KeepGoing keep_going) {
    Number least = std::numeric_limits<Number>::max();
    Number greatest = std::numeric_limits<Number>::min();
    SEXTANT_RETURN_IF_ERROR(InBlocksOfParts(keys, keep_going, [&](std::span<const Key> block) {
      for (const Key& key : block) {
        least = std::min(least, NumberOfKey(key));
        greatest = std::max(greatest, NumberOfKey(key));
      }
    }));
    const uint64_t span = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
    return KeyBins{least, span, std::max(static_cast<int>(std::bit_width(span)) - bin_bits, 0)};
  }
};

}  // namespace sextant
