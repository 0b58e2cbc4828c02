#include "compute/plan/expression_parser/condition_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/expression_parser/function_reader.h"
#include "compute/plan/expression_parser/link_condition_reader.h"
#include "compute/plan/expression_parser/list_condition_reader.h"
#include "compute/plan/expression_parser/literal_reader.h"
#include "compute/plan/expression_parser/tree_reader.h"
#include "compute/plan/query.h"

namespace sextant {
namespace {

constexpr std::string_view kAllowedConditions =
    "= <> < <= > >=, IS [NOT] DISTINCT FROM, IN, BETWEEN, IS [NOT] NULL, TRUE, FALSE or UNKNOWN, "
    "[NOT] LIKE, ILIKE, ~ ~* !~ !~*, ANY, ALL, list && ARRAY[...], list @> ARRAY[...], AND, OR, "
    "NOT, a boolean, exists_in(link, condition)";

/// The operator that holds between the sides when they are exchanged.
CompareOp Flipped(CompareOp op) {
  switch (op) {
    case CompareOp::kLess:
      return CompareOp::kGreater;
    case CompareOp::kLessOrEqual:
      return CompareOp::kGreaterOrEqual;
    case CompareOp::kGreater:
      return CompareOp::kLess;
    case CompareOp::kGreaterOrEqual:
      return CompareOp::kLessOrEqual;
    case CompareOp::kEqual:
    case CompareOp::kNotEqual:
      return op;
  }
  return op;
}

/// How an operator of patterns reads.
struct PatternOperator {
  const char* name;
  const char* written;
  Predicate::Kind kind;
  bool case_insensitive;
  bool negated;
};
constexpr PatternOperator kPatternOperators[] = {
    {"~~", "LIKE", Predicate::Kind::kLike, false, false},
    {"!~~", "NOT LIKE", Predicate::Kind::kLike, false, true},
    {"~~*", "ILIKE", Predicate::Kind::kLike, true, false},
    {"!~~*", "NOT ILIKE", Predicate::Kind::kLike, true, true},
    {"~", "~", Predicate::Kind::kRegex, false, false},
    {"!~", "!~", Predicate::Kind::kRegex, false, true},
    {"~*", "~*", Predicate::Kind::kRegex, true, false},
    {"!~*", "!~*", Predicate::Kind::kRegex, true, true},
};

const PatternOperator* FindPatternOperator(std::string_view name) {
  for (const PatternOperator& known : kPatternOperators) {
    if (name == known.name) return &known;
  }
  return nullptr;
}

bool IsOneCharacter(std::string_view text) {
  return ScannedExpression::CharacterOffset(text, text.size()) == 1;
}

class ConditionReader {
 public:
  explicit ConditionReader(TreeReader& reader) : reader_(reader), source_(reader.source()) {}

  absl::StatusOr<Predicate> Read(const SyntaxNode& node) const {
    if (node.Is("BoolExpr")) return ReadBoolean(node);
    if (node.Is("NullTest")) return ReadNullTest(node);
    if (node.Is("BooleanTest")) return ReadBooleanTest(node);
    if (IsLinkCondition(node)) return ReadLinkCondition(reader_, node);
    return IsCondition(node) ? ReadOperator(node) : ReadBooleanValue(node);
  }

 private:
  absl::StatusOr<Predicate> ReadInto(Predicate::Kind kind, const SyntaxNode& value) const {
    Predicate predicate = reader_.Make(kind);
    SEXTANT_ASSIGN_OR_RETURN(predicate.value, reader_.ReadValue(value));
    return predicate;
  }

  absl::StatusOr<Predicate> ReadBooleanValue(const SyntaxNode& node) const {
    SEXTANT_ASSIGN_OR_RETURN(Predicate predicate, ReadInto(Predicate::Kind::kBoolean, node));
    if (predicate.value.kind != Expression::Kind::kLiteral) return predicate;
    const Literal& literal = predicate.value.literal;
    const bool is_boolean = literal.kind == Literal::Kind::kBool ||
                            literal.kind == Literal::Kind::kNull ||
                            (literal.kind == Literal::Kind::kTyped && literal.type_name == "bool");
    if (is_boolean) return predicate;
    return source_.Refuse(node, SourceText::Describe(node), kAllowedConditions);
  }

