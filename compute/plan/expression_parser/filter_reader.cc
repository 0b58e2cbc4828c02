#include "compute/plan/expression_parser/filter_reader.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/plan/query.h"

namespace sextant {
namespace {

constexpr std::string_view kAllowedConditions =
    "comparisons of a value with a constant, IN, BETWEEN, IS [NOT] NULL, IS [NOT] TRUE or FALSE, a "
    "boolean column, constant = ANY (list column), && and @> with ARRAY[...], AND, OR, NOT";

std::optional<CompareOp> CompareOpOf(std::string_view name) {
  if (name == "=") return CompareOp::kEqual;
  if (name == "<>") return CompareOp::kNotEqual;
  if (name == "<") return CompareOp::kLess;
  if (name == "<=") return CompareOp::kLessOrEqual;
  if (name == ">") return CompareOp::kGreater;
  if (name == ">=") return CompareOp::kGreaterOrEqual;
  return std::nullopt;
}

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

Predicate Negated(Predicate predicate) {
  Predicate negated;
  negated.kind = Predicate::Kind::kNot;
  negated.field = predicate.field;
  negated.children.push_back(std::move(predicate));
  return negated;
}

/// Reads one tree. Depth is counted so that no text makes it recurse far.
class FilterReader {
 public:
  explicit FilterReader(const ExpressionReader& reader) : reader_(reader) {}

  absl::StatusOr<Predicate> Read(const SyntaxNode& node, int depth) const {
    if (depth > QueryLimits().max_filter_depth) {
      return reader_.Refuse(node, "conditions that nest deeper than the limit",
                            absl::StrCat(QueryLimits().max_filter_depth, " levels"));
    }
    if (node.Is("BoolExpr")) return ReadBoolean(node, depth);
    if (node.Is("NullTest")) return ReadNullTest(node);
    if (node.Is("BooleanTest")) return ReadBooleanTest(node);
    if (node.Is("ColumnRef")) return ReadValueInto(Make(Predicate::Kind::kBoolean), node);
    if (node.Is("A_Expr")) return ReadOperator(node);
    return reader_.Refuse(node, ExpressionReader::Describe(node), kAllowedConditions);
  }

 private:
  Predicate Make(Predicate::Kind kind) const {
    Predicate predicate;
    predicate.kind = kind;
    predicate.field = reader_.field();
    return predicate;
  }

  absl::StatusOr<Predicate> ReadValueInto(Predicate predicate, const SyntaxNode& value) const {
    absl::StatusOr<Expression> read = reader_.ReadValue(value);
    if (!read.ok()) return read.status();
    predicate.value = *std::move(read);
    return predicate;
  }

  absl::StatusOr<Predicate> ReadBoolean(const SyntaxNode& node, int depth) const {
    const std::string op = node.Text("boolop");
    Predicate predicate = Make(op == "AND_EXPR"  ? Predicate::Kind::kAnd
                               : op == "OR_EXPR" ? Predicate::Kind::kOr
                                                 : Predicate::Kind::kNot);
    for (const SyntaxNode& argument : node.Children("args")) {
      absl::StatusOr<Predicate> child = Read(argument, depth + 1);
      if (!child.ok()) return child;
      predicate.children.push_back(*std::move(child));
    }
    return predicate;
  }

  absl::StatusOr<Predicate> ReadNullTest(const SyntaxNode& node) const {
    absl::StatusOr<Predicate> predicate =
        ReadValueInto(Make(Predicate::Kind::kIsNull), node.Child("arg"));
    if (!predicate.ok() || node.Text("nulltesttype") == "IS_NULL") return predicate;
    return Negated(*std::move(predicate));
  }

  absl::StatusOr<Predicate> ReadBooleanTest(const SyntaxNode& node) const {
    const std::string test = node.Text("booltesttype");
    const bool is_true = test == "IS_TRUE" || test == "IS_NOT_TRUE";
    const bool is_false = test == "IS_FALSE" || test == "IS_NOT_FALSE";
    if (!is_true && !is_false) {
      return reader_.Refuse(node, "IS [NOT] UNKNOWN", "IS [NOT] NULL, IS [NOT] TRUE or FALSE");
    }
    absl::StatusOr<Predicate> predicate = ReadValueInto(
        Make(is_true ? Predicate::Kind::kIsTrue : Predicate::Kind::kIsFalse), node.Child("arg"));
    if (!predicate.ok() || test == "IS_TRUE" || test == "IS_FALSE") return predicate;
    return Negated(*std::move(predicate));
  }

  absl::StatusOr<Predicate> ReadOperator(const SyntaxNode& node) const {
    const std::string kind = node.Text("kind");
    const std::vector<std::string> names = node.Names("name");
    const std::string name = names.size() == 1 ? names[0] : "";
    if (kind == "AEXPR_OP" && node.Has("lexpr") && node.Has("rexpr")) {
      if (const std::optional<CompareOp> op = CompareOpOf(name)) return ReadComparison(node, *op);
      if (name == "&&" || name == "@>" || name == "<@") return ReadListMatch(node, name);
    }
    if (kind == "AEXPR_IN") return ReadIn(node, name == "<>");
    if (kind == "AEXPR_BETWEEN") return ReadBetween(node, /*negated=*/false);
    if (kind == "AEXPR_NOT_BETWEEN") return ReadBetween(node, /*negated=*/true);
    if (kind == "AEXPR_OP_ANY" && name == "=") return ReadEqualsAny(node);
    return reader_.Refuse(node, ExpressionReader::Describe(node), kAllowedConditions);
  }

