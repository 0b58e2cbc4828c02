#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sextant {

/// The keys that a sort would put at two ranks.
template <typename Key>
struct RankedKeys {
  Key low = 0;
  Key high = 0;
};

/// What `room` has more than there are keys.
inline constexpr size_t kSelectionSlack = 64;

/// Finds the keys of ranks `low` <= `high` (0 for the least), which are next to each other, without
/// a sort of all: a few keys tell which span the ranks are likely to lie in, and vectors take the
/// keys within, again and again until they are few. A wrong guess, and many equal keys, cost a
/// sort. `keys` may be put in another order. REQUIRES: high < keys.size(), high <= low + 1;
/// room.size() >= keys.size() + kSelectionSlack. Key: uint32_t or int64_t. Safe for any number of
/// threads.
template <typename Key>
RankedKeys<Key> SelectRankedKeys(std::span<Key> keys, size_t low, size_t high, std::span<Key> room);
/// The scalar form and the truth.
template <typename Key>
RankedKeys<Key> SelectRankedKeysScalar(std::span<Key> keys, size_t low, size_t high);

}  // namespace sextant
