#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "compute/kernels/hash_slots.h"
#include "compute/memory/buffer.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Gives distinct keys dense ids 0, 1, 2, ... in order of arrival, in tracked memory. Key is
/// uint64_t, int64_t or int128_t. Not thread-safe.
template <typename Key>
class Interner {
 public:
  explicit Interner(MemoryBudget& budget) : slots_(budget), keys_(budget) {}

  /// Room for `count` more keys. Errors: RESOURCE_EXHAUSTED.
  absl::Status Reserve(size_t count) {
    if (keys_.size() + count > keys_.capacity()) {
      SEXTANT_RETURN_IF_ERROR(keys_.Reserve(keys_.size() + count));
    }
    return slots_.Reserve(keys_.size() + count);
  }

  /// REQUIRES: Reserve has made room.
  uint32_t Intern(Key key) {
    const auto fresh = static_cast<uint32_t>(keys_.size());
    const uint32_t id =
        slots_.FindOrAdd(Hash(key), fresh, [&](uint32_t other) { return keys_[other] == key; });
    if (id == fresh) keys_.AppendUnchecked(key);
    return id;
  }

  /// The id of `key`, or HashSlots::kAbsent.
  uint32_t Find(Key key) const {
    return slots_.Find(Hash(key), [&](uint32_t other) { return keys_[other] == key; });
  }

  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  Key key(uint32_t id) const { return keys_[id]; }

 private:
  static uint32_t Hash(Key key) {
    if constexpr (sizeof(Key) == 16) return HashOf(key);
    return HashOf(static_cast<uint64_t>(key));
  }

  HashSlots slots_;
  TrackedVector<Key> keys_;
};

/// The same for byte strings, which are copied.
class BytesInterner {
 public:
  explicit BytesInterner(MemoryBudget& budget) : slots_(budget), ends_(budget), bytes_(budget) {}

  absl::StatusOr<uint32_t> Intern(std::string_view key) {
    SEXTANT_RETURN_IF_ERROR(slots_.Reserve(ends_.size() + 1));
    const auto fresh = static_cast<uint32_t>(ends_.size());
    const uint32_t id = slots_.FindOrAdd(HashOf(key), fresh,
                                         [&](uint32_t other) { return this->key(other) == key; });
    if (id == fresh) {
      SEXTANT_RETURN_IF_ERROR(bytes_.AppendSpan(std::span(key.data(), key.size())));
      SEXTANT_RETURN_IF_ERROR(ends_.Append(bytes_.size()));
    }
    return id;
  }

  uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }
  /// Valid until the next Intern.
  std::string_view key(uint32_t id) const {
    const uint64_t begin = id == 0 ? 0 : ends_[id - 1];
    return {bytes_.data() + begin, ends_[id] - begin};
  }

 private:
  HashSlots slots_;
  TrackedVector<uint64_t> ends_;
  TrackedVector<char> bytes_;
};

}  // namespace sextant
