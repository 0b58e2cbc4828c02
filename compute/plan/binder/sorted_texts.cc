#include "compute/plan/binder/sorted_texts.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>

namespace sextant {
namespace {

struct KeyedText {
  uint64_t first_bytes = 0;  // as a number of which the first byte is the highest
  uint32_t position = 0;
};

uint64_t FirstBytes(const std::string& text) {
  char bytes[sizeof(uint64_t)] = {};
  std::memcpy(bytes, text.data(), std::min(text.size(), sizeof bytes));
  const auto number = std::bit_cast<uint64_t>(bytes);
  return std::endian::native == std::endian::little ? __builtin_bswap64(number) : number;
}

}  // namespace

void SortDistinctTexts(std::vector<std::string>& texts) {
  if (std::adjacent_find(texts.begin(), texts.end(), std::greater_equal<>()) == texts.end()) return;
  std::vector<KeyedText> keys(texts.size());
  for (uint32_t i = 0; i < keys.size(); ++i) keys[i] = {FirstBytes(texts[i]), i};
  std::sort(keys.begin(), keys.end(), [&](const KeyedText& a, const KeyedText& b) {
    if (a.first_bytes != b.first_bytes) return a.first_bytes < b.first_bytes;
    return texts[a.position] < texts[b.position];
  });
  std::vector<std::string> sorted;
  sorted.reserve(texts.size());
  for (const KeyedText& key : keys) {
    std::string& text = texts[key.position];
    if (sorted.empty() || sorted.back() != text) sorted.push_back(std::move(text));
  }
  texts = std::move(sorted);
}

}  // namespace sextant
