#include "compute/plan/binder/literal_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

/// 10^38: more than any numeric(38, s) holds.
constexpr int128_t kSaturated = int128_t{10'000'000'000'000'000'000u} * 10'000'000'000'000'000'000u;
constexpr int64_t kMaxExponent = 100'000;

bool IsDigit(char letter) { return absl::ascii_isdigit(static_cast<unsigned char>(letter)); }

std::string_view Trimmed(std::string_view text) {
  return ToStd(absl::StripAsciiWhitespace(ToAbsl(text)));
}

/// The pieces of [sign] digits [. digits] [e exponent].
struct DecimalPieces {
  bool negative = false;
  std::string_view whole;
  std::string_view decimals;
  int64_t exponent = 0;
};

std::string_view TakeDigits(std::string_view& text) {
  size_t size = 0;
  while (size < text.size() && IsDigit(text[size])) ++size;
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
}

bool TakeSign(std::string_view& text) {
  if (text.empty() || (text.front() != '-' && text.front() != '+')) return false;
  const bool negative = text.front() == '-';
  text.remove_prefix(1);
  return negative;
}

std::optional<DecimalPieces> TakeApart(std::string_view text) {
  DecimalPieces pieces;
  pieces.negative = TakeSign(text);
  pieces.whole = TakeDigits(text);
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    pieces.decimals = TakeDigits(text);
  }
  if (pieces.whole.empty() && pieces.decimals.empty()) return std::nullopt;
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    const bool negative = TakeSign(text);
    const std::string_view digits = TakeDigits(text);
    if (digits.empty() || digits.size() > 9) return std::nullopt;
    for (const char digit : digits) pieces.exponent = pieces.exponent * 10 + (digit - '0');
    if (pieces.exponent > kMaxExponent) return std::nullopt;
    if (negative) pieces.exponent = -pieces.exponent;
  }
  if (!text.empty()) return std::nullopt;
  return pieces;
}

int HexDigit(char letter) {
  if (IsDigit(letter)) return letter - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(letter));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

template <typename T, typename Parse>
std::optional<double> ParseFloating(std::string_view text, Parse parse) {
  const std::string_view trimmed = Trimmed(text);
  T value = 0;
  if (!parse(ToAbsl(trimmed), &value)) return std::nullopt;
  const bool says_infinity = trimmed.find_first_of("iI") != std::string_view::npos;
  if (std::isinf(value) && !says_infinity) return std::nullopt;
  return static_cast<double>(value);
}

}  // namespace

std::optional<ScaledDecimal> ParseScaledDecimal(std::string_view text, int scale) {
  const std::optional<DecimalPieces> pieces = TakeApart(Trimmed(text));
  if (!pieces) return std::nullopt;
  // Digits before this place are part of the scaled integer, the others are cut off.
  const int64_t point = static_cast<int64_t>(pieces->whole.size()) + pieces->exponent + scale;
  const auto num_digits = static_cast<int64_t>(pieces->whole.size() + pieces->decimals.size());
  int128_t magnitude = 0;
  bool exact = true;
  for (int64_t place = 0; place < std::max(point, num_digits); ++place) {
    const auto index = static_cast<size_t>(place);
    int digit = 0;
    if (place < num_digits) {
      digit = (index < pieces->whole.size() ? pieces->whole[index]
                                            : pieces->decimals[index - pieces->whole.size()]) -
              '0';
    } else if (magnitude == 0 || magnitude == kSaturated) {
      break;
    }
    if (place >= point) {
      exact = exact && digit == 0;
    } else if (magnitude > (kSaturated - digit) / 10) {
      magnitude = kSaturated;
    } else {
      magnitude = magnitude * 10 + digit;
    }
  }
  if (!pieces->negative) return ScaledDecimal{magnitude, exact};
  return ScaledDecimal{exact ? -magnitude : -magnitude - 1, exact};
}

std::optional<double> ParseDouble(std::string_view text) {
  return ParseFloating<double>(text, absl::SimpleAtod);
}

std::optional<double> ParseFloat(std::string_view text) {
  return ParseFloating<float>(text, absl::SimpleAtof);
}

std::optional<bool> ParseBool(std::string_view text) {
  const std::string word = absl::AsciiStrToLower(ToAbsl(Trimmed(text)));
  if (word.empty()) return std::nullopt;
  for (const std::string_view name : {"true", "yes", "on", "1"}) {
    if (name.starts_with(word) && word != "o") return true;
  }
  for (const std::string_view name : {"false", "no", "off", "0"}) {
    if (name.starts_with(word) && word != "o") return false;
  }
  return std::nullopt;
}

std::optional<Wide> ParseUuid(std::string_view text) {
  std::string_view rest = text;  // PostgreSQL allows no spaces around it
  if (rest.size() >= 2 && rest.front() == '{' && rest.back() == '}') {
    rest = rest.substr(1, rest.size() - 2);
  }
  std::array<uint8_t, 16> bytes = {};
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (rest.size() < 2 || HexDigit(rest[0]) < 0 || HexDigit(rest[1]) < 0) return std::nullopt;
    bytes[i] = static_cast<uint8_t>(HexDigit(rest[0]) * 16 + HexDigit(rest[1]));
    rest.remove_prefix(2);
    const bool may_have_hyphen = i % 2 == 1 && i + 1 < bytes.size();
    if (may_have_hyphen && !rest.empty() && rest.front() == '-') rest.remove_prefix(1);
  }
  if (!rest.empty()) return std::nullopt;
  return WideOfUuid(bytes.data());
}

std::optional<std::string> ParseBytes(std::string_view text) {
  std::string bytes;
  if (text.starts_with("\\x")) {
    text.remove_prefix(2);
    if (text.size() % 2 != 0) return std::nullopt;
    for (size_t i = 0; i < text.size(); i += 2) {
      const int high = HexDigit(text[i]);
      const int low = HexDigit(text[i + 1]);
      if (high < 0 || low < 0) return std::nullopt;
      bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return bytes;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes.push_back(text[i]);
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      bytes.push_back('\\');
      ++i;
    } else {
      int value = 0;
      if (i + 3 >= text.size() || text[i + 1] > '3') return std::nullopt;
      for (size_t digit = 1; digit <= 3; ++digit) {
        if (text[i + digit] < '0' || text[i + digit] > '7') return std::nullopt;
        value = value * 8 + (text[i + digit] - '0');
      }
      bytes.push_back(static_cast<char>(value));
      i += 3;
    }
  }
  return bytes;
}

}  // namespace sextant
