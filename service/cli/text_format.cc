#include "service/cli/text_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace sextant {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// One character of UTF-8 at the start of `text`.
struct Character {
  char32_t code_point = 0;
  size_t num_bytes = 1;
  bool is_valid = false;
};

Character NextCharacter(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || length > text.size()) return {};
  char32_t code_point = first & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < kSmallest[length] || code_point > 0x10FFFF || is_surrogate) return {};
  return {code_point, length, true};
}

bool IsCombining(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
         (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE00 && c <= 0xFE0F) ||
         (c >= 0x200B && c <= 0x200F);
}

// The blocks that terminals draw two columns wide (Unicode TR 11, W and F, in whole blocks).
bool IsWide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
         (c >= 0x20000 && c <= 0x3FFFD);
}

std::string SeparateThousands(std::string digits) {
  const size_t start = digits.starts_with('-') ? 1 : 0;
  size_t end = std::min(digits.find('.'), digits.size());
  while (end > start + 3) {
    end -= 3;
    digits.insert(end, 1, ',');
  }
  return digits;
}

std::vector<std::optional<double>> Average(std::span<const std::optional<double>> values,
                                           size_t max_width) {
  if (values.size() <= max_width) return {values.begin(), values.end()};
  std::vector<std::optional<double>> averaged(max_width);
  for (size_t step = 0; step < max_width; ++step) {
    double sum = 0;
    size_t count = 0;
    for (size_t i = step * values.size() / max_width; i < (step + 1) * values.size() / max_width;
         ++i) {
      if (!values[i].has_value() || !std::isfinite(*values[i])) continue;
      sum += *values[i];
      ++count;
    }
    if (count > 0) averaged[step] = sum / static_cast<double>(count);
  }
  return averaged;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character character = NextCharacter(text);
    if (!IsCombining(character.code_point)) width += IsWide(character.code_point) ? 2 : 1;
    text.remove_prefix(character.num_bytes);
  }
  return width;
}

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const Character character = NextCharacter(text);
    const bool is_control = character.code_point < 0x20 ||
                            (character.code_point >= 0x7F && character.code_point < 0xA0);
    if (character.is_valid && !is_control) {
      printable += text.substr(0, character.num_bytes);
    } else {
      printable += kReplacement;
    }
    text.remove_prefix(character.num_bytes);
  }
  return printable;
}

std::string PrintableLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_space = absl::ascii_isspace(static_cast<unsigned char>(c));
    if (is_space && (line.empty() || line.back() == ' ')) continue;
    line += is_space ? ' ' : c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return Printable(line);
}

std::string HumanDuration(double seconds) {
  if (!std::isfinite(seconds)) return ShortestNumber(seconds);
  const std::string sign = seconds < 0 ? "-" : "";
  const double magnitude = std::abs(seconds);
  if (magnitude == 0) return "0s";
  if (magnitude < 0.001) return absl::StrCat(sign, absl::StrFormat("%.3g", magnitude * 1e6), "us");
  if (magnitude < 0.9995) return absl::StrCat(sign, absl::StrFormat("%.3g", magnitude * 1e3), "ms");
  if (magnitude < 59.95) return absl::StrCat(sign, absl::StrFormat("%.1f", magnitude), "s");
  if (magnitude >= 9e15) return absl::StrCat(HumanNumber(seconds), "s");
  struct Unit {
    int64_t seconds;
    const char* name;
    int64_t next_seconds;
    const char* next_name;
  };
  constexpr Unit kUnits[] = {{86400, "d", 3600, "h"}, {3600, "h", 60, "m"}, {60, "m", 1, "s"}};
  for (const Unit& unit : kUnits) {
    // Rounded to the smaller unit first: 59m 59.7s is 1h, not 59m 60s.
    const int64_t rounded =
        std::llround(magnitude / static_cast<double>(unit.next_seconds)) * unit.next_seconds;
    if (rounded < unit.seconds) continue;
    const int64_t rest = rounded % unit.seconds / unit.next_seconds;
    std::string text = absl::StrCat(sign, rounded / unit.seconds, unit.name);
    if (rest > 0) absl::StrAppend(&text, " ", rest, unit.next_name);
    return text;
  }
  return absl::StrCat(sign, "1m");
}

std::string HumanNumber(double value) {
  if (!std::isfinite(value)) return ShortestNumber(value);
  const double magnitude = std::abs(value);
  if (magnitude != 0 && (magnitude < 0.001 || magnitude >= 1e15))
    return absl::StrFormat("%.3g", value);
  std::string digits = absl::StrFormat("%.3f", value);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  return SeparateThousands(std::move(digits));
}

std::string HumanInteger(int64_t value) { return SeparateThousands(absl::StrCat(value)); }

std::string HumanBytes(double bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < std::size(kUnits)) {
    bytes /= 1000;
    ++unit;
  }
  const int decimals = unit == 0 || bytes >= 99.95 ? 0 : 1;
  return absl::StrFormat("%.*f %s", decimals, bytes, kUnits[unit]);
}

std::string ShortestNumber(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 32> text;
  const std::to_chars_result end = std::to_chars(text.data(), text.data() + text.size(), value);
  return std::string(text.data(), end.ptr);
}

std::string Sparkline(std::span<const std::optional<double>> values, size_t max_width) {
  constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::vector<std::optional<double>> points = Average(values, max_width);
  double min = INFINITY;
  double max = -INFINITY;
  for (const std::optional<double>& point : points) {
    if (!point.has_value() || !std::isfinite(*point)) continue;
    min = std::min(min, *point);
    max = std::max(max, *point);
  }
  std::string line;
  for (const std::optional<double>& point : points) {
    if (!point.has_value() || !std::isfinite(*point)) {
      line += ' ';
      continue;
    }
    const double fraction = max > min ? (*point / 2 - min / 2) / (max / 2 - min / 2) : 0.5;
    line += kBlocks[std::min<size_t>(7, static_cast<size_t>(fraction * 8))];
  }
  return line;
}

std::string ProgressBar(double fraction, size_t width) {
  const double clamped = fraction > 0 ? std::min(fraction, 1.0) : 0.0;
  const size_t filled = static_cast<size_t>(clamped * static_cast<double>(width));
  return absl::StrCat("[", std::string(filled, '#'), std::string(width - filled, '-'), "]");
}

std::string CsvField(std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos)
    return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string JsonString(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const Character character = NextCharacter(text);
    if (!character.is_valid) {
      quoted += kReplacement;
    } else if (character.code_point == '"' || character.code_point == '\\') {
      absl::StrAppend(&quoted, "\\", std::string(1, text.front()));
    } else if (character.code_point < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned>(character.code_point));
    } else {
      quoted += text.substr(0, character.num_bytes);
    }
    text.remove_prefix(character.num_bytes);
  }
  return quoted + '"';
}

}  // namespace sextant
