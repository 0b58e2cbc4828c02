#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/string_hash.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Listed texts. Nearly all of those that are not among them are told by a bit of their hash: about
/// 3 ns a text where the bits (two bytes a listed text) lie in the first-level cache. Const after
/// construction; safe for any number of threads.
class TextSet {
 public:
  /// Of some texts, of which some may be equal: they come from a request, and the hash is seeded so
  /// that nobody can choose such as collide. Charges 18 bytes a text to `budget`, which outlives
  /// it, and what the texts take. Errors: RESOURCE_EXHAUSTED, those of AskToGoOn.
  static absl::StatusOr<TextSet> Create(std::vector<std::string> texts, MemoryBudget& budget) {
    TextSet set(std::move(texts), budget);
    size_t num_bytes = set.texts_.capacity() * sizeof(std::string);
    for (const std::string& text : set.texts_) num_bytes += text.capacity();
    SEXTANT_RETURN_IF_ERROR(set.memory_.Resize(num_bytes));
    SEXTANT_RETURN_IF_ERROR(set.slots_.Resize(std::bit_ceil(set.texts_.size() * 2 + 1)));
    SEXTANT_RETURN_IF_ERROR(
        set.bits_.Resize(std::bit_ceil(set.texts_.size() * kBitsPerText / 64 + 1)));
    SEXTANT_RETURN_IF_ERROR(ForBlocks(set.texts_.size(), AskToGoOn, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) set.Add(static_cast<uint32_t>(i));
    }));
    return set;
  }

  bool Contains(std::string_view text) const {
    const uint32_t hash = HashOf(text);
    if ((bits_[WordOf(hash)] & MaskOf(hash)) == 0) return false;
    for (size_t at = hash & (slots_.size() - 1); slots_[at].number != 0;
         at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].hash == hash && texts_[slots_[at].number - 1] == text) return true;
    }
    return false;
  }

  /// As they were given.
  std::span<const std::string> texts() const { return texts_; }
  /// The most slots that a text was looked for in before it had its own.
  size_t max_probes() const { return max_probes_; }

 private:
  static constexpr size_t kBitsPerText = 16;
  static constexpr int kMaskBits = 6;

  struct Slot {
    uint32_t hash = 0;
    uint32_t number = 0;  // of the text plus 1, 0 for none
  };

  TextSet(std::vector<std::string> texts, MemoryBudget& budget)
      : texts_(std::move(texts)), memory_(budget), slots_(budget), bits_(budget) {}

  void Add(uint32_t number) {
    const uint32_t hash = HashOf(texts_[number]);
    size_t at = hash & (slots_.size() - 1);
    size_t num_probes = 1;
    for (; slots_[at].number != 0; ++num_probes) {
      if (slots_[at].hash == hash && texts_[slots_[at].number - 1] == texts_[number]) return;
      at = (at + 1) & (slots_.size() - 1);
    }
    max_probes_ = std::max(max_probes_, num_probes);
    slots_[at] = {hash, number + 1};
    bits_[WordOf(hash)] |= MaskOf(hash);
  }

  uint32_t HashOf(std::string_view text) const {
    return static_cast<uint32_t>(HashString(text, seed_));
  }
  size_t WordOf(uint32_t hash) const { return hash >> kMaskBits & (bits_.size() - 1); }
  static uint64_t MaskOf(uint32_t hash) {
    return uint64_t{1} << (hash & ((uint32_t{1} << kMaskBits) - 1));
  }

  uint64_t seed_ = HashSeedOfProcess();
  std::vector<std::string> texts_;  // charged to memory_
  MemoryReservation memory_;
  TrackedVector<Slot> slots_;
  TrackedVector<uint64_t> bits_;
  size_t max_probes_ = 0;
};

}  // namespace sextant