  absl::StatusOr<Predicate> ReadBoolean(const SyntaxNode& node) const {
    const std::string op = node.Text("boolop");
    Predicate predicate = reader_.Make(op == "AND_EXPR"  ? Predicate::Kind::kAnd
                                       : op == "OR_EXPR" ? Predicate::Kind::kOr
                                                         : Predicate::Kind::kNot);
    for (const SyntaxNode& argument : node.Children("args")) {
      SEXTANT_ASSIGN_OR_RETURN(Predicate child, reader_.ReadCondition(argument));
      predicate.children.push_back(std::move(child));
    }
    return predicate;
  }

  absl::StatusOr<Predicate> ReadNullTest(const SyntaxNode& node) const {
    SEXTANT_ASSIGN_OR_RETURN(Predicate predicate,
                             ReadInto(Predicate::Kind::kIsNull, node.Child("arg")));
    if (node.Text("nulltesttype") == "IS_NULL") return predicate;
    return reader_.Negate(std::move(predicate));
  }

  absl::StatusOr<Predicate> ReadBooleanTest(const SyntaxNode& node) const {
    const std::string test = node.Text("booltesttype");
    if (test == "IS_UNKNOWN" || test == "IS_NOT_UNKNOWN") {
      SEXTANT_ASSIGN_OR_RETURN(Predicate unknown, ReadUnknown(node));
      return test == "IS_UNKNOWN" ? unknown : reader_.Negate(std::move(unknown));
    }
    const bool is_true = test == "IS_TRUE" || test == "IS_NOT_TRUE";
    SEXTANT_ASSIGN_OR_RETURN(Predicate predicate, ReadInto(is_true ? Predicate::Kind::kIsTrue
                                                                   : Predicate::Kind::kIsFalse,
                                                           node.Child("arg")));
    if (test == "IS_TRUE" || test == "IS_FALSE") return predicate;
    return reader_.Negate(std::move(predicate));
  }

  /// IS NULL of a condition. A value that may be no boolean is neither TRUE nor FALSE, so that it
  /// is checked to be one.
  absl::StatusOr<Predicate> ReadUnknown(const SyntaxNode& node) const {
    SEXTANT_ASSIGN_OR_RETURN(Predicate unknown,
                             ReadInto(Predicate::Kind::kIsNull, node.Child("arg")));
    if (unknown.value.kind == Expression::Kind::kCondition) return unknown;
    Predicate neither = reader_.Make(Predicate::Kind::kAnd);
    for (const Predicate::Kind kind : {Predicate::Kind::kIsTrue, Predicate::Kind::kIsFalse}) {
      Predicate test = reader_.Make(kind);
      SEXTANT_ASSIGN_OR_RETURN(test.value, reader_.Copy(unknown.value, node));
      neither.children.push_back(reader_.Negate(std::move(test)));
    }
    return neither;
  }

