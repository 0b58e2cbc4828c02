#include "compute/plan/unicode_case.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace sextant {
namespace {

struct CaseRun {
  uint32_t first;
  uint32_t last;
  int32_t added;
  uint32_t step;
};

#include "compute/plan/unicode_case_table.inc"

uint32_t Map(std::span<const CaseRun> runs, uint32_t code_point) {
  const auto run = std::lower_bound(
      runs.begin(), runs.end(), code_point,
      [](const CaseRun& candidate, uint32_t wanted) { return candidate.last < wanted; });
  if (run == runs.end() || code_point < run->first) return code_point;
  if ((code_point - run->first) % run->step != 0) return code_point;
  return code_point + static_cast<uint32_t>(run->added);
}

}  // namespace

uint32_t LowerCase(uint32_t code_point) {
  if (code_point < 0x80) return code_point - 'A' < 26 ? code_point + ('a' - 'A') : code_point;
  return Map(kLowerRuns, code_point);
}

uint32_t UpperCase(uint32_t code_point) {
  if (code_point < 0x80) return code_point - 'a' < 26 ? code_point - ('a' - 'A') : code_point;
  return Map(kUpperRuns, code_point);
}

CodePoint DecodeCodePoint(std::string_view text) {
  constexpr CodePoint kInvalid = {0, 1, false};
  const auto byte = [&](size_t index) { return static_cast<uint8_t>(text[index]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const uint8_t num_bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < num_bytes) return kInvalid;
  uint32_t value = lead & (0x7F >> num_bytes);
  for (size_t i = 1; i < num_bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return kInvalid;
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast[num_bytes] || value > 0x10FFFF || is_surrogate) return kInvalid;
  return {value, num_bytes, true};
}

size_t EncodeCodePoint(uint32_t code_point, char* bytes) {
  const auto tail = [&](int shift) {
    return static_cast<char>(0x80 | ((code_point >> shift) & 0x3F));
  };
  if (code_point < 0x80) {
    bytes[0] = static_cast<char>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    bytes[0] = static_cast<char>(0xC0 | code_point >> 6);
    bytes[1] = tail(0);
    return 2;
  }
  if (code_point < 0x10000) {
    bytes[0] = static_cast<char>(0xE0 | code_point >> 12);
    bytes[1] = tail(6);
    bytes[2] = tail(0);
    return 3;
  }
  bytes[0] = static_cast<char>(0xF0 | code_point >> 18);
  bytes[1] = tail(12);
  bytes[2] = tail(6);
  bytes[3] = tail(0);
  return 4;
}

}  // namespace sextant
