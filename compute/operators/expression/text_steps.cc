#include <algorithm>
#include <utility>

#include "compute/memory/check.h"
#include "compute/operators/expression/arithmetic_kernels.h"
#include "compute/plan/unicode_case.h"

namespace sextant {
namespace {

using CaseFunction = uint32_t (*)(uint32_t);

/// The text with every code point mapped; itself when that changes nothing.
template <CaseFunction kMap>
struct MapCase {
  uint8_t operator()(std::string_view text, std::string_view* result) const {
    *result = text;
    size_t same = 0;
    while (same < text.size() && IsSame(static_cast<uint8_t>(text[same]))) ++same;
    if (same == text.size()) return 0;
    // A code point of two bytes may become one of three; no one grows more.
    TextArena& arena = ThreadTextArena();
    char* const begin = arena.Allocate(text.size() * 3 / 2 + kMaxCodePointBytes);
    char* end = std::copy_n(text.data(), same, begin);
    for (size_t at = same; at < text.size();) {
      const CodePoint point = DecodeCodePoint(text.substr(at));
      if (point.is_valid) {
        end += EncodeCodePoint(kMap(point.value), end);
      } else {
        *end++ = text[at];
      }
      at += point.num_bytes;
    }
    const auto size = static_cast<size_t>(end - begin);
    arena.Shrink(begin, size);
    *result = {begin, size};
    return 0;
  }

 private:
  static bool IsSame(uint8_t byte) { return byte < 0x80 && kMap(byte) == byte; }
};

struct CountCodePoints {
  uint8_t operator()(std::string_view text, int64_t* result) const {
    int64_t count = 0;
    for (const char byte : text) count += (static_cast<uint8_t>(byte) & 0xC0) != 0x80 ? 1 : 0;
    *result = count;
    return 0;
  }
};

}  // namespace

ExpressionStepPtr MakeTextStep(const BoundExpression& expression, ExpressionStepPtr argument) {
  using Text = std::string_view;
  switch (expression.op) {
    case ExpressionOp::kLower:
      return MakeConvert<Text, Text>(MapCase<LowerCase>{}, std::move(argument));
    case ExpressionOp::kUpper:
      return MakeConvert<Text, Text>(MapCase<UpperCase>{}, std::move(argument));
    default:
      SEXTANT_CHECK(expression.op == ExpressionOp::kLength);
      return MakeConvert<Text, int64_t>(CountCodePoints{}, std::move(argument));
  }
}

}  // namespace sextant
