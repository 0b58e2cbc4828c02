#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace sextant {

/// True when `text` is UTF-8: shortest forms only, no surrogates, at most U+10FFFF (RFC 3629).
bool IsUtf8(std::string_view text);

/// True when every byte is below 0x80.
inline bool IsAscii(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  const char* bytes = text.data();
  size_t left = text.size();
  uint64_t seen = 0;
  for (; left >= 8; left -= 8, bytes += 8) {
    uint64_t word;
    std::memcpy(&word, bytes, 8);
    seen |= word;
  }
  uint64_t tail = 0;
  std::memcpy(&tail, bytes, left);
  return ((seen | tail) & kHighBits) == 0;
}

}  // namespace sextant
