#include "compute/plan/regular_expression.h"

#include <optional>
#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/unicode_case.h"

namespace sextant {
namespace {

struct CodePointRange {
  uint32_t first;
  uint32_t last;
};

#include "compute/plan/unicode_class_table.inc"

/// The inside of a bracket expression of RE2.
std::string RangeText(uint32_t first, uint32_t last) {
  if (first == last) return absl::StrFormat("\\x{%x}", first);
  return absl::StrFormat("\\x{%x}-\\x{%x}", first, last);
}

std::string RangesText(std::span<const CodePointRange> ranges) {
  std::string text;
  for (const CodePointRange& range : ranges) text += RangeText(range.first, range.last);
  return text;
}

/// The ranges of a class of characters, as iswalpha.. of C.UTF-8 have them.
std::optional<std::string> ClassText(std::string_view name, bool any_case) {
  if (any_case && (name == "upper" || name == "lower")) name = "alpha";
  if (name == "alpha") return RangesText(kAlphaRanges);
  if (name == "alnum") return RangesText(kAlphaRanges) + "0-9";
  if (name == "word") return RangesText(kAlphaRanges) + "0-9_";
  if (name == "upper") return RangesText(kUpperRanges);
  if (name == "lower") return RangesText(kLowerRanges);
  if (name == "space") return RangesText(kSpaceRanges);
  if (name == "punct") return RangesText(kPunctRanges);
  if (name == "digit") return "0-9";
  if (name == "xdigit") return "0-9A-Fa-f";
  return std::nullopt;
}

/// The control characters that may be written with a letter.
std::optional<uint32_t> ControlOf(char letter) {
  constexpr std::string_view kLetters = "aefnrtv";
  constexpr uint32_t kControls[] = {7, 27, 12, 10, 13, 9, 11};
  const size_t at = kLetters.find(letter);
  if (at == std::string_view::npos) return std::nullopt;
  return kControls[at];
}

bool IsAlnum(char letter) { return absl::ascii_isalnum(static_cast<unsigned char>(letter)); }
bool IsDigit(char letter) { return absl::ascii_isdigit(static_cast<unsigned char>(letter)); }

class Translator {
 public:
  Translator(std::string_view pattern, bool any_case) : rest_(pattern), any_case_(any_case) {}

  absl::StatusOr<std::string> Translate() {
    if (rest_.starts_with("***")) return Refuse("a director '***'");
    while (!rest_.empty()) SEXTANT_RETURN_IF_ERROR(TakeAtom());
    return std::move(out_);
  }

 private:
  static absl::Status Refuse(std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(
        "found ", ToAbsl(what),
        "; allowed: letters, ., [..], \\d \\w \\s, (..), (?:..), |, ^, $, \\A, \\Z, *, +, ?, "
        "{m,n}"));
  }

  absl::StatusOr<uint32_t> TakeCodePoint() {
    const CodePoint point = DecodeCodePoint(rest_);
    if (!point.is_valid) return Refuse("a byte that is no UTF-8");
    rest_.remove_prefix(point.num_bytes);
    return point.value;
  }

