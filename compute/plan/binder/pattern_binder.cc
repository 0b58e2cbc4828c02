#include "compute/plan/binder/pattern_binder.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/text_pattern.h"

namespace sextant {
namespace {

/// What a LIKE pattern asks, where it asks for no more than a text or its beginning.
struct LikeForm {
  std::string literal;  // up to the first wildcard
  bool has_wildcard = false;
  bool is_prefix = false;  // one wildcard, a % at the end
};

/// REQUIRES: the pattern does not end in its escape character.
LikeForm FormOf(std::string_view pattern, std::string_view escape) {
  LikeForm form;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (!escape.empty() && rest.starts_with(escape)) {
      i += escape.size();
    } else if (pattern[i] == '%' || pattern[i] == '_') {
      form.is_prefix = !form.has_wildcard && pattern[i] == '%' && i + 1 == pattern.size();
      form.has_wildcard = true;
      continue;
    }
    if (!form.has_wildcard) form.literal.push_back(pattern[i]);
  }
  return form;
}

class PatternBinder {
 public:
  PatternBinder(const Predicate& predicate, const TypedExpression& value, const std::string& field)
      : predicate_(predicate), value_(value), field_(field) {}

  absl::StatusOr<BoundPredicate> Bind() const {
    SEXTANT_RETURN_IF_ERROR(CheckValue());
    if (predicate_.literals.size() != 1) {
      return FieldError(field_, "a pattern that is no constant; allowed: a text constant");
    }
    const Literal& literal = predicate_.literals[0];
    if (literal.kind == Literal::Kind::kNull) {
      return LeafPredicate(ConstantLeaf{ConstantLeaf::Value::kNull});
    }
    const bool is_text = literal.kind == Literal::Kind::kString ||
                         (literal.kind == Literal::Kind::kTyped &&
                          (literal.type_name == "text" || literal.type_name == "varchar"));
    if (!is_text) return Refuse("which is no text");
    return BindText(literal);
  }

 private:
  absl::Status Refuse(const std::string& reason) const {
    return FieldError(field_, absl::StrCat("found a pattern ", reason),
                      predicate_.literals[0].position);
  }

  absl::Status CheckValue() const {
    if (!value_.Is(TypeKind::kText)) {
      return FieldError(field_,
                        absl::StrCat(value_.text, " is ", TypeName(value_.type()),
                                     "; allowed with a pattern: text"),
                        value_.position);
    }
    if (!value_.is_blank_padded) return absl::OkStatus();
    return FieldError(field_,
                      absl::StrCat(value_.text,
                                   " is char(n), whose blanks would count in a "
                                   "pattern; allowed: a cast of it to text"),
                      value_.position);
  }

  absl::StatusOr<BoundPredicate> BindText(const Literal& literal) const {
    const bool is_like = predicate_.kind == Predicate::Kind::kLike;
    PatternLeaf leaf{ValueOf(value_), literal.text, is_like, is_like ? predicate_.escape : "",
                     predicate_.case_insensitive};
    if (const auto compiled = TextPattern::Compile(leaf); !compiled.ok()) {
      return FieldError(field_, std::string(compiled.status().message()), literal.position);
    }
    if (is_like && !leaf.case_insensitive) {
      const LikeForm form = FormOf(leaf.pattern, leaf.escape);
      if (!form.has_wildcard) return LeafPredicate(TextSetLeaf{leaf.value, {form.literal}});
      if (form.is_prefix) return BeginsWith(leaf.value, form.literal);
    }
    return LeafPredicate(std::move(leaf));
  }

  /// From the prefix to before the first text that is greater than all that begin with it.
  static BoundPredicate BeginsWith(const BoundValue& value, const std::string& prefix) {
    TextRangeLeaf leaf{.value = value, .min = prefix, .max = std::nullopt};
    std::string end = prefix;
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
    if (!end.empty()) {
      end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
      leaf.max = std::move(end);
      leaf.max_inclusive = false;
    }
    return LeafPredicate(std::move(leaf));
  }

  const Predicate& predicate_;
  const TypedExpression& value_;
  const std::string& field_;
};

}  // namespace

absl::StatusOr<BoundPredicate> BindPattern(const Predicate& predicate, const TypedExpression& value,
                                           const std::string& field) {
  return PatternBinder(predicate, value, field).Bind();
}

}  // namespace sextant
