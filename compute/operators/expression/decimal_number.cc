#include "compute/operators/expression/decimal_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "compute/kernels/exact_division.h"

namespace sextant {
namespace {

constexpr int kMaxPower = 38;

constexpr std::array<int128_t, kMaxPower + 1> PowersOfTen() {
  std::array<int128_t, kMaxPower + 1> powers{};
  powers[0] = 1;
  for (int i = 1; i <= kMaxPower; ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr std::array<int128_t, kMaxPower + 1> kPowersOfTen = PowersOfTen();

struct Quotient {
  int128_t whole;
  int128_t rest;
};

/// Most values have 64 bits, which divide in a tenth of the time.
Quotient Divide(int128_t value, int128_t divisor) {
  const auto narrow = static_cast<int64_t>(value);
  const auto narrow_divisor = static_cast<int64_t>(divisor);
  if (narrow == value && narrow_divisor == divisor) {
    return {narrow / narrow_divisor, narrow % narrow_divisor};
  }
  return {value / divisor, value % divisor};
}

/// The significant digits of a number as written, and the power of ten that they are times.
class DigitReader {
 public:
  void Add(char digit) {
    const int value = digit - '0';
    if (digits_ == 0 && value == 0) return;
    if (num_digits_ == kMaxPower) {
      if (num_dropped_++ == 0) first_dropped_ = value;
      return;
    }
    digits_ = digits_ * 10 + value;
    ++num_digits_;
  }
  void CountFraction() { --exponent_; }
  void AddExponent(int64_t exponent) { exponent_ += exponent; }

  /// Of the digits that were dropped, only the first may matter: whether it makes half.
  std::optional<int128_t> AtScale(int scale) const {
    if (digits_ == 0) return 0;
    const int64_t shift = exponent_ + num_dropped_ + scale;
    if (shift + num_digits_ > kMaxPower) return std::nullopt;
    if (-shift > kMaxPower) return 0;
    int128_t rounded = 0;
    if (shift >= 0) {
      rounded = digits_ * kPowersOfTen[shift] + (first_dropped_ >= 5 ? 1 : 0);
    } else {
      const int128_t divisor = kPowersOfTen[-shift];
      const int128_t rest = digits_ % divisor;
      rounded = digits_ / divisor + (rest >= divisor - rest ? 1 : 0);
    }
    if (rounded >= kPowersOfTen[kMaxPower]) return std::nullopt;
    return rounded;
  }

 private:
  int128_t digits_ = 0;  // the first 38
  int num_digits_ = 0;
  int first_dropped_ = 0;
  int64_t num_dropped_ = 0;
  int64_t exponent_ = 0;
};

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

/// Consumes the digits of a mantissa; returns whether there was one.
bool ReadMantissa(std::string_view& text, DigitReader& reader) {
  bool any = false;
  bool after_point = false;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !after_point) {
      after_point = true;
    } else if (text[at] >= '0' && text[at] <= '9') {
      reader.Add(text[at]);
      if (after_point) reader.CountFraction();
      any = true;
    } else {
      break;
    }
  }
  text.remove_prefix(at);
  return any;
}

/// By way of the digits, which the standard library rounds once.
template <typename Number>
Number NumberOfDigits(int128_t value, int scale) {
  char buffer[kMaxDecimalChars];
  const size_t size = FormatDecimal(value, scale, buffer);
  Number number = 0;
  std::from_chars(buffer, buffer + size, number);
  return number;
}

}  // namespace

int128_t PowerOfTen(int exponent) { return kPowersOfTen[exponent]; }

bool RescaleDecimal(int128_t value, int from, int to, DecimalRounding rounding, int128_t* result) {
  if (to >= from) return !__builtin_mul_overflow(value, kPowersOfTen[to - from], result);
  const int128_t divisor = kPowersOfTen[from - to];
  const Quotient quotient = Divide(value, divisor);
  const int128_t rest = quotient.rest < 0 ? -quotient.rest : quotient.rest;
  int step = 0;
  switch (rounding) {
    case DecimalRounding::kHalfAwayFromZero:
      step = rest >= divisor - rest ? (value < 0 ? -1 : 1) : 0;
      break;
    case DecimalRounding::kFloor:
      step = quotient.rest < 0 ? -1 : 0;
      break;
    case DecimalRounding::kCeil:
      step = quotient.rest > 0 ? 1 : 0;
      break;
    case DecimalRounding::kTruncate:
      break;
  }
  *result = quotient.whole + step;
  return true;
}

double DecimalToDouble(int128_t value, int scale) {
  constexpr int kExactScale = 18;  // 10^18 < 2^63
  if (scale > kExactScale) return NumberOfDigits<double>(value, scale);
  return DivideExactly(value, static_cast<uint64_t>(kPowersOfTen[scale]));
}

double DecimalToSingle(int128_t value, int scale) { return NumberOfDigits<float>(value, scale); }

std::optional<int128_t> DecimalOfDouble(double value, int digits, int scale) {
  if (!std::isfinite(value)) return std::nullopt;
  char buffer[32];
  const std::to_chars_result written = std::to_chars(buffer, buffer + sizeof(buffer), value,
                                                     std::chars_format::scientific, digits - 1);
  return ParseDecimal({buffer, static_cast<size_t>(written.ptr - buffer)}, scale);
}

std::optional<int128_t> ParseDecimal(std::string_view text, int scale) {
  constexpr int64_t kMaxExponent = 100'000;  // beyond every scale; PostgreSQL refuses more
  text = Trimmed(text);
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  DigitReader reader;
  if (!ReadMantissa(text, reader)) return std::nullopt;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    const bool is_positive = text.starts_with('+');
    if (is_positive) text.remove_prefix(1);
    int64_t exponent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    const bool is_signed_twice = is_positive && text.starts_with('-');
    if (error != std::errc() || is_signed_twice || std::abs(exponent) > kMaxExponent) {
      return std::nullopt;
    }
    reader.AddExponent(exponent);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
  }
  if (!text.empty()) return std::nullopt;
  const std::optional<int128_t> magnitude = reader.AtScale(scale);
  if (!magnitude) return std::nullopt;
  return is_negative ? -*magnitude : *magnitude;
}

size_t FormatDecimal(int128_t value, int scale, char* buffer) {
  char reversed[kMaxDecimalChars];
  size_t size = 0;
  auto rest = static_cast<uint128_t>(value);
  if (value < 0) rest = 0 - rest;
  for (int position = 0; rest != 0 || position <= scale; ++position) {
    if (position == scale && scale > 0) reversed[size++] = '.';
    reversed[size++] = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (value < 0) reversed[size++] = '-';
  std::reverse_copy(reversed, reversed + size, buffer);
  return size;
}

}  // namespace sextant