  absl::StatusOr<Predicate> ReadOperator(const SyntaxNode& node) const {
    const std::string kind = node.Text("kind");
    const std::vector<std::string> names = node.Names("name");
    const std::string name = names.size() == 1 ? names[0] : "";
    const bool is_binary = node.Has("lexpr") && node.Has("rexpr");
    if (kind == "AEXPR_OP" && is_binary) {
      if (const std::optional<CompareOp> op = CompareOpNamed(name)) return ReadCompare(node, *op);
      if (name == "&&" || name == "@>" || name == "<@") return ReadListMatch(reader_, node);
    }
    if (kind == "AEXPR_OP" || kind == "AEXPR_LIKE" || kind == "AEXPR_ILIKE") {
      const PatternOperator* pattern = FindPatternOperator(name);
      if (pattern != nullptr && is_binary) return ReadPattern(node, *pattern);
    }
    if (kind == "AEXPR_DISTINCT" || kind == "AEXPR_NOT_DISTINCT") return ReadDistinct(node);
    if (kind == "AEXPR_IN") return ReadIn(reader_, node);
    if (kind == "AEXPR_BETWEEN" || kind == "AEXPR_NOT_BETWEEN") return ReadBetween(node);
    if ((kind == "AEXPR_OP_ANY" || kind == "AEXPR_OP_ALL") && CompareOpNamed(name)) {
      return ReadAnyOrAll(reader_, node);
    }
    if (kind == "AEXPR_SIMILAR") {
      return source_.Refuse(node, "SIMILAR TO",
                            "LIKE, ILIKE, and ~ and ~* with a regular expression");
    }
    const PatternOperator* pattern = FindPatternOperator(name);
    if ((kind == "AEXPR_OP_ANY" || kind == "AEXPR_OP_ALL") && pattern != nullptr) {
      return source_.Refuse(
          node, absl::StrCat(pattern->written, kind == "AEXPR_OP_ANY" ? " ANY" : " ALL"),
          absl::StrCat("one pattern: x ", pattern->written, " 'a' AND or OR x ", pattern->written,
                       " 'b'; before ANY and ALL = <> < <= > >="));
    }
    return source_.Refuse(node, SourceText::Describe(node), kAllowedConditions);
  }

  absl::StatusOr<Predicate> ReadCompare(const SyntaxNode& node, CompareOp op) const {
    SEXTANT_ASSIGN_OR_RETURN(Expression left, reader_.ReadValue(node.Child("lexpr")));
    SEXTANT_ASSIGN_OR_RETURN(Expression right, reader_.ReadValue(node.Child("rexpr")));
    return reader_.Compare(op, std::move(left), std::move(right));
  }

  absl::StatusOr<Predicate> ReadDistinct(const SyntaxNode& node) const {
    SEXTANT_ASSIGN_OR_RETURN(Predicate predicate, ReadCompare(node, CompareOp::kEqual));
    predicate.kind = Predicate::Kind::kDistinct;
    if (node.Text("kind") == "AEXPR_DISTINCT") return predicate;
    return reader_.Negate(std::move(predicate));
  }

  /// Between constants a range, else value >= a AND value <= b.
  absl::StatusOr<Predicate> ReadBetween(const SyntaxNode& node) const {
    SEXTANT_ASSIGN_OR_RETURN(Expression value, reader_.ReadValue(node.Child("lexpr")));
    SEXTANT_ASSIGN_OR_RETURN(std::vector<Expression> bounds,
                             reader_.ReadValues(node.Child("rexpr").Children("items")));
    if (bounds.size() != 2) return source_.Refuse(node, "BETWEEN", "two bounds");
    const std::optional<Literal> lower = AsLiteral(bounds[0]);
    const std::optional<Literal> upper = AsLiteral(bounds[1]);
    Predicate between = reader_.Make(Predicate::Kind::kRange);
    if (lower && upper) {
      between.value = std::move(value);
      between.lower = lower;
      between.upper = upper;
    } else {
      between.kind = Predicate::Kind::kAnd;
      SEXTANT_ASSIGN_OR_RETURN(Expression copy, reader_.Copy(value, node));
      between.children.push_back(
          reader_.Compare(CompareOp::kGreaterOrEqual, std::move(copy), std::move(bounds[0])));
      between.children.push_back(
          reader_.Compare(CompareOp::kLessOrEqual, std::move(value), std::move(bounds[1])));
    }
    if (node.Text("kind") == "AEXPR_BETWEEN") return between;
    return reader_.Negate(std::move(between));
  }

  absl::StatusOr<Literal> ReadText(const SyntaxNode& node, std::string_view allowed) const {
    SEXTANT_ASSIGN_OR_RETURN(const Expression expression, reader_.ReadValue(node));
    const std::optional<Literal> literal = AsLiteral(expression);
    const bool is_text =
        literal &&
        (literal->kind == Literal::Kind::kString || literal->kind == Literal::Kind::kNull ||
         (literal->kind == Literal::Kind::kTyped &&
          (literal->type_name == "text" || literal->type_name == "varchar")));
    if (!is_text) return source_.Refuse(node, SourceText::Describe(node), allowed);
    return *literal;
  }

