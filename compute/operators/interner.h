#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "compute/column/string_hash.h"
#include "compute/kernels/copy_text.h"
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
  uint32_t Intern(Key key) { return Add(Hash(key), key); }

  /// Intern of each of `keys`, the memory of later ones fetched ahead. REQUIRES: Reserve has made
  /// room for as many.
  void InternMany(std::span<const Key> keys, uint32_t* ids) {
    constexpr size_t kBlock = 64;
    if (slots_.size_bytes() <= kCachedBytes) {
      for (size_t k = 0; k < keys.size(); ++k) ids[k] = Intern(keys[k]);
      return;
    }
    std::array<uint32_t, kBlock> hashes;
    for (size_t begin = 0; begin < keys.size(); begin += kBlock) {
      const size_t count = std::min(kBlock, keys.size() - begin);
      for (size_t i = 0; i < count; ++i) {
        hashes[i] = Hash(keys[begin + i]);
        slots_.Prefetch(hashes[i]);
      }
      for (size_t i = 0; i < count; ++i) {
        const uint32_t guess = slots_.FirstWithHash(hashes[i]);
        if (guess != HashSlots::kAbsent) __builtin_prefetch(&keys_[guess]);
      }
      for (size_t i = 0; i < count; ++i) ids[begin + i] = Add(hashes[i], keys[begin + i]);
    }
  }

  /// The id of `key`, or HashSlots::kAbsent.
  uint32_t Find(Key key) const {
    return slots_.Find(Hash(key), [&](uint32_t other) { return keys_[other] == key; });
  }

  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  Key key(uint32_t id) const { return keys_[id]; }
  /// By id.
  std::span<const Key> keys() const { return keys_.span(); }

 private:
  /// Tables up to this size stay in L2; fetching ahead costs more than it gains.
  static constexpr size_t kCachedBytes = size_t{256} << 10;

  uint32_t Add(uint32_t hash, Key key) {
    const auto fresh = static_cast<uint32_t>(keys_.size());
    const uint32_t id =
        slots_.FindOrAdd(hash, fresh, [&](uint32_t other) { return keys_[other] == key; });
    if (id == fresh) keys_.AppendUnchecked(key);
    return id;
  }

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
    uint32_t id = 0;
    SEXTANT_RETURN_IF_ERROR(InternMany({&key, 1}, &id));
    return id;
  }
  /// The same of each of `keys`, the memory of later ones fetched ahead: room is made once.
  absl::Status InternMany(std::span<const std::string_view> keys, uint32_t* ids) {
    size_t num_bytes = bytes_.size();
    for (const std::string_view key : keys) num_bytes += key.size();
    SEXTANT_RETURN_IF_ERROR(slots_.Reserve(ends_.size() + keys.size()));
    SEXTANT_RETURN_IF_ERROR(ends_.Reserve(ends_.size() + keys.size()));
    SEXTANT_RETURN_IF_ERROR(bytes_.Reserve(num_bytes));
    constexpr size_t kBlock = 64;
    std::array<uint32_t, kBlock> hashes;
    for (size_t begin = 0; begin < keys.size(); begin += kBlock) {
      const std::span<const std::string_view> block =
          keys.subspan(begin, std::min(kBlock, keys.size() - begin));
      for (size_t k = 0; k < block.size(); ++k) {
        hashes[k] = HashOf(block[k]);
        slots_.Prefetch(hashes[k]);
      }
      for (size_t k = 0; k < block.size(); ++k) ids[begin + k] = Add(block[k], hashes[k]);
    }
    return absl::OkStatus();
  }

  uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }
  /// Valid until the next Intern.
  std::string_view key(uint32_t id) const {
    const uint64_t begin = id == 0 ? 0 : ends_[id - 1];
    return {bytes_.data() + begin, ends_[id] - begin};
  }

 private:
  /// REQUIRES: there is room.
  uint32_t Add(std::string_view key, uint32_t hash) {
    const auto fresh = static_cast<uint32_t>(ends_.size());
    const uint32_t id = slots_.FindOrAdd(hash, fresh, [&](uint32_t other) {
      const std::string_view known = this->key(other);
      return known.size() == key.size() && SameBytes(known.data(), key.data(), key.size());
    });
    if (id != fresh) return id;
    const size_t end = bytes_.size();
    bytes_.ResizeUninitialized(end + key.size()).IgnoreError();  // within the room it never fails
    CopyText(key, bytes_.data() + end);
    ends_.AppendUnchecked(end + key.size());
    return id;
  }

  HashSlots slots_;
  TrackedVector<uint64_t> ends_;
  TrackedVector<char> bytes_;
};

}  // namespace sextant
