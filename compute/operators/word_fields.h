#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>

#include "compute/column/data_type.h"
#include "compute/kernels/cell_words.h"

namespace sextant {

/// Bits of a word of a cell that hold a sum of numbers that are never negative.
struct WordField {
  uint32_t word = 0;
  uint32_t shift = 0;
  uint64_t mask = 0;

  uint64_t Of(const uint64_t* cell) const { return cell[word] >> shift & mask; }
};

/// Bits of a sum of `count` numbers, each at most `max_addend`: it never runs over into the next
/// field. More than 64: it fits in no word.
inline uint32_t BitsOfSum(uint64_t max_addend, uint64_t count) {
  const auto sum = static_cast<uint128_t>(max_addend) * count;
  if (sum > std::numeric_limits<uint64_t>::max()) return 65;
  return std::max(1, static_cast<int>(std::bit_width(static_cast<uint64_t>(sum))));
}

/// Puts fields into the words of a cell, each in the first that has room. Copy it to try.
class WordLayout {
 public:
  /// nullopt where there is no room.
  std::optional<WordField> Add(uint32_t num_bits) {
    for (uint32_t word = 0; word < used_bits_.size(); ++word) {
      if (used_bits_[word] + num_bits > 64) continue;
      const uint32_t shift = used_bits_[word];
      used_bits_[word] += num_bits;
      num_words_ = std::max(num_words_, word + 1);
      return WordField{word, shift, ~uint64_t{0} >> (64 - num_bits)};
    }
    return std::nullopt;
  }
  uint32_t num_words() const { return num_words_; }

 private:
  std::array<uint32_t, CellForm::kMaxWords> used_bits_{};
  uint32_t num_words_ = 0;
};

}  // namespace sextant
