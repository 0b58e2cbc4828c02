#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Interner of keys of 32 bits: gives distinct keys dense ids 0, 1, 2, ... in order of arrival. A
/// slot holds all there is to know of a key (its hash, which no other key has, and its id), so that
/// a look-up is one load, and no branch depends on whether a key is new: only on whether another
/// one lies in its place, which at most a fourth of the places (of large tables half) makes rare.
/// Charged to the budget. Not thread-safe.
class NarrowInterner {
 public:
  explicit NarrowInterner(MemoryBudget& budget) : budget_(&budget), keys_(budget) {}

  /// Room for `count` more keys. Errors: RESOURCE_EXHAUSTED, those of AskToGoOn; then the keys and
  /// their ids are as before.
  absl::Status Reserve(size_t count) {
    const size_t wanted = size_ + count;
    if (wanted > keys_.size()) {
      SEXTANT_RETURN_IF_ERROR(keys_.ResizeUninitialized(std::max(wanted, 2 * keys_.size())));
    }
    return wanted <= max_keys_ ? absl::OkStatus() : Grow(wanted);
  }

  /// The id of each of `keys`. REQUIRES: Reserve has made room for as many.
  void InternMany(std::span<const uint32_t> keys, uint32_t* ids) {
    uint64_t* const slots = slots_.As<uint64_t>().data();
    uint32_t* const known = keys_.data();
    uint32_t size = size_;
    for (size_t k = 0; k < keys.size(); ++k) {
      const uint32_t hash = Hash(keys[k]);
      size_t at = hash >> shift_;
      // Both at once: that a place is free is no surprise, that it is another's is.
      while ((slots[at] != 0) & (slots[at] >> 32 != hash)) [[unlikely]] at = (at + 1) & mask_;
      const auto found = static_cast<uint32_t>(slots[at]);  // plus 1, 0 for none
      const uint32_t is_new = found == 0 ? 1 : 0;
      known[size] = keys[k];  // lasts if it is new
      size += is_new;
      const uint32_t id = found | (size & (0 - is_new));  // a choice becomes a branch
      slots[at] = uint64_t{hash} << 32 | id;
      ids[k] = id - 1;
    }
    size_ = size;
  }

  uint32_t size() const { return size_; }
  uint32_t key(uint32_t id) const { return keys_[id]; }
  /// By id.
  std::span<const uint32_t> keys() const { return keys_.span().first(size_); }

 private:
  /// Tables up to this size are kept three quarters empty.
  static constexpr size_t kCachedSlots = size_t{1} << 17;
  /// Of a table that grows, a cache miss each.
  static constexpr uint32_t kKeysPerQuestion = uint32_t{1} << 16;

  /// murmur3's finaliser, which gives every key another hash.
  static uint32_t Hash(uint32_t key) {
    key = (key ^ (key >> 16)) * 0x85ebca6bu;
    key = (key ^ (key >> 13)) * 0xc2b2ae35u;
    return key ^ (key >> 16);
  }

  absl::Status Grow(size_t num_keys) {
    size_t num_slots = std::bit_ceil(std::max<size_t>(num_keys * 2, 64));
    if (num_slots <= kCachedSlots / 2) num_slots *= 2;
    absl::StatusOr<Buffer> fresh = Buffer::Allocate(*budget_, num_slots * sizeof(uint64_t));
    if (!fresh.ok()) return fresh.status();
    const size_t mask = num_slots - 1;
    const unsigned shift = 32 - static_cast<unsigned>(std::bit_width(mask));
    uint64_t* const slots = fresh->As<uint64_t>().data();
    for (uint32_t id = 0; id < size_; ++id) {
      if (id % kKeysPerQuestion == kKeysPerQuestion - 1) SEXTANT_RETURN_IF_ERROR(AskToGoOn());
      const uint32_t hash = Hash(keys_[id]);
      size_t at = hash >> shift;
      while (slots[at] != 0) at = (at + 1) & mask;
      slots[at] = uint64_t{hash} << 32 | (id + 1);
    }
    slots_ = *std::move(fresh);
    mask_ = mask;
    shift_ = shift;
    max_keys_ = num_slots <= kCachedSlots ? num_slots / 4 : num_slots / 2;
    return absl::OkStatus();
  }

  MemoryBudget* budget_;
  Buffer slots_;  // a hash and an id + 1; 0 for none
  size_t mask_ = 0;
  unsigned shift_ = 0;
  size_t max_keys_ = 0;
  TrackedVector<uint32_t> keys_;  // its size is the room for keys
  uint32_t size_ = 0;
};

}  // namespace sextant
