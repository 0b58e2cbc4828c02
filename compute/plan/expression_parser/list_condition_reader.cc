#include "compute/plan/expression_parser/list_condition_reader.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/expression_parser/literal_reader.h"

namespace sextant {
namespace {

constexpr char kAllowedAfterAny[] =
    "ANY or ALL of a list column, of ARRAY['a', 'b'], or IN ('a', 'b')";
constexpr char kAllowedMatch[] =
    "list && ARRAY[...], list @> ARRAY[...], ARRAY[...] <@ list, where list is the name of a list "
    "column";
constexpr char kAllowedArray[] = "ARRAY[...] of constants";

bool IsArray(const SyntaxNode& node) {
  return node.Is("A_ArrayExpr") || (node.Is("TypeCast") && node.Child("arg").Is("A_ArrayExpr"));
}

/// The elements of ARRAY[...], each cast when the array is.
absl::StatusOr<std::vector<Expression>> ReadArray(TreeReader& reader, const SyntaxNode& node) {
  if (!IsArray(node)) {
    return reader.source().Refuse(node, SourceText::Describe(node), kAllowedArray);
  }
  if (node.Is("A_ArrayExpr")) return reader.ReadValues(node.Children("elements"));
  SEXTANT_ASSIGN_OR_RETURN(const TypeReference type, ReadTypeOf(reader.source(), node));
  if (!type.is_array) {
    return reader.source().Refuse(node, "a cast of an array to what is no array",
                                  "ARRAY[...]::type[]");
  }
  SEXTANT_ASSIGN_OR_RETURN(std::vector<Expression> elements,
                           reader.ReadValues(node.Child("arg").Children("elements")));
  for (Expression& element : elements) element = CastTo(std::move(element), type.name);
  return elements;
}

absl::StatusOr<std::vector<Literal>> ReadConstantArray(TreeReader& reader, const SyntaxNode& node) {
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<Expression> elements, ReadArray(reader, node));
  std::vector<Literal> literals;
  for (const Expression& element : elements) {
    std::optional<Literal> literal = AsLiteral(element);
    if (!literal) {
      return reader.source().Refuse(node, "an array of expressions", kAllowedArray);
    }
    literals.push_back(*std::move(literal));
  }
  return literals;
}

absl::StatusOr<Predicate> ReadListColumn(TreeReader& reader, const SyntaxNode& node,
                                         Predicate::Kind kind, std::string_view allowed) {
  if (!node.Is("ColumnRef")) {
    return reader.source().Refuse(node, SourceText::Describe(node), allowed);
  }
  Predicate predicate = reader.Make(kind);
  SEXTANT_ASSIGN_OR_RETURN(predicate.value, reader.ReadValue(node));
  return predicate;
}

/// `value` equal to one of `values`: IN of the constants, OR the expressions.
absl::StatusOr<Predicate> AnyEqual(TreeReader& reader, const SyntaxNode& node,
                                   const Expression& value, std::vector<Expression> values) {
  Predicate constants = reader.Make(Predicate::Kind::kIn);
  Predicate any = reader.Make(Predicate::Kind::kOr);
  for (Expression& candidate : values) {
    if (std::optional<Literal> literal = AsLiteral(candidate)) {
      constants.literals.push_back(*std::move(literal));
      continue;
    }
    SEXTANT_ASSIGN_OR_RETURN(Expression copy, reader.Copy(value, node));
    any.children.push_back(
        reader.Compare(CompareOp::kEqual, std::move(copy), std::move(candidate)));
  }
  if (!constants.literals.empty() || any.children.empty()) {
    SEXTANT_ASSIGN_OR_RETURN(constants.value, reader.Copy(value, node));
    any.children.insert(any.children.begin(), std::move(constants));
  }
  if (any.children.size() > 1) return any;
  Predicate only = std::move(any.children.front());
  return only;
}

/// value op each of `values`, joined by OR or AND; of none: FALSE or TRUE.
absl::StatusOr<Predicate> CompareEach(TreeReader& reader, const SyntaxNode& node, CompareOp op,
                                      const Expression& value, std::vector<Expression> values) {
  const bool is_all = node.Text("kind") == "AEXPR_OP_ALL";
  if (values.empty()) {
    SEXTANT_ASSIGN_OR_RETURN(Predicate none, AnyEqual(reader, node, value, {}));
    return is_all ? reader.Negate(std::move(none)) : none;
  }
  Predicate joined = reader.Make(is_all ? Predicate::Kind::kAnd : Predicate::Kind::kOr);
  for (Expression& candidate : values) {
    SEXTANT_ASSIGN_OR_RETURN(Expression copy, reader.Copy(value, node));
    joined.children.push_back(reader.Compare(op, std::move(copy), std::move(candidate)));
  }
  if (joined.children.size() > 1) return joined;
  Predicate only = std::move(joined.children.front());
  return only;
}

/// constant op ANY (list column), or ALL.
absl::StatusOr<Predicate> ReadListCompare(TreeReader& reader, const SyntaxNode& node,
                                          CompareOp op) {
  const bool is_all = node.Text("kind") == "AEXPR_OP_ALL";
  const bool is_equals_any = op == CompareOp::kEqual && !is_all;
  SEXTANT_ASSIGN_OR_RETURN(
      Predicate predicate,
      ReadListColumn(reader, node.Child("rexpr"),
                     is_equals_any ? Predicate::Kind::kList : Predicate::Kind::kListCompare,
                     kAllowedAfterAny));
  SEXTANT_ASSIGN_OR_RETURN(const Expression constant, reader.ReadValue(node.Child("lexpr")));
  std::optional<Literal> literal = AsLiteral(constant);
  if (!literal) {
    return reader.source().Refuse(node.Child("lexpr"), SourceText::Describe(node.Child("lexpr")),
                                  "a constant before ANY or ALL of a list column");
  }
  predicate.literals.push_back(*std::move(literal));
  predicate.list_match = is_equals_any ? ListMatch::kEqualsAny : ListMatch::kAnyOf;
  predicate.op = op;
  predicate.list_all = is_all;
  return predicate;
}

}  // namespace

