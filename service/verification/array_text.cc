#include "service/verification/array_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace sextant {
namespace {

constexpr char kNull[] = "NULL";

bool IsSpecial(char c) {
  return c == '{' || c == '}' || c == ',' || c == '"' || c == '\\' ||
         absl::ascii_isspace(static_cast<unsigned char>(c));
}

/// An element as it stands within the braces of an array.
std::string ElementText(const std::string& text) {
  bool is_plain = !text.empty() && !absl::EqualsIgnoreCase(text, kNull);
  for (const char c : text) is_plain = is_plain && !IsSpecial(c);
  if (is_plain) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

/// Takes an element in quotes, the first of which is taken already; false without a last one.
bool TakeQuoted(std::string_view& rest, std::string& element) {
  while (!rest.empty()) {
    char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') return true;
    if (c == '\\') {
      if (rest.empty()) return false;
      c = rest.front();
      rest.remove_prefix(1);
    }
    element.push_back(c);
  }
  return false;
}

/// Takes an element without quotes; false for none.
bool TakePlain(std::string_view& rest, std::string& element) {
  while (!rest.empty() && !IsSpecial(rest.front())) {
    element.push_back(rest.front());
    rest.remove_prefix(1);
  }
  return !element.empty();
}

bool Take(char c, std::string_view& rest) {
  if (rest.empty() || rest.front() != c) return false;
  rest.remove_prefix(1);
  return true;
}

bool TakeElement(std::string_view& rest, ArrayElements& elements) {
  std::string element;
  if (Take('"', rest)) {
    if (!TakeQuoted(rest, element)) return false;
    elements.emplace_back(std::move(element));
    return true;
  }
  if (!TakePlain(rest, element)) return false;
  if (absl::EqualsIgnoreCase(element, kNull)) {
    elements.emplace_back(std::nullopt);
  } else {
    elements.emplace_back(std::move(element));
  }
  return true;
}

}  // namespace

std::string ArrayText(const ArrayElements& elements) {
  std::string text = "{";
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) text.push_back(',');
    text += elements[i] ? ElementText(*elements[i]) : kNull;
  }
  text.push_back('}');
  return text;
}

std::optional<ArrayElements> ParseArrayText(std::string_view text) {
  ArrayElements elements;
  std::string_view rest = text;
  if (!Take('{', rest)) return std::nullopt;
  if (rest == "}") return elements;
  do {
    if (!TakeElement(rest, elements)) return std::nullopt;
  } while (Take(',', rest));
  if (rest != "}") return std::nullopt;
  return elements;
}

}  // namespace sextant
