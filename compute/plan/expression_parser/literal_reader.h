#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/expression_parser/source_text.h"

namespace sextant {

/// A type as a cast names it.
struct TypeReference {
  std::string name;       // "int4", "numeric", "timestamptz"
  std::string modifiers;  // "(12,2)", or empty
  bool is_array = false;
};

/// The type of a TypeCast. Modifiers are allowed for numeric, varchar and char.
absl::StatusOr<TypeReference> ReadTypeOf(const SourceText& source, const SyntaxNode& cast);

/// The value of an A_Const.
absl::StatusOr<Literal> ReadConstant(const SourceText& source, const SyntaxNode& constant);

/// `literal` of the type `type_name`, where PostgreSQL reads its text as that type, or where
/// casting it means the same. Not for NULL.
std::optional<Literal> CastLiteral(const Literal& literal, const std::string& type_name);

/// The literal with the other sign, for numbers; NULL for NULL.
std::optional<Literal> NegateLiteral(const Literal& literal);

/// The literal that an expression is: also a NULL with casts around it.
std::optional<Literal> AsLiteral(const Expression& expression);

}  // namespace sextant
