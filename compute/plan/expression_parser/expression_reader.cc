#include "compute/plan/expression_parser/expression_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

constexpr std::string_view kAllowedValue = "a column, or the difference of two columns";
constexpr std::string_view kAllowedLiteral =
    "a constant: a number, 'text', true, false, NULL, or a typed one such as date '2024-01-01'";

struct NodeDescription {
  const char* kind;
  const char* description;
};
constexpr NodeDescription kDescriptions[] = {
    {"A_ArrayExpr", "an array"},
    {"A_Const", "a constant"},
    {"A_Indirection", "a subscript"},
    {"BoolExpr", "AND, OR or NOT"},
    {"BooleanTest", "IS TRUE or FALSE"},
    {"CaseExpr", "CASE"},
    {"CoalesceExpr", "COALESCE"},
    {"CollateClause", "COLLATE"},
    {"MinMaxExpr", "GREATEST or LEAST"},
    {"NullTest", "IS NULL"},
    {"ParamRef", "a parameter"},
    {"RowExpr", "a row"},
    {"SQLValueFunction", "a function of the session"},
    {"SubLink", "a subquery"},
    {"TypeCast", "a cast"},
};

bool IsUnaryMinus(const SyntaxNode& node) {
  return node.Is("A_Expr") && node.Text("kind") == "AEXPR_OP" && !node.Has("lexpr") &&
         node.Names("name") == std::vector<std::string>{"-"};
}

bool IsDifference(const SyntaxNode& node) {
  return node.Is("A_Expr") && node.Text("kind") == "AEXPR_OP" && node.Has("lexpr") &&
         node.Names("name") == std::vector<std::string>{"-"};
}

bool IsIntegerType(std::string_view type_name) {
  return type_name == "int2" || type_name == "int4" || type_name == "int8";
}

/// True for a number written as PostgreSQL prints it: "0", "-5", "1.50"; not "007", ".5", "1e3".
bool IsPrinted(std::string_view number) {
  const bool is_negative = number.starts_with('-');
  if (is_negative) number.remove_prefix(1);
  const size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
  if (point != std::string_view::npos && point + 1 == number.size()) return false;
  const bool is_zero = number.find_first_not_of("0.") == std::string_view::npos;
  return number.find_first_of("eE") == std::string_view::npos && !(is_negative && is_zero);
}

/// True when a number may be cast to `type_name`; PostgreSQL knows more types, but never a date or
/// an interval.
bool MayCastNumber(const Literal& number, std::string_view type_name) {
  if (IsIntegerType(type_name)) return number.kind == Literal::Kind::kInteger;
  if (type_name == "text" || type_name == "varchar") return IsPrinted(number.text);
  return type_name == "float4" || type_name == "float8" || type_name == "numeric";
}

bool IsNumberType(std::string_view type_name) {
  return IsIntegerType(type_name) || type_name == "float4" || type_name == "float8" ||
         type_name == "numeric";
}

}  // namespace

std::string ExpressionReader::Describe(const SyntaxNode& node) {
  if (node.Is("FuncCall")) {
    return absl::StrCat("the function ", absl::StrJoin(node.Names("funcname"), "."), "()");
  }
  if (node.Is("ColumnRef")) {
    return absl::StrCat("the column ", absl::StrJoin(node.Names("fields"), "."));
  }
  if (node.Is("A_Expr")) {
    return absl::StrCat("the operator ", absl::StrJoin(node.Names("name"), "."));
  }
  for (const NodeDescription& known : kDescriptions) {
    if (node.Is(known.kind)) return known.description;
  }
  return node.exists() ? node.kind() : "nothing";
}

int ExpressionReader::ByteOffsetOf(const SyntaxNode& node) const {
  if (!node.exists()) return -1;
  const int64_t location = node.Number("location");
  if (location >= static_cast<int64_t>(prefix_bytes_)) {
    return static_cast<int>(location - static_cast<int64_t>(prefix_bytes_));
  }
  for (const char* part : {"lexpr", "arg", "rexpr"}) {
    if (node.Has(part)) return ByteOffsetOf(node.Child(part));
  }
  return -1;
}

