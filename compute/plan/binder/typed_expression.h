#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compute/plan/bound_query.h"
#include "compute/plan/expression.h"

namespace sextant {

/// A bound expression, and what those that use it need to know beyond its type.
struct TypedExpression {
  BoundExpression expression;
  /// Where it is one constant as the user wrote it. A quoted one, NULL and the label of an enum
  /// have no type until they meet one: `expression` is then a text.
  std::optional<Literal> literal;
  /// The same value in the form for the difference of two columns, of which the type may be another
  /// one of integers or decimals.
  std::optional<BoundValue> difference;
  /// kEnum: labels in declared order, of the schema.
  std::span<const std::string> enum_labels;
  /// A char(n) column: trailing blanks mean nothing.
  bool is_blank_padded = false;
  /// A text that was cast to varchar.
  bool is_varchar = false;
  /// A decimal whose rows PostgreSQL would print with scales of their own.
  bool is_mixed_scale = false;
  /// A difference of instants, or an aggregate of such, that is a float8 of its seconds because
  /// results show it so. Arithmetic, casts and extract(epoch ..) of it are numbers.
  bool is_shown_duration = false;
  /// Integers and decimals have at most so many digits before the point; 38: unknown.
  int integer_digits = 0;
  /// "seconds" for durations, else the columns' common unit, of the schema.
  std::string_view unit;
  /// As the user wrote it, or nearly so, for messages.
  std::string text;
  int position = -1;

  const DataType& type() const { return expression.type; }
  bool Is(TypeKind kind) const { return expression.type.kind == kind; }
  bool IsConstant() const { return expression.op == ExpressionOp::kConstant; }
  bool IsNull() const { return IsConstant() && expression.constant.is_null; }
  /// A constant that takes the type of what it meets.
  bool IsUnknown() const;
};

/// The value that a leaf or an aggregate reads: a column, a difference of two, or an expression.
BoundValue ValueOf(const TypedExpression& value);
/// The same in the type of the expression.
BoundValue ValueOfItsType(const TypedExpression& value);

/// left - right in the form of columns, where both are and there is that form; `name` is the
/// operator.
std::optional<BoundValue> DifferenceOfColumns(const std::string& name,
                                              const std::vector<TypedExpression>& operands);

/// Whether a column, or in a metric an aggregate, is read anywhere.
bool ReadsColumn(const BoundExpression& expression);

}  // namespace sextant
