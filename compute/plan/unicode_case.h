#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sextant {

/// The case of code points as PostgreSQL has it with the collation C.UTF-8 (rule 7): towlower and
/// towupper of that locale, which a container may not have. Itself when there is no other case.
uint32_t LowerCase(uint32_t code_point);
uint32_t UpperCase(uint32_t code_point);

/// The first code point of a text.
struct CodePoint {
  uint32_t value = 0;
  uint8_t num_bytes = 1;
  bool is_valid = true;  // else a byte that is no UTF-8
};
/// REQUIRES: `text` is not empty.
CodePoint DecodeCodePoint(std::string_view text);

inline constexpr size_t kMaxCodePointBytes = 4;
/// Writes UTF-8; returns how many bytes.
size_t EncodeCodePoint(uint32_t code_point, char* bytes);

}  // namespace sextant
