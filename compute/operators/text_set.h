#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compute/kernels/hash_slots.h"

namespace sextant {

/// Listed texts. Nearly all of those that are not among them are told by a bit of their hash: about
/// 3 ns a text where the bits (two bytes a listed text) lie in the first-level cache. Const after
/// construction; safe for any number of threads.
class TextSet {
 public:
  TextSet() : TextSet(std::vector<std::string>()) {}
  /// Of some texts, of which some may be equal.
  explicit TextSet(std::vector<std::string> texts)
      : texts_(std::move(texts)),
        slots_(std::bit_ceil(texts_.size() * 2 + 1)),
        bits_(std::bit_ceil(texts_.size() * kBitsPerText / 64 + 1)) {
    for (uint32_t i = 0; i < texts_.size(); ++i) {
      const uint32_t hash = HashOf(std::string_view(texts_[i]));
      size_t at = hash & (slots_.size() - 1);
      while (slots_[at].number != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = {hash, i + 1};
      bits_[WordOf(hash)] |= MaskOf(hash);
    }
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

 private:
  static constexpr size_t kBitsPerText = 16;
  static constexpr int kMaskBits = 6;

  struct Slot {
    uint32_t hash = 0;
    uint32_t number = 0;  // of the text plus 1, 0 for none
  };

  size_t WordOf(uint32_t hash) const { return hash >> kMaskBits & (bits_.size() - 1); }
  static uint64_t MaskOf(uint32_t hash) {
    return uint64_t{1} << (hash & ((uint32_t{1} << kMaskBits) - 1));
  }

  std::vector<std::string> texts_;
  std::vector<Slot> slots_;
  std::vector<uint64_t> bits_;
};

}  // namespace sextant
