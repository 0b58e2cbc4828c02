#include "compute/plan/text_pattern.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/regular_expression.h"
#include "compute/plan/unicode_case.h"
#include "re2/re2.h"

namespace sextant {
namespace {

/// A code point, or a byte that is no UTF-8 as a value beyond them all.
uint32_t TakeCodePoint(std::string_view& text) {
  const CodePoint point = DecodeCodePoint(text);
  const uint32_t value =
      point.is_valid ? point.value : 0x110000u + static_cast<uint8_t>(text.front());
  text.remove_prefix(point.num_bytes);
  return value;
}

/// LIKE and ILIKE.
class LikePattern final : public TextPattern {
 public:
  struct Item {
    enum class Kind { kCodePoint, kAnyOne, kAnyRun } kind;
    uint32_t code_point = 0;
  };

  LikePattern(std::vector<Item> items, bool any_case)
      : items_(std::move(items)), any_case_(any_case) {
    if (!any_case_) return;
    for (Item& item : items_) item.code_point = LowerCase(item.code_point);
  }

  /// Goes back to the last run only: what an earlier one took can stay.
  bool Matches(std::string_view text) const override {
    size_t item = 0;
    std::optional<size_t> after_run;
    std::string_view run_end;
    while (!text.empty()) {
      if (item < items_.size() && items_[item].kind == Item::Kind::kAnyRun) {
        after_run = ++item;
        run_end = text;
        continue;
      }
      std::string_view rest = text;
      if (item < items_.size() && Takes(items_[item], rest)) {
        text = rest;
        ++item;
        continue;
      }
      if (!after_run) return false;
      TakeCodePoint(run_end);
      text = run_end;
      item = *after_run;
    }
    while (item < items_.size() && items_[item].kind == Item::Kind::kAnyRun) ++item;
    return item == items_.size();
  }

 private:
  bool Takes(const Item& item, std::string_view& text) const {
    const uint32_t code_point = TakeCodePoint(text);
    if (item.kind == Item::Kind::kAnyOne) return true;
    return item.code_point == (any_case_ ? LowerCase(code_point) : code_point);
  }

  std::vector<Item> items_;
  const bool any_case_;
};

/// A LIKE without `_`: parts between the runs, compared as bytes.
class PartsPattern final : public TextPattern {
 public:
  explicit PartsPattern(std::vector<std::string> parts) : parts_(std::move(parts)) {}

  bool Matches(std::string_view text) const override {
    const std::string& first = parts_.front();
    if (parts_.size() == 1) return text == first;
    const std::string& last = parts_.back();
    if (text.size() < first.size() + last.size()) return false;
    if (!text.starts_with(first) || !text.ends_with(last)) return false;
    text = text.substr(first.size(), text.size() - first.size() - last.size());
    for (size_t i = 1; i + 1 < parts_.size(); ++i) {
      const size_t at = text.find(parts_[i]);
      if (at == std::string_view::npos) return false;
      text.remove_prefix(at + parts_[i].size());
    }
    return true;
  }

 private:
  const std::vector<std::string> parts_;  // at least one; runs lie between
};

class RegularPattern final : public TextPattern {
 public:
  explicit RegularPattern(std::unique_ptr<const RE2> expression)
      : expression_(std::move(expression)) {}

  bool Matches(std::string_view text) const override {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
  }

 private:
  const std::unique_ptr<const RE2> expression_;
};

absl::Status BadPattern(const PatternLeaf& leaf, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("pattern '", absl::CHexEscape(leaf.pattern), "': ", ToAbsl(why)));
}

absl::StatusOr<std::shared_ptr<const TextPattern>> CompileLike(const PatternLeaf& leaf) {
  using Kind = LikePattern::Item::Kind;
  std::string_view escape = leaf.escape;
  constexpr uint32_t kNoCodePoint = ~uint32_t{0};
  const uint32_t escape_point = escape.empty() ? kNoCodePoint : TakeCodePoint(escape);
  std::vector<LikePattern::Item> items;
  std::vector<std::string> parts(1);
  bool has_any_one = false;
  for (std::string_view rest = leaf.pattern; !rest.empty();) {
    std::string_view taken = rest;
    uint32_t code_point = TakeCodePoint(rest);
    const bool is_escaped = code_point == escape_point;
    if (is_escaped) {
      if (rest.empty()) return BadPattern(leaf, "nothing follows the escape character at its end");
      taken = rest;
      code_point = TakeCodePoint(rest);
    }
    if (!is_escaped && code_point == '%') {
      items.push_back({Kind::kAnyRun});
      parts.emplace_back();
    } else if (!is_escaped && code_point == '_') {
      items.push_back({Kind::kAnyOne});
      has_any_one = true;
    } else {
      items.push_back({Kind::kCodePoint, code_point});
      parts.back().append(taken.substr(0, taken.size() - rest.size()));
    }
  }
  if (has_any_one || leaf.case_insensitive) {
    return std::make_shared<const LikePattern>(std::move(items), leaf.case_insensitive);
  }
  return std::make_shared<const PartsPattern>(std::move(parts));
}

absl::StatusOr<std::shared_ptr<const TextPattern>> CompileRegular(const PatternLeaf& leaf) {
  const absl::StatusOr<std::string> translated =
      TranslateRegularExpression(leaf.pattern, leaf.case_insensitive);
  if (!translated.ok()) return BadPattern(leaf, ToStd(translated.status().message()));
  RE2::Options options;
  options.set_dot_nl(true);
  options.set_never_capture(true);
  options.set_log_errors(false);
  auto expression = std::make_unique<const RE2>(*translated, options);
  if (!expression->ok()) return BadPattern(leaf, expression->error());
  return std::make_shared<const RegularPattern>(std::move(expression));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TextPattern>> TextPattern::Compile(const PatternLeaf& leaf) {
  if (leaf.pattern.size() > kMaxPatternBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a pattern has ", leaf.pattern.size(),
                                                   " bytes; allowed are ", kMaxPatternBytes));
  }
  return leaf.is_like ? CompileLike(leaf) : CompileRegular(leaf);
}

}  // namespace sextant