  bool Skip(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  absl::Status TakeAtom() {
    const char next = rest_.front();
    if (next == '\\') return TakeEscape();
    if (next == '[') return TakeBracket();
    if (next == '*' || next == '+' || next == '?') return TakeQuantifier(1);
    if (next == '{') return TakeBounds();
    if (next == '(') return TakeOpening();
    // After an anchor or an opening there is nothing that could be repeated.
    if (next == '|' || next == '^' || next == '$') return Copy(1, false);
    if (next == ')' || next == '.') return Copy(1, true);
    SEXTANT_ASSIGN_OR_RETURN(const uint32_t code_point, TakeCodePoint());
    AddLiteral(code_point);
    return absl::OkStatus();
  }

  absl::Status Copy(size_t size, bool is_repeatable) {
    out_.append(rest_.substr(0, size));
    rest_.remove_prefix(size);
    is_repeatable_ = is_repeatable;
    return absl::OkStatus();
  }

  absl::Status TakeOpening() {
    if (!rest_.starts_with("(?")) return Copy(1, false);
    if (!rest_.starts_with("(?:")) {
      return Refuse("'" + std::string(rest_.substr(0, 3)) + "' (lookaround or options)");
    }
    return Copy(3, false);
  }

  absl::Status TakeQuantifier(size_t size) {
    if (!is_repeatable_) return Refuse("a repetition of nothing, or of a repetition");
    SEXTANT_RETURN_IF_ERROR(Copy(size, false));
    if (Skip("?")) out_ += '?';  // the shortest match: the same answer
    return absl::OkStatus();
  }

  absl::Status TakeBounds() {
    constexpr int kMaxRepeats = 255;
    size_t size = 1;
    int numbers[2] = {0, 0};
    size_t num_commas = 0;
    for (; size < rest_.size() && (IsDigit(rest_[size]) || rest_[size] == ','); ++size) {
      if (rest_[size] == ',') {
        if (++num_commas == 2) return Refuse("a repetition of three bounds");
      } else {
        int& number = numbers[num_commas];
        number = number * 10 + (rest_[size] - '0');
        if (number > kMaxRepeats) return Refuse("more than 255 repetitions");
      }
    }
    if (rest_.size() < 2 || !IsDigit(rest_[1])) {  // not a repetition
      rest_.remove_prefix(1);
      AddLiteral('{');
      return absl::OkStatus();
    }
    if (size == rest_.size() || rest_[size] != '}') return Refuse("a repetition without its '}'");
    return TakeQuantifier(size + 1);
  }

  /// What an escape outside and inside of brackets may be: a character, or the name of a class.
  struct Escape {
    std::optional<uint32_t> code_point = std::nullopt;
    std::string_view class_name = {};
    bool is_negated = false;
  };

  absl::StatusOr<Escape> ReadEscape() {
    rest_.remove_prefix(1);
    if (rest_.empty()) return Refuse("a backslash at the end");
    const char letter = rest_.front();
    if (!IsAlnum(letter)) {
      SEXTANT_ASSIGN_OR_RETURN(const uint32_t code_point, TakeCodePoint());
      return Escape{code_point};
    }
    rest_.remove_prefix(1);
    if (const std::optional<uint32_t> control = ControlOf(letter)) return Escape{*control};
    const bool is_negated = absl::ascii_isupper(static_cast<unsigned char>(letter));
    switch (absl::ascii_tolower(static_cast<unsigned char>(letter))) {
      case 'd':
        return Escape{std::nullopt, "digit", is_negated};
      case 'w':
        return Escape{std::nullopt, "word", is_negated};
      case 's':
        return Escape{std::nullopt, "space", is_negated};
      default:
        return Refuse(std::string("'\\") + letter + "'");
    }
  }

  absl::Status TakeEscape() {
    if (Skip("\\A")) return Add("\\A", false);
    if (Skip("\\Z")) return Add("\\z", false);
    SEXTANT_ASSIGN_OR_RETURN(const Escape escape, ReadEscape());
    if (escape.code_point) {
      AddLiteral(*escape.code_point);
      return absl::OkStatus();
    }
    return Add(
        absl::StrCat(escape.is_negated ? "[^" : "[", *ClassText(escape.class_name, false), "]"),
        true);
  }

  absl::Status Add(std::string_view text, bool is_repeatable) {
    out_.append(text);
    is_repeatable_ = is_repeatable;
    return absl::OkStatus();
  }

  void AddLiteral(uint32_t code_point) {
    const uint32_t lower = any_case_ ? LowerCase(code_point) : code_point;
    const uint32_t upper = any_case_ ? UpperCase(code_point) : code_point;
    out_ += lower == upper
                ? RangeText(lower, lower)
                : absl::StrCat("[", RangeText(lower, lower), RangeText(upper, upper), "]");
    is_repeatable_ = true;
  }

  absl::Status TakeBracket() {
    rest_.remove_prefix(1);
    std::string inside;
    const bool is_negated = Skip("^");
    bool is_first = true;
    while (!rest_.empty() && (is_first || rest_.front() != ']')) {
      SEXTANT_RETURN_IF_ERROR(TakeMember(is_first, inside));
      is_first = false;
    }
    if (!Skip("]")) return Refuse("a '[' without its ']'");
    return Add(absl::StrCat(is_negated ? "[^" : "[", inside, "]"), true);
  }

  absl::Status TakeMember(bool is_first, std::string& inside) {
    if (Skip("[:")) {
      const size_t end = rest_.find(":]");
      if (end == std::string_view::npos) return Refuse("a '[:' without its ':]'");
      const std::string_view name = rest_.substr(0, end);
      const std::optional<std::string> ranges =
          name == "word" ? std::nullopt : ClassText(name, any_case_);
      if (!ranges) return Refuse("the class '[:" + std::string(name) + ":]'");
      inside += *ranges;
      rest_.remove_prefix(end + 2);
      return absl::OkStatus();
    }
    if (rest_.starts_with("-") && !is_first && !rest_.starts_with("-]")) {
      return Refuse("a '-' in the midst of brackets that is no range");
    }
    SEXTANT_ASSIGN_OR_RETURN(const Escape first, TakeEnd());
    if (!first.code_point) {
      if (first.is_negated) return Refuse("\\D, \\W or \\S in brackets");
      inside += *ClassText(first.class_name, false);
      return absl::OkStatus();
    }
    if (!rest_.starts_with("-") || rest_.starts_with("-]")) {
      AddRange(*first.code_point, *first.code_point, inside);
      return absl::OkStatus();
    }
    rest_.remove_prefix(1);
    if (rest_.empty()) return Refuse("a '[' without its ']'");
    SEXTANT_ASSIGN_OR_RETURN(const Escape last, TakeEnd());
    if (!last.code_point || *last.code_point < *first.code_point) {
      return Refuse("a range that ends before it begins");
    }
    AddRange(*first.code_point, *last.code_point, inside);
    return absl::OkStatus();
  }

  /// One end of a range, or a member of its own.
  absl::StatusOr<Escape> TakeEnd() {
    if (rest_.starts_with("\\")) return ReadEscape();
    if (rest_.starts_with("[.") || rest_.starts_with("[=") || rest_.starts_with("[:")) {
      return Refuse("'" + std::string(rest_.substr(0, 2)) + "'");
    }
    SEXTANT_ASSIGN_OR_RETURN(const uint32_t code_point, TakeCodePoint());
    return Escape{code_point};
  }

  /// Of any case: the range, and the other cases of what is in it. A single one is not itself a
  /// case of itself: that of a titlecase letter is missing in PostgreSQL too.
  void AddRange(uint32_t first, uint32_t last, std::string& inside) const {
    if (!any_case_ || first != last) inside += RangeText(first, last);
    if (!any_case_) return;
    for (uint32_t code_point = first; code_point <= last; ++code_point) {
      const uint32_t lower = LowerCase(code_point);
      const uint32_t upper = UpperCase(code_point);
      if (first != last && lower == code_point && upper == code_point) continue;
      inside += RangeText(lower, lower);
      if (upper != lower) inside += RangeText(upper, upper);
    }
  }

  std::string_view rest_;
  const bool any_case_;
  std::string out_;
  bool is_repeatable_ = false;  // what was written last
};

}  // namespace

absl::StatusOr<std::string> TranslateRegularExpression(std::string_view pattern,
                                                       bool case_insensitive) {
  return Translator(pattern, case_insensitive).Translate();
}

}  // namespace sextant
