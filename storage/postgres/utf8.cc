#include "storage/postgres/utf8.h"

namespace sextant {
namespace {

struct Sequence {
  size_t num_bytes;
  uint32_t code_point;
  uint32_t smallest;  // a smaller code point has a shorter form
};

// What a leading byte >= 0x80 announces; num_bytes 0 when it is none.
Sequence Announced(unsigned char lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return {2, lead & 0x1Fu, 0x80};
  if (lead >= 0xE0 && lead <= 0xEF) return {3, lead & 0x0Fu, 0x800};
  if (lead >= 0xF0 && lead <= 0xF4) return {4, lead & 0x07u, 0x10000};
  return {0, 0, 0};
}

}  // namespace

bool IsUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    Sequence sequence = Announced(lead);
    if (sequence.num_bytes == 0 || text.size() - at < sequence.num_bytes) return false;
    for (size_t i = 1; i < sequence.num_bytes; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      if ((byte & 0xC0) != 0x80) return false;
      sequence.code_point = sequence.code_point << 6 | (byte & 0x3Fu);
    }
    const uint32_t code_point = sequence.code_point;
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < sequence.smallest || is_surrogate || code_point > 0x10FFFF) return false;
    at += sequence.num_bytes;
  }
  return true;
}

}  // namespace sextant
