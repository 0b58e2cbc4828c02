#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "compute/column/data_type.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"

namespace sextant {

/// Mixes all bits of `key` into all bits of the result (splitmix64's finaliser).
inline uint64_t MixBits(uint64_t key) {
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9u;
  key = (key ^ (key >> 27)) * 0x94d049bb133111ebu;
  return key ^ (key >> 31);
}
inline uint32_t HashOf(uint64_t key) { return static_cast<uint32_t>(MixBits(key)); }
inline uint32_t HashOf(int128_t key) {
  return HashOf(MixBits(static_cast<uint64_t>(key)) + static_cast<uint64_t>(key >> 64));
}
/// The bytes of a text of less than 8, other numbers for other bytes of the same size: reads that
/// overlap take no loop and no call.
inline uint64_t WordOfShort(std::string_view bytes) {
  if (bytes.size() >= 4) {
    uint32_t first;
    uint32_t last;
    std::memcpy(&first, bytes.data(), 4);
    std::memcpy(&last, bytes.data() + bytes.size() - 4, 4);
    return uint64_t{last} << 32 | first;
  }
  if (bytes.empty()) return 0;
  const auto byte = [&](size_t at) { return uint64_t{static_cast<uint8_t>(bytes[at])}; };
  return byte(0) | byte(bytes.size() / 2) << 8 | byte(bytes.size() - 1) << 16;
}
inline uint32_t HashOf(std::string_view bytes) {
  uint64_t hash = bytes.size();
  if (bytes.size() < 8) return HashOf(WordOfShort(bytes) ^ hash * 0x9e3779b97f4a7c15u);
  uint64_t word;
  for (size_t at = 0; at + 8 < bytes.size(); at += 8) {
    std::memcpy(&word, bytes.data() + at, 8);
    hash = MixBits(hash ^ word);
  }
  std::memcpy(&word, bytes.data() + bytes.size() - 8, 8);  // may overlap the one before
  return static_cast<uint32_t>(MixBits(hash ^ word));
}

/// Open addressing from a hash to the id of an entry that lies elsewhere, in tracked memory. A slot
/// is the 32-bit hash and id + 1; at most half of the slots are used, so a probe is one or two
/// cache lines. Not thread-safe.
class HashSlots {
 public:
  explicit HashSlots(MemoryBudget& budget) : budget_(&budget) {}

  /// Makes room for `num_entries` in all. Call it before a batch of FindOrAdd. Errors:
  /// RESOURCE_EXHAUSTED, those of AskToGoOn; then nothing has changed.
  absl::Status Reserve(size_t num_entries) {
    if (num_entries * 2 <= num_slots_) return absl::OkStatus();
    size_t grown = std::bit_ceil(std::max<size_t>(64, num_entries * 2));
    if (num_slots_ >= kFewSlots && grown < kManySlots) grown *= 2;
    absl::StatusOr<Buffer> buffer = Buffer::Allocate(*budget_, grown * sizeof(uint64_t));
    if (!buffer.ok()) return buffer.status();
    uint64_t* fresh = buffer->As<uint64_t>().data();
    const std::span<const uint64_t> slots = slots_.As<uint64_t>().first(num_slots_);
    for (size_t at = 0; at < slots.size(); ++at) {
      if (at % kSlotsPerQuestion == kSlotsPerQuestion - 1) {
        if (absl::Status status = AskToGoOn(); !status.ok()) return status;
      }
      const uint64_t slot = slots[at];
      if (slot != 0) *EmptySlot(fresh, grown - 1, static_cast<uint32_t>(slot >> 32)) = slot;
    }
    slots_ = *std::move(buffer);
    num_slots_ = grown;
    return absl::OkStatus();
  }

  static constexpr uint32_t kAbsent = 0xFFFFFFFF;

  size_t size_bytes() const { return num_slots_ * sizeof(uint64_t); }
  /// Fetches what Find and FindOrAdd read first. REQUIRES: Reserve has made room.
  void Prefetch(uint32_t hash) const {
    __builtin_prefetch(slots_.As<uint64_t>().data() + (hash & (num_slots_ - 1)));
  }
  /// The id that a hash leads to first, when its entry has this hash; else kAbsent.
  uint32_t FirstWithHash(uint32_t hash) const {
    const uint64_t slot = slots_.As<uint64_t>()[hash & (num_slots_ - 1)];
    // Of an empty slot: 0 - 1.
    return slot >> 32 == hash ? static_cast<uint32_t>(slot) - 1 : kAbsent;
  }

  /// The id of the entry with this hash for which `equal(id)`, or kAbsent.
  template <typename Equal>
  uint32_t Find(uint32_t hash, Equal equal) const {
    if (num_slots_ == 0) return kAbsent;
    const uint64_t* slots = slots_.As<uint64_t>().data();
    const size_t mask = num_slots_ - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      const uint64_t slot = slots[at];
      if (slot == 0) return kAbsent;
      const uint32_t id = static_cast<uint32_t>(slot) - 1;
      if (static_cast<uint32_t>(slot >> 32) == hash && equal(id)) return id;
    }
  }

  /// The id of the entry with this hash for which `equal(id)`; when there is none, `new_id`, which
  /// is added. REQUIRES: Reserve covers the new entry.
  template <typename Equal>
  uint32_t FindOrAdd(uint32_t hash, uint32_t new_id, Equal equal) {
    uint64_t* slots = slots_.As<uint64_t>().data();
    const size_t mask = num_slots_ - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      const uint64_t slot = slots[at];
      if (slot == 0) {
        slots[at] = uint64_t{hash} << 32 | (new_id + 1);
        return new_id;
      }
      const uint32_t id = static_cast<uint32_t>(slot) - 1;
      if (static_cast<uint32_t>(slot >> 32) == hash && equal(id)) return id;
    }
  }

 private:
  /// From the one to the other a table grows four times at once: where entries keep coming, to move
  /// those that are there takes as long as to add them.
  static constexpr size_t kFewSlots = size_t{1} << 12;
  static constexpr size_t kManySlots = size_t{1} << 20;
  /// Of a table that grows, a cache miss each.
  static constexpr size_t kSlotsPerQuestion = size_t{1} << 16;

  static uint64_t* EmptySlot(uint64_t* slots, size_t mask, uint32_t hash) {
    size_t at = hash & mask;
    while (slots[at] != 0) at = (at + 1) & mask;
    return slots + at;
  }

  MemoryBudget* budget_;
  Buffer slots_;
  size_t num_slots_ = 0;
};

}  // namespace sextant