absl::StatusOr<Predicate> ReadIn(TreeReader& reader, const SyntaxNode& node) {
  SEXTANT_ASSIGN_OR_RETURN(const Expression value, reader.ReadValue(node.Child("lexpr")));
  SEXTANT_ASSIGN_OR_RETURN(std::vector<Expression> values,
                           reader.ReadValues(node.Child("rexpr").Children("items")));
  SEXTANT_ASSIGN_OR_RETURN(Predicate in, AnyEqual(reader, node, value, std::move(values)));
  return node.Names("name")[0] == "<>" ? reader.Negate(std::move(in)) : in;
}

absl::StatusOr<Predicate> ReadAnyOrAll(TreeReader& reader, const SyntaxNode& node) {
  const CompareOp op = *CompareOpNamed(node.Names("name")[0]);
  const SyntaxNode right = node.Child("rexpr");
  if (!IsArray(right)) return ReadListCompare(reader, node, op);
  SEXTANT_ASSIGN_OR_RETURN(const Expression value, reader.ReadValue(node.Child("lexpr")));
  SEXTANT_ASSIGN_OR_RETURN(std::vector<Expression> values, ReadArray(reader, right));
  const bool is_all = node.Text("kind") == "AEXPR_OP_ALL";
  if (op == CompareOp::kEqual && !is_all) return AnyEqual(reader, node, value, std::move(values));
  if (op == CompareOp::kNotEqual && is_all) {
    SEXTANT_ASSIGN_OR_RETURN(Predicate in, AnyEqual(reader, node, value, std::move(values)));
    return reader.Negate(std::move(in));
  }
  return CompareEach(reader, node, op, value, std::move(values));
}

absl::StatusOr<Predicate> ReadListMatch(TreeReader& reader, const SyntaxNode& node) {
  const std::string op = node.Names("name")[0];
  SyntaxNode list = node.Child("lexpr");
  SyntaxNode values = node.Child("rexpr");
  const bool is_contained = op == "<@" && IsArray(values);
  if (is_contained || (op == "@>" && IsArray(list))) {
    return reader.source().Refuse(node, "a list that is contained in ARRAY[...]", kAllowedMatch);
  }
  if (op == "<@" || (op == "&&" && IsArray(list))) std::swap(list, values);
  SEXTANT_ASSIGN_OR_RETURN(Predicate predicate,
                           ReadListColumn(reader, list, Predicate::Kind::kList, kAllowedMatch));
  SEXTANT_ASSIGN_OR_RETURN(predicate.literals, ReadConstantArray(reader, values));
  predicate.list_match = op == "&&" ? ListMatch::kAnyOf : ListMatch::kAllOf;
  return predicate;
}

}  // namespace sextant
