#include "compute/column/float_digits.h"

#include <algorithm>
#include <cmath>

namespace sextant {
namespace {

/// False of an infinity and of NaN.
template <typename Float>
bool AllHave(std::span<const Float> values, double power) {
  uint32_t num_others = 0;
  for (const Float value : values) {
    const auto x = static_cast<double>(value);
    const auto decimal = static_cast<double>(DecimalOf(x, power));
    const bool has =
        std::abs(x * power) <= static_cast<double>(kMaxDecimal) && decimal / power == x;
    num_others += has ? 0 : 1;
  }
  return num_others == 0;
}

template <typename Float>
uint8_t DigitsOf(std::span<const Float> values, uint8_t digits) {
  constexpr size_t kBlock = 256;
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    const std::span<const Float> block =
        values.subspan(begin, std::min(kBlock, values.size() - begin));
    while (digits <= kMaxDigits && !AllHave(block, kPowersOfDigits[digits])) ++digits;
    if (digits > kMaxDigits) return kNoDigits;
  }
  return digits;
}

}  // namespace

uint8_t DigitsOfAll(std::span<const double> values, uint8_t digits) {
  return DigitsOf(values, digits);
}
uint8_t DigitsOfAll(std::span<const float> values, uint8_t digits) {
  return DigitsOf(values, digits);
}

}  // namespace sextant
