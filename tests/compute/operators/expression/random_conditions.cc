#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/compute/operators/expression/expression_of.h"
#include "tests/compute/operators/expression/random_expression.h"

namespace sextant {
namespace {

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

BoundPredicate Negated(BoundPredicate predicate) {
  predicate.negated = true;
  return predicate;
}

}  // namespace

RandomExpressions::Condition RandomExpressions::Compared(int depth) {
  static constexpr Make kMakers[] = {&RandomExpressions::Integer, &RandomExpressions::Float,
                                     &RandomExpressions::Numeric, &RandomExpressions::String,
                                     &RandomExpressions::Day,     &RandomExpressions::Instant};
  static const char* const kOperators[] = {"=", "<>", "<", "<=", ">", ">="};
  const Make make = kMakers[Below(6)];
  WrittenExpression a = (this->*make)(depth);
  WrittenExpression b = (this->*make)(depth);
  if (a.bound.type.kind == TypeKind::kDecimal) {
    const int scale = std::max(a.bound.type.scale, b.bound.type.scale);
    a = AtScale(std::move(a), scale);
    b = AtScale(std::move(b), scale);
  }
  if (Below(4) == 0) {
    const BoundPredicate leaf = {DistinctLeaf{ValueOf(a.bound), ValueOf(b.bound)}};
    return {leaf, Negated(leaf), absl::StrCat("(", a.sql, " IS DISTINCT FROM ", b.sql, ")")};
  }
  const int op = Below(6);
  const BoundPredicate leaf = {
      CompareLeaf{ValueOf(a.bound), ValueOf(b.bound), static_cast<CompareOp>(op)}};
  return {leaf, Negated(leaf), absl::StrCat("(", a.sql, " ", kOperators[op], " ", b.sql, ")")};
}

RandomExpressions::Condition RandomExpressions::Matched(int depth) {
  static const std::vector<std::string> kLikes = {
      "%", "", "_", "a%", "%b", "%\xc3\x9f%", "%_b_%", "A\\%", "___", "%1%2%", "%K%", "\xc3\xa4%"};
  static const std::vector<std::string> kRegexes = {
      "a",      "^a",     "b$",          "a.*b", "[[:alpha:]]+", "^\\w+$",
      "\\d{2}", "[^a-z]", "k|s",         "^\\s", "\xc3\xa4",     "[\xc3\xa0-\xc3\xbc]",
      "(a|b)+", "^$",     "[[:upper:]]", "a.b",  "\\W"};
  WrittenExpression text = String(depth);
  PatternLeaf leaf;
  leaf.value = ValueOf(text.bound);
  leaf.is_like = Below(2) == 0;
  leaf.case_insensitive = Below(2) == 0;
  leaf.pattern = OneOf(leaf.is_like ? kLikes : kRegexes);
  leaf.escape = leaf.is_like ? "\\" : "";
  const char* op = leaf.is_like ? (leaf.case_insensitive ? " ILIKE " : " LIKE ")
                                : (leaf.case_insensitive ? " ~* " : " ~ ");
  const std::string sql =
      absl::StrCat("(", text.sql, " COLLATE \"C.utf8\"", op, Quoted(leaf.pattern), ")");
  return {{leaf}, Negated({leaf}), sql};
}

RandomExpressions::Condition RandomExpressions::TestLeaf(int depth) {
  switch (Below(5)) {
    case 0: {
      const int64_t min = Below(20) - 10;
      const WrittenExpression value = Integer(depth);
      const BoundPredicate leaf = InRange(value.bound, min, min + 5);
      return {leaf, Negated(leaf),
              absl::StrCat("(", value.sql, " BETWEEN ", min, " AND ", min + 5, ")")};
    }
    case 1: {
      const WrittenExpression value = Below(2) == 0 ? String(depth) : Numeric(depth);
      const BoundPredicate leaf = {NullLeaf{ValueOf(value.bound)}};
      return {leaf, Negated(leaf), absl::StrCat("(", value.sql, " IS NULL)")};
    }
    case 2:
      return Matched(depth);
    default:
      return Compared(depth);
  }
}

RandomExpressions::Condition RandomExpressions::Test(int depth) {
  if (depth <= 0 || Below(2) == 0) return TestLeaf(std::max(depth - 1, 0));
  Condition a = Test(depth - 1);
  Condition b = Test(depth - 1);
  switch (Below(4)) {
    case 0:
      return {{AndNode{{a.is_true, b.is_true}}},
              {OrNode{{a.is_false, b.is_false}}},
              absl::StrCat("(", a.sql, " AND ", b.sql, ")")};
    case 1:
      return {{OrNode{{a.is_true, b.is_true}}},
              {AndNode{{a.is_false, b.is_false}}},
              absl::StrCat("(", a.sql, " OR ", b.sql, ")")};
    case 2:
      return {a.is_false, a.is_true, absl::StrCat("(NOT ", a.sql, ")")};
    default:
      return {{IsTrueNode{{a.is_true}}},
              Negated({IsTrueNode{{a.is_true}}}),
              absl::StrCat("(", a.sql, " IS TRUE)")};
  }
}

}  // namespace sextant
