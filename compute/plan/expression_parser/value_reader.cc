#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/expression_parser/aggregate_names.h"
#include "compute/plan/expression_parser/aggregate_reader.h"
#include "compute/plan/expression_parser/condition_reader.h"
#include "compute/plan/expression_parser/function_reader.h"
#include "compute/plan/expression_parser/literal_reader.h"
#include "compute/plan/expression_parser/tree_reader.h"

namespace sextant {
namespace {

constexpr std::string_view kAllowedValue =
    "columns, constants, + - * / %, CASE, casts, conditions and functions of the list";

size_t CountNodes(const Expression& expression);

size_t CountNodes(const Predicate& predicate) {
  size_t count = 1 + predicate.literals.size() + CountNodes(predicate.value);
  for (const Expression& other : predicate.other) count += CountNodes(other);
  for (const Predicate& child : predicate.children) count += CountNodes(child);
  return count;
}

size_t CountNodes(const Expression& expression) {
  size_t count = 1;
  for (const Expression& argument : expression.arguments) count += CountNodes(argument);
  for (const Predicate& condition : expression.conditions) count += CountNodes(condition);
  for (const AggregateCall& call : expression.aggregates) {
    for (const Expression& argument : call.arguments) count += CountNodes(argument);
    for (const Predicate& filter : call.filter) count += CountNodes(filter);
  }
  return count;
}

}  // namespace

bool IsArithmetic(const SyntaxNode& node) {
  if (!node.Is("A_Expr") || node.Text("kind") != "AEXPR_OP" || !node.Has("rexpr")) return false;
  const std::vector<std::string> names = node.Names("name");
  if (names.size() != 1 || names[0].size() != 1) return false;
  return std::string_view(node.Has("lexpr") ? "+-*/%" : "+-").find(names[0]) !=
         std::string_view::npos;
}

Expression CastTo(Expression expression, const std::string& type_name,
                  const std::string& modifiers) {
  if (expression.kind == Expression::Kind::kLiteral) {
    if (std::optional<Literal> typed = CastLiteral(expression.literal, type_name)) {
      expression.literal = *std::move(typed);
      if (modifiers.empty()) return expression;
    }
  }
  Expression cast;
  cast.kind = Expression::Kind::kCast;
  cast.name = absl::StrCat(type_name, modifiers);
  cast.position = expression.position;
  cast.arguments.push_back(std::move(expression));
  return cast;
}

absl::StatusOr<Expression> TreeReader::Copy(const Expression& expression, const SyntaxNode& node) {
  num_copied_ += CountNodes(expression);
  if (num_copied_ > kMaxCopiedNodes) {
    return source_.Refuse(node, "a long value in IN, BETWEEN, CASE or IS UNKNOWN",
                          absl::StrCat(kMaxCopiedNodes, " parts, when each use is written out"));
  }
  return expression;
}

absl::StatusOr<Expression> TreeReader::ReadValue(const SyntaxNode& node) {
  if (value_depth_ >= kMaxValueDepth) {
    return source_.Refuse(node, "values that nest deeper than the limit",
                          absl::StrCat(kMaxValueDepth, " levels"));
  }
  ++value_depth_;
  absl::StatusOr<Expression> value = DispatchValue(node);
  --value_depth_;
  return value;
}

absl::StatusOr<std::vector<Expression>> TreeReader::ReadValues(
    const std::vector<SyntaxNode>& nodes) {
  if (nodes.size() > kMaxTextListValues) {
    return FieldError(source_.field(),
                      absl::StrCat("a list of ", nodes.size(), " values; ", kMaxTextListValues,
                                   " are allowed in text, more in the typed filter"),
                      source_.PositionOf(nodes.front()));
  }
  std::vector<Expression> values;
  values.reserve(nodes.size());
  for (const SyntaxNode& node : nodes) {
    SEXTANT_ASSIGN_OR_RETURN(Expression value, ReadValue(node));
    values.push_back(std::move(value));
  }
  return values;
}

absl::StatusOr<Expression> TreeReader::DispatchValue(const SyntaxNode& node) {
  if (node.Is("ColumnRef")) return ReadColumn(node);
  if (node.Is("A_Const")) {
    SEXTANT_ASSIGN_OR_RETURN(Literal literal, ReadConstant(source_, node));
    return Expression::Constant(std::move(literal));
  }
  if (node.Is("TypeCast")) return ReadCast(node);
  if (IsArithmetic(node)) return ReadArithmetic(node);
  if (node.Is("CaseExpr")) return ReadCase(node);
  if (IsFunction(node)) return ReadFunction(*this, node);
  if (IsAggregate(node)) return ReadAggregate(*this, node);
  if (IsCondition(node)) return ReadConditionAsValue(node);
  if (node.Is("FuncCall")) return RefuseFunction(*this, node);
  return source_.Refuse(node, SourceText::Describe(node), kAllowedValue);
}

absl::StatusOr<Expression> TreeReader::ReadColumn(const SyntaxNode& node) const {
  const std::vector<std::string> names = node.Names("fields");
  if (std::find(names.begin(), names.end(), "") != names.end()) {
    return source_.Refuse(node, "*", kAllowedValue);
  }
  if (names.size() > 2) {
    return source_.Refuse(node, absl::StrCat("the qualified name ", absl::StrJoin(names, ".")),
                          "the name of a column, or of an attribute of a link: issue.priority");
  }
  const std::string name = absl::StrJoin(names, ".");
  if (scope_ == ReadScope::kMetric) {
    return source_.Refuse(node, absl::StrCat("the column ", name, " outside an aggregate"),
                          "columns inside aggregates: " + AllowedAggregates() +
                              "; what computes with other metrics is a `derived` one");
  }
  return Expression::Column(name, source_.PositionOf(node));
}

absl::StatusOr<Expression> TreeReader::ReadConditionAsValue(const SyntaxNode& node) {
  SEXTANT_ASSIGN_OR_RETURN(Predicate condition, ReadCondition(node));
  Expression value;
  value.kind = Expression::Kind::kCondition;
  value.position = source_.PositionOf(node);
  value.conditions.push_back(std::move(condition));
  return value;
}

absl::StatusOr<Expression> TreeReader::ReadCast(const SyntaxNode& node) {
  SEXTANT_ASSIGN_OR_RETURN(const TypeReference type, ReadTypeOf(source_, node));
  if (type.is_array) {
    return source_.Refuse(node, "a cast to an array",
                          "ARRAY[...]::type[] after ANY, ALL, && or @>");
  }
  SEXTANT_ASSIGN_OR_RETURN(Expression value, ReadValue(node.Child("arg")));
  return CastTo(std::move(value), type.name, type.modifiers);
}

absl::StatusOr<Expression> TreeReader::ReadArithmetic(const SyntaxNode& node) {
  const std::string name = node.Names("name")[0];
  if (!node.Has("lexpr")) return ReadSign(node, name);
  SEXTANT_ASSIGN_OR_RETURN(Expression left, ReadValue(node.Child("lexpr")));
  SEXTANT_ASSIGN_OR_RETURN(Expression right, ReadValue(node.Child("rexpr")));
  Expression call = Expression::Difference(std::move(left), std::move(right));
  call.name = name;
  return call;
}

absl::StatusOr<Expression> TreeReader::ReadSign(const SyntaxNode& node, std::string_view sign) {
  SEXTANT_ASSIGN_OR_RETURN(Expression operand, ReadValue(node.Child("rexpr")));
  const bool is_literal = operand.kind == Expression::Kind::kLiteral;
  const std::optional<Literal> negated = is_literal ? NegateLiteral(operand.literal) : std::nullopt;
  const bool is_text = is_literal && (operand.literal.kind == Literal::Kind::kString ||
                                      operand.literal.kind == Literal::Kind::kBool);
  if (is_text || (sign == "+" && !negated)) {
    return source_.Refuse(node,
                          absl::StrCat("the sign ", std::string(sign), " before ",
                                       is_literal ? "what is no number" : "a value"),
                          "a number, or - before a value");
  }
  if (sign == "+") return operand;
  if (negated) {
    operand.literal = *negated;
    operand.literal.position = source_.PositionOf(node);
    operand.position = operand.literal.position;
    return operand;
  }
  Expression call;
  call.kind = Expression::Kind::kCall;
  call.name = "-";
  call.position = source_.PositionOf(node);
  call.arguments.push_back(std::move(operand));
  return call;
}

absl::StatusOr<Expression> TreeReader::ReadCase(const SyntaxNode& node) {
  Expression result;
  result.kind = Expression::Kind::kCase;
  result.position = source_.PositionOf(node);
  std::optional<Expression> subject;
  if (node.Has("arg")) {
    SEXTANT_ASSIGN_OR_RETURN(subject, ReadValue(node.Child("arg")));
  }
  for (const SyntaxNode& when : node.Children("args")) {
    if (subject) {
      SEXTANT_ASSIGN_OR_RETURN(Expression value, ReadValue(when.Child("expr")));
      SEXTANT_ASSIGN_OR_RETURN(Expression copy, Copy(*subject, when));
      result.conditions.push_back(Compare(CompareOp::kEqual, std::move(copy), std::move(value)));
    } else {
      SEXTANT_ASSIGN_OR_RETURN(Predicate condition, ReadCondition(when.Child("expr")));
      result.conditions.push_back(std::move(condition));
    }
    SEXTANT_ASSIGN_OR_RETURN(Expression value, ReadValue(when.Child("result")));
    result.arguments.push_back(std::move(value));
  }
  if (node.Has("defresult")) {
    SEXTANT_ASSIGN_OR_RETURN(Expression otherwise, ReadValue(node.Child("defresult")));
    result.arguments.push_back(std::move(otherwise));
  }
  return result;
}

}  // namespace sextant