  absl::StatusOr<Predicate> ReadComparison(const SyntaxNode& node, CompareOp op) const {
    SyntaxNode value = node.Child("lexpr");
    SyntaxNode literal = node.Child("rexpr");
    if (ExpressionReader::LooksLikeLiteral(value)) {
      std::swap(value, literal);
      op = Flipped(op);
    }
    absl::StatusOr<Predicate> predicate = ReadValueInto(Make(Predicate::Kind::kCompare), value);
    if (!predicate.ok()) return predicate;
    absl::StatusOr<Literal> read = reader_.ReadLiteral(literal);
    if (!read.ok()) return read.status();
    predicate->op = op;
    predicate->literals.push_back(*std::move(read));
    return predicate;
  }

  absl::StatusOr<Predicate> ReadIn(const SyntaxNode& node, bool negated) const {
    absl::StatusOr<Predicate> predicate =
        ReadValueInto(Make(Predicate::Kind::kIn), node.Child("lexpr"));
    if (!predicate.ok()) return predicate;
    absl::StatusOr<std::vector<Literal>> literals =
        reader_.ReadLiterals(node.Child("rexpr").Children("items"));
    if (!literals.ok()) return literals.status();
    predicate->literals = *std::move(literals);
    return negated ? Negated(*std::move(predicate)) : *std::move(predicate);
  }

  absl::StatusOr<Predicate> ReadBetween(const SyntaxNode& node, bool negated) const {
    absl::StatusOr<Predicate> predicate =
        ReadValueInto(Make(Predicate::Kind::kRange), node.Child("lexpr"));
    if (!predicate.ok()) return predicate;
    absl::StatusOr<std::vector<Literal>> bounds =
        reader_.ReadLiterals(node.Child("rexpr").Children("items"));
    if (!bounds.ok()) return bounds.status();
    if (bounds->size() != 2) return reader_.Refuse(node, "BETWEEN", "two bounds");
    predicate->lower = std::move((*bounds)[0]);
    predicate->upper = std::move((*bounds)[1]);
    return negated ? Negated(*std::move(predicate)) : *std::move(predicate);
  }

  /// constant = ANY (list column), or value = ANY (ARRAY[...]), which is IN.
  absl::StatusOr<Predicate> ReadEqualsAny(const SyntaxNode& node) const {
    const SyntaxNode left = node.Child("lexpr");
    const SyntaxNode right = node.Child("rexpr");
    if (ExpressionReader::LooksLikeArray(right)) {
      absl::StatusOr<Predicate> predicate = ReadValueInto(Make(Predicate::Kind::kIn), left);
      if (!predicate.ok()) return predicate;
      absl::StatusOr<std::vector<Literal>> literals = reader_.ReadArray(right);
      if (!literals.ok()) return literals.status();
      predicate->literals = *std::move(literals);
      return predicate;
    }
    absl::StatusOr<Literal> literal = reader_.ReadLiteral(left);
    if (!literal.ok()) return literal.status();
    if (!right.Is("ColumnRef")) {
      return reader_.Refuse(right, ExpressionReader::Describe(right), "the name of a list column");
    }
    absl::StatusOr<Predicate> predicate = ReadValueInto(Make(Predicate::Kind::kList), right);
    if (!predicate.ok()) return predicate;
    predicate->list_match = ListMatch::kEqualsAny;
    predicate->literals.push_back(*std::move(literal));
    return predicate;
  }

  /// list && ARRAY[...] either way around, list @> ARRAY[...], ARRAY[...] <@ list.
  absl::StatusOr<Predicate> ReadListMatch(const SyntaxNode& node, std::string_view op) const {
    SyntaxNode list = node.Child("lexpr");
    SyntaxNode values = node.Child("rexpr");
    const bool array_first = ExpressionReader::LooksLikeArray(list);
    if (op == "<@" || (op == "&&" && array_first)) std::swap(list, values);
    if (!list.Is("ColumnRef")) {
      return reader_.Refuse(list, ExpressionReader::Describe(list), "the name of a list column");
    }
    absl::StatusOr<Predicate> predicate = ReadValueInto(Make(Predicate::Kind::kList), list);
    if (!predicate.ok()) return predicate;
    absl::StatusOr<std::vector<Literal>> literals = reader_.ReadArray(values);
    if (!literals.ok()) return literals.status();
    predicate->list_match = op == "&&" ? ListMatch::kAnyOf : ListMatch::kAllOf;
    predicate->literals = *std::move(literals);
    return predicate;
  }

  const ExpressionReader& reader_;
};

}  // namespace

absl::StatusOr<Predicate> ReadFilter(const ExpressionReader& reader, const SyntaxNode& node) {
  return FilterReader(reader).Read(node, 1);
}

}  // namespace sextant
