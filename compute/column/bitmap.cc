#include "compute/column/bitmap.h"

#include <algorithm>

#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr uint64_t kAllBits = ~uint64_t{0};

/// The bits [from, 64) of a word.
uint64_t BitsFrom(size_t from) { return kAllBits << from; }
/// The bits [0, to) of a word, 0 < to <= 64.
uint64_t BitsBelow(size_t to) { return kAllBits >> (64 - to); }

}  // namespace

void SetBitRange(std::span<uint64_t> words, size_t begin, size_t end) {
  if (begin >= end) return;
  const size_t first = begin / 64;
  const size_t last = (end - 1) / 64;
  SEXTANT_DCHECK(last < words.size());
  const uint64_t head = BitsFrom(begin % 64);
  const uint64_t tail = BitsBelow((end - 1) % 64 + 1);
  if (first == last) {
    words[first] |= head & tail;
    return;
  }
  words[first] |= head;
  std::fill(words.begin() + first + 1, words.begin() + last, kAllBits);
  words[last] |= tail;
}

void KeepBitRange(std::span<uint64_t> words, size_t begin, size_t end) {
  if (begin >= end) {
    std::fill(words.begin(), words.end(), 0);
    return;
  }
  const size_t first = begin / 64;
  const size_t last = (end - 1) / 64;
  SEXTANT_DCHECK(last < words.size());
  std::fill(words.begin(), words.begin() + first, 0);
  words[first] &= BitsFrom(begin % 64);
  words[last] &= BitsBelow((end - 1) % 64 + 1);
  std::fill(words.begin() + last + 1, words.end(), 0);
}

size_t BitsToIndices(std::span<const uint64_t> words, std::span<uint32_t> indices) {
  size_t count = 0;
  for (size_t word_index = 0; word_index < words.size(); ++word_index) {
    const auto base = static_cast<uint32_t>(word_index * 64);
    for (uint64_t word = words[word_index]; word != 0; word &= word - 1) {
      indices[count++] = base + static_cast<uint32_t>(std::countr_zero(word));
    }
  }
  return count;
}

}  // namespace sextant
