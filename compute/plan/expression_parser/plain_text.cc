#include "compute/plan/expression_parser/plain_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/expression_parser/sql_keywords.h"

namespace sextant {
namespace {

/// PostgreSQL cuts longer names off.
constexpr size_t kMaxNameBytes = 63;

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

bool IsBlank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

bool IsWordByte(char byte) {
  return absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '_' || byte == '$' ||
         static_cast<unsigned char>(byte) >= 0x80;
}

bool IsPlainNameByte(char byte) {
  return (byte >= 'a' && byte <= 'z') || IsDigit(byte) || byte == '_';
}

}  // namespace

void PlainText::SkipBlanks() {
  while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
}

size_t PlainText::WordEnd() const {
  size_t end = at_;
  while (end < text_.size() && IsWordByte(text_[end])) ++end;
  return end;
}

bool PlainText::Take(std::string_view token) {
  if (text_.substr(at_, token.size()) != token) return false;
  at_ += token.size();
  SkipBlanks();
  return true;
}

bool PlainText::TakeKeyword(std::string_view lower_case) {
  const size_t end = WordEnd();
  if (!absl::EqualsIgnoreCase(ToAbsl(text_.substr(at_, end - at_)), ToAbsl(lower_case))) {
    return false;
  }
  at_ = end;
  SkipBlanks();
  return true;
}

std::string_view PlainText::TakeName() {
  const size_t end = WordEnd();
  const std::string_view name = text_.substr(at_, end - at_);
  const bool is_name = !name.empty() && !IsDigit(name[0]) && name.size() <= kMaxNameBytes &&
                       std::all_of(name.begin(), name.end(), IsPlainNameByte) &&
                       !IsSyntaxKeyword(name);
  if (!is_name) return {};
  at_ = end;
  SkipBlanks();
  return name;
}

std::string_view PlainText::TakeNumber() {
  size_t end = at_;
  while (end < text_.size() && IsDigit(text_[end])) ++end;
  const bool has_point =
      end > at_ && end + 1 < text_.size() && text_[end] == '.' && IsDigit(text_[end + 1]);
  if (has_point) {
    ++end;
    while (end < text_.size() && IsDigit(text_[end])) ++end;
  }
  const std::string_view number = text_.substr(at_, end - at_);
  at_ = end;
  SkipBlanks();
  return number;
}

char PlainText::TakeOperator() {
  if (AtEnd() || std::string_view("+-*/").find(text_[at_]) == std::string_view::npos) return 0;
  const char taken = text_[at_++];
  SkipBlanks();
  return taken;
}

}  // namespace sextant
