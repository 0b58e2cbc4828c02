#include "compute/plan/expression_parser/literal_reader.h"

#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sextant {
namespace {

constexpr std::string_view kAllowedTypes =
    "the name of a type, without modifiers but for numeric(p, s), varchar(n) and char(n)";

bool IsIntegerType(std::string_view type_name) {
  return type_name == "int2" || type_name == "int4" || type_name == "int8";
}

bool IsNumberType(std::string_view type_name) {
  return IsIntegerType(type_name) || type_name == "float4" || type_name == "float8" ||
         type_name == "numeric";
}

bool IsUntypedNumber(const Literal& literal) {
  return literal.kind == Literal::Kind::kInteger || literal.kind == Literal::Kind::kDecimal;
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

/// True when reading a number's text as `type_name` is what casting the number gives.
bool MayRetypeNumber(const Literal& number, std::string_view type_name) {
  if (IsIntegerType(type_name)) return number.kind == Literal::Kind::kInteger;
  if (type_name == "text" || type_name == "varchar") return IsPrinted(number.text);
  return type_name == "float4" || type_name == "float8" || type_name == "numeric";
}

}  // namespace

absl::StatusOr<TypeReference> ReadTypeOf(const SourceText& source, const SyntaxNode& cast) {
  const SyntaxNode type = cast.Part("typeName");
  if (!type.FindFieldOutside({"names", "typmods", "typemod", "arrayBounds", "location"}).empty()) {
    return source.Refuse(cast, "a cast to a set or to the type of a column", kAllowedTypes);
  }
  TypeReference reference;
  std::vector<std::string> names = type.Names("names");
  if (names.size() > 1 && names[0] == "pg_catalog") names.erase(names.begin());
  reference.name = absl::StrJoin(names, ".");
  const size_t num_dimensions = type.Children("arrayBounds").size();
  if (num_dimensions > 1) {
    return source.Refuse(cast, "a cast to an array of several dimensions", "ARRAY[...]::type[]");
  }
  reference.is_array = num_dimensions == 1;
  std::vector<std::string> modifiers;
  for (const SyntaxNode& modifier : type.Children("typmods")) {
    const std::optional<int64_t> number = modifier.InnerNumber("ival");
    modifiers.push_back(number ? absl::StrCat(*number) : source.IntegerOf(modifier));
  }
  if (modifiers.empty()) return reference;
  const bool may_have =
      reference.name == "numeric" || reference.name == "varchar" || reference.name == "bpchar";
  if (!may_have || reference.is_array) {
    const bool is_interval = reference.name == "interval";
    return source.Refuse(
        cast, absl::StrCat("the type ", reference.name, " with a modifier"),
        is_interval ? "interval '1 day', with the unit in the text" : kAllowedTypes);
  }
  reference.modifiers = absl::StrCat("(", absl::StrJoin(modifiers, ","), ")");
  return reference;
}

absl::StatusOr<Literal> ReadConstant(const SourceText& source, const SyntaxNode& constant) {
  Literal literal;
  literal.position = source.PositionOf(constant);
  if (constant.Has("isnull")) return literal;
  if (constant.Has("sval")) {
    literal.kind = Literal::Kind::kString;
    literal.text = constant.InnerText("sval");
  } else if (constant.Has("boolval")) {
    literal.kind = Literal::Kind::kBool;
    literal.text = constant.InnerText("boolval") == "true" ? "true" : "false";
  } else if (constant.Has("fval")) {
    literal.text = constant.InnerText("fval");
    const bool is_integer = literal.text.find_first_of(".eE") == std::string::npos;
    literal.kind = is_integer ? Literal::Kind::kInteger : Literal::Kind::kDecimal;
  } else if (constant.Has("ival")) {
    literal.kind = Literal::Kind::kInteger;
    literal.text = source.IntegerOf(constant);
  } else {
    return source.Refuse(constant, "a bit string",
                         "a constant: a number, 'text', true, false, NULL, or a typed one such as "
                         "date '2024-01-01'");
  }
  return literal;
}

std::optional<Literal> CastLiteral(const Literal& literal, const std::string& type_name) {
  switch (literal.kind) {
    case Literal::Kind::kInteger:
    case Literal::Kind::kDecimal:
      if (!MayRetypeNumber(literal, type_name)) return std::nullopt;
      break;
    case Literal::Kind::kBool:
      if (type_name != "bool") return std::nullopt;
      break;
    case Literal::Kind::kString:
      break;
    case Literal::Kind::kTyped:
      if (literal.type_name != type_name) return std::nullopt;
      return literal;
    case Literal::Kind::kNull:
    case Literal::Kind::kFloat:
      return std::nullopt;
  }
  Literal typed = literal;
  typed.kind = Literal::Kind::kTyped;
  typed.type_name = type_name;
  return typed;
}

std::optional<Literal> NegateLiteral(const Literal& literal) {
  if (literal.kind == Literal::Kind::kNull) return literal;
  const bool is_number = IsUntypedNumber(literal) ||
                         (literal.kind == Literal::Kind::kTyped &&
                          IsNumberType(literal.type_name) && !literal.text.empty() &&
                          literal.text.find_first_not_of("-.eE0123456789") == std::string::npos);
  if (!is_number) return std::nullopt;
  Literal negated = literal;
  negated.text = absl::StartsWith(literal.text, "-") ? literal.text.substr(1)
                                                     : absl::StrCat("-", literal.text);
  return negated;
}

std::optional<Literal> AsLiteral(const Expression& expression) {
  const Expression* inner = &expression;
  while (inner->kind == Expression::Kind::kCast) inner = &inner->arguments[0];
  if (inner->kind != Expression::Kind::kLiteral) return std::nullopt;
  const bool is_null = inner->literal.kind == Literal::Kind::kNull;
  if (inner != &expression && !is_null) return std::nullopt;
  return inner->literal;
}

}  // namespace sextant