  absl::StatusOr<Predicate> ReadPattern(const SyntaxNode& node,
                                        const PatternOperator& pattern) const {
    SEXTANT_ASSIGN_OR_RETURN(Predicate predicate, ReadInto(pattern.kind, node.Child("lexpr")));
    predicate.case_insensitive = pattern.case_insensitive;
    SyntaxNode text = node.Child("rexpr");
    const std::vector<std::string> escape_function = {"pg_catalog", "like_escape"};
    if (pattern.kind == Predicate::Kind::kLike && text.Is("FuncCall") &&
        text.Names("funcname") == escape_function && text.Children("args").size() == 2) {
      const std::vector<SyntaxNode> arguments = text.Children("args");
      constexpr std::string_view kAllowedEscape = "ESCAPE 'c', one character or none";
      SEXTANT_ASSIGN_OR_RETURN(const Literal escape, ReadText(arguments[1], kAllowedEscape));
      if (escape.kind == Literal::Kind::kNull ||
          (!escape.text.empty() && !IsOneCharacter(escape.text))) {
        return source_.Refuse(arguments[1], absl::StrCat("ESCAPE '", escape.text, "'"),
                              kAllowedEscape);
      }
      predicate.escape = escape.text;
      text = arguments[0];
    }
    SEXTANT_ASSIGN_OR_RETURN(Literal literal, ReadText(text, "a pattern that is a text constant"));
    predicate.literals.push_back(std::move(literal));
    return pattern.negated ? reader_.Negate(std::move(predicate)) : predicate;
  }

  TreeReader& reader_;
  const SourceText& source_;
};

}  // namespace

bool IsCondition(const SyntaxNode& node) {
  if (IsLinkCondition(node)) return true;
  if (node.Is("BoolExpr") || node.Is("NullTest") || node.Is("BooleanTest")) return true;
  return node.Is("A_Expr") && !IsFunction(node) && !IsArithmetic(node);
}

std::optional<CompareOp> CompareOpNamed(std::string_view name) {
  if (name == "=") return CompareOp::kEqual;
  if (name == "<>") return CompareOp::kNotEqual;
  if (name == "<") return CompareOp::kLess;
  if (name == "<=") return CompareOp::kLessOrEqual;
  if (name == ">") return CompareOp::kGreater;
  if (name == ">=") return CompareOp::kGreaterOrEqual;
  return std::nullopt;
}

absl::StatusOr<Predicate> TreeReader::ReadCondition(const SyntaxNode& node) {
  if (condition_depth_ >= QueryLimits().max_filter_depth) {
    return source_.Refuse(node, "conditions that nest deeper than the limit",
                          absl::StrCat(QueryLimits().max_filter_depth, " levels"));
  }
  ++condition_depth_;
  absl::StatusOr<Predicate> condition = ConditionReader(*this).Read(node);
  --condition_depth_;
  return condition;
}

Predicate TreeReader::Make(Predicate::Kind kind) const {
  Predicate predicate;
  predicate.kind = kind;
  predicate.field = source_.field();
  return predicate;
}

Predicate TreeReader::Negate(Predicate predicate) const {
  Predicate negated = Make(Predicate::Kind::kNot);
  negated.children.push_back(std::move(predicate));
  return negated;
}

Predicate TreeReader::Compare(CompareOp op, Expression left, Expression right) const {
  if (AsLiteral(left) && !AsLiteral(right)) {
    std::swap(left, right);
    op = Flipped(op);
  }
  Predicate predicate = Make(Predicate::Kind::kCompare);
  predicate.op = op;
  predicate.value = std::move(left);
  if (std::optional<Literal> literal = AsLiteral(right)) {
    predicate.literals.push_back(*std::move(literal));
  } else {
    predicate.other.push_back(std::move(right));
  }
  return predicate;
}

}  // namespace sextant