int ExpressionReader::PositionOf(const SyntaxNode& node) const {
  const int byte_offset = ByteOffsetOf(node);
  return byte_offset < 0 ? -1 : scanned_.CharacterAt(static_cast<size_t>(byte_offset));
}

absl::Status ExpressionReader::Refuse(const SyntaxNode& node, std::string_view found,
                                      std::string_view allowed) const {
  return FieldError(field_,
                    absl::StrCat("found ", ToAbsl(Excerpt(found)), "; allowed: ", ToAbsl(allowed)),
                    PositionOf(node));
}

bool ExpressionReader::LooksLikeLiteral(const SyntaxNode& node) {
  if (node.Is("A_Const")) return true;
  if (IsUnaryMinus(node)) return LooksLikeLiteral(node.Child("rexpr"));
  return node.Is("TypeCast") && LooksLikeLiteral(node.Child("arg"));
}

bool ExpressionReader::LooksLikeArray(const SyntaxNode& node) {
  return node.Is("A_ArrayExpr") || (node.Is("TypeCast") && node.Child("arg").Is("A_ArrayExpr"));
}

absl::StatusOr<std::string> ExpressionReader::ReadColumn(const SyntaxNode& node) const {
  if (!node.Is("ColumnRef")) return Refuse(node, Describe(node), kAllowedValue);
  const std::vector<std::string> names = node.Names("fields");
  if (names.size() == 1 && !names[0].empty()) return names[0];
  if (std::find(names.begin(), names.end(), "") != names.end()) {
    return Refuse(node, "*", kAllowedValue);
  }
  return Refuse(node, absl::StrCat("the qualified name ", absl::StrJoin(names, ".")),
                "the name of a column alone");
}

absl::StatusOr<Expression> ExpressionReader::ReadValue(const SyntaxNode& node) const {
  const bool is_difference = IsDifference(node);
  const SyntaxNode left = is_difference ? node.Child("lexpr") : node;
  absl::StatusOr<std::string> column = ReadColumn(left);
  if (!column.ok()) return column.status();
  Expression value = Expression::Column(*std::move(column), PositionOf(left));
  if (!is_difference) return value;
  const SyntaxNode right = node.Child("rexpr");
  absl::StatusOr<std::string> minus = ReadColumn(right);
  if (!minus.ok()) return minus.status();
  return Expression::Difference(std::move(value),
                                Expression::Column(*std::move(minus), PositionOf(right)));
}

absl::StatusOr<Literal> ExpressionReader::ReadConstant(const SyntaxNode& node) const {
  Literal literal;
  literal.position = PositionOf(node);
  if (node.Has("isnull")) return literal;
  if (node.Has("sval")) {
    literal.kind = Literal::Kind::kString;
    literal.text = node.InnerText("sval");
  } else if (node.Has("boolval")) {
    literal.kind = Literal::Kind::kBool;
    literal.text = node.InnerText("boolval") == "true" ? "true" : "false";
  } else if (node.Has("fval")) {
    literal.text = node.InnerText("fval");
    const bool is_integer = literal.text.find_first_of(".eE") == std::string::npos;
    literal.kind = is_integer ? Literal::Kind::kInteger : Literal::Kind::kDecimal;
  } else if (node.Has("ival")) {
    literal.kind = Literal::Kind::kInteger;
    literal.text = scanned_.IntegerAt(static_cast<size_t>(std::max(ByteOffsetOf(node), 0)));
  } else {
    return Refuse(node, "a bit string", kAllowedLiteral);
  }
  return literal;
}

absl::StatusOr<std::string> ExpressionReader::ReadTypeName(const SyntaxNode& cast,
                                                           bool is_array) const {
  const SyntaxNode type = cast.Part("typeName");
  if (!type.FindFieldOutside({"names", "typemod", "arrayBounds", "location"}).empty()) {
    return Refuse(cast, "a type with a length, precision or fields", "the bare name of a type");
  }
  if (type.Children("arrayBounds").size() != (is_array ? 1u : 0u)) {
    return Refuse(
        cast,
        is_array ? "a cast of an array to what is no one-dimensional array" : "a cast to an array",
        is_array ? "ARRAY[...]::type[]" : "ARRAY[...], each element a constant");
  }
  std::vector<std::string> names = type.Names("names");
  if (names.size() > 1 && names[0] == "pg_catalog") names.erase(names.begin());
  return absl::StrJoin(names, ".");
}

