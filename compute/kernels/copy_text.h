#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace sextant {

/// Copies the bytes of `text`, most often of 8 to 16: both ends of a short one, which may overlap,
/// without a call.
inline void CopyText(std::string_view text, char* to) {
  const auto copy_ends = [&]<size_t size>(std::integral_constant<size_t, size>) {
    char first[size];
    char last[size];
    std::memcpy(first, text.data(), size);
    std::memcpy(last, text.data() + text.size() - size, size);
    std::memcpy(to, first, size);
    std::memcpy(to + text.size() - size, last, size);
  };
  if (text.size() > 32) {
    std::memcpy(to, text.data(), text.size());
  } else if (text.size() > 16) {
    copy_ends(std::integral_constant<size_t, 16>());
  } else if (text.size() >= 8) {
    copy_ends(std::integral_constant<size_t, 8>());
  } else if (text.size() >= 4) {
    copy_ends(std::integral_constant<size_t, 4>());
  } else {
    for (size_t i = 0; i < text.size(); ++i) to[i] = text[i];
  }
}

}  // namespace sextant