absl::StatusOr<Literal> ExpressionReader::ReadCast(const SyntaxNode& node) const {
  absl::StatusOr<std::string> type_name = ReadTypeName(node, /*is_array=*/false);
  if (!type_name.ok()) return type_name.status();
  const SyntaxNode argument = node.Child("arg");
  if (!argument.Is("A_Const")) {
    return Refuse(argument, absl::StrCat("a cast of ", Describe(argument)), kAllowedLiteral);
  }
  absl::StatusOr<Literal> literal = ReadConstant(argument);
  if (!literal.ok() || literal->kind == Literal::Kind::kNull) return literal;
  const bool is_number =
      literal->kind == Literal::Kind::kInteger || literal->kind == Literal::Kind::kDecimal;
  const bool is_allowed = is_number ? MayCastNumber(*literal, *type_name)
                                    : literal->kind != Literal::Kind::kBool || *type_name == "bool";
  if (!is_allowed) {
    return Refuse(argument, absl::StrCat("a cast of ", literal->text, " to ", *type_name),
                  "a quoted constant of that type");
  }
  literal->kind = Literal::Kind::kTyped;
  literal->type_name = *std::move(type_name);
  return literal;
}

absl::StatusOr<Literal> ExpressionReader::ReadNegation(const SyntaxNode& node) const {
  const SyntaxNode operand = node.Child("rexpr");
  absl::StatusOr<Literal> literal = ReadLiteral(operand);
  if (!literal.ok() || literal->kind == Literal::Kind::kNull) return literal;
  const bool is_number =
      literal->kind == Literal::Kind::kInteger || literal->kind == Literal::Kind::kDecimal ||
      (literal->kind == Literal::Kind::kTyped && IsNumberType(literal->type_name));
  if (!is_number) return Refuse(node, "a minus before what is no number", kAllowedLiteral);
  literal->text =
      absl::StartsWith(literal->text, "-") ? literal->text.substr(1) : "-" + literal->text;
  return literal;
}

absl::StatusOr<Literal> ExpressionReader::ReadLiteral(const SyntaxNode& node) const {
  if (node.Is("A_Const")) return ReadConstant(node);
  if (node.Is("TypeCast")) return ReadCast(node);
  if (IsUnaryMinus(node) && !IsUnaryMinus(node.Child("rexpr"))) return ReadNegation(node);
  return Refuse(node, Describe(node), kAllowedLiteral);
}

absl::StatusOr<std::vector<Literal>> ExpressionReader::ReadLiterals(
    const std::vector<SyntaxNode>& nodes) const {
  if (nodes.size() > kMaxTextListValues) {
    return FieldError(field_,
                      absl::StrCat("a list of ", nodes.size(), " values; ", kMaxTextListValues,
                                   " are allowed in text, more in the typed filter"),
                      PositionOf(nodes.front()));
  }
  std::vector<Literal> literals;
  literals.reserve(nodes.size());
  for (const SyntaxNode& node : nodes) {
    absl::StatusOr<Literal> literal = ReadLiteral(node);
    if (!literal.ok()) return literal.status();
    literals.push_back(*std::move(literal));
  }
  return literals;
}

absl::StatusOr<std::vector<Literal>> ExpressionReader::ReadArray(const SyntaxNode& node) const {
  if (!LooksLikeArray(node)) return Refuse(node, Describe(node), "ARRAY[...] of constants");
  if (node.Is("A_ArrayExpr")) return ReadLiterals(node.Children("elements"));
  absl::StatusOr<std::string> type_name = ReadTypeName(node, /*is_array=*/true);
  if (!type_name.ok()) return type_name.status();
  absl::StatusOr<std::vector<Literal>> literals =
      ReadLiterals(node.Child("arg").Children("elements"));
  if (!literals.ok()) return literals;
  for (Literal& literal : *literals) {
    if (literal.kind == Literal::Kind::kNull) continue;
    literal.kind = Literal::Kind::kTyped;
    literal.type_name = *type_name;
  }
  return literals;
}

}  // namespace sextant
