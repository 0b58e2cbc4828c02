#include "compute/plan/binder/operator_binder.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/binder/time_operator_binder.h"

namespace sextant {
namespace {

constexpr int kMaxDigits = 38;
constexpr int kMaxScale = 37;
constexpr DataType kFloat64 = DataType::Of(TypeKind::kFloat64);
constexpr DataType kInt64 = DataType::Of(TypeKind::kInt64);

ExpressionOp OpOf(char op) {
  switch (op) {
    case '+':
      return ExpressionOp::kAdd;
    case '-':
      return ExpressionOp::kSubtract;
    case '*':
      return ExpressionOp::kMultiply;
    case '/':
      return ExpressionOp::kDivide;
    default:
      return ExpressionOp::kModulo;
  }
}

/// `* 2` and `+ 1` leave a unit as it is; a product or quotient of two has none.
std::string_view UnitOf(char op, const TypedExpression& left, const TypedExpression& right) {
  if (right.IsConstant()) return left.unit;
  if (left.IsConstant() && op != '/') return right.unit;
  const bool keeps = (op == '+' || op == '-' || op == '%') && left.unit == right.unit;
  return keeps ? left.unit : std::string_view();
}

/// A sum of a sum is one sum: long chains do not nest.
void AppendArgument(BoundExpression& node, BoundExpression argument) {
  const bool is_same = node.op == ExpressionOp::kAdd && argument.op == ExpressionOp::kAdd &&
                       argument.type == node.type && node.arguments.empty();
  if (is_same) {
    node.arguments = std::move(argument.arguments);
  } else {
    node.arguments.push_back(std::move(argument));
  }
}

absl::StatusOr<TypedExpression> Node(const TypingContext& context, char op, const DataType& type,
                                     TypedExpression left, TypedExpression right) {
  TypedExpression result;
  result.text = absl::StrCat(left.text, " ", std::string(1, op), " ", right.text);
  result.position = left.position;
  result.unit = UnitOf(op, left, right);
  result.is_mixed_scale = left.is_mixed_scale || right.is_mixed_scale;
  BoundExpression node;
  node.op = OpOf(op);
  node.type = type;
  AppendArgument(node, std::move(left.expression));
  AppendArgument(node, std::move(right.expression));
  SEXTANT_ASSIGN_OR_RETURN(result.expression, MakeNode(context, std::move(node), result));
  return result;
}

absl::Status RefuseDigits(const TypingContext& context, const TypedExpression& left, char op,
                          const TypedExpression& right) {
  return context.Refuse(
      left, absl::StrCat(left.text, " ", std::string(1, op), " ", right.text,
                         " has more than 38 digits, or more than 37 after the point; allowed: a "
                         "cast of one side to fewer, numeric(p,s), or to float8"));
}

absl::StatusOr<TypedExpression> BindDecimal(const TypingContext& context, char op,
                                            TypedExpression left, TypedExpression right) {
  const int left_scale = left.type().scale;
  const int right_scale = right.type().scale;
  const int left_digits = left.integer_digits;
  const int right_digits = right.integer_digits;
  if (op == '*') {
    const int scale = left_scale + right_scale;
    if (scale > kMaxScale) return RefuseDigits(context, left, op, right);
    SEXTANT_ASSIGN_OR_RETURN(
        left, Promoted(context, std::move(left), DataType::Decimal(kMaxDigits, left_scale)));
    SEXTANT_ASSIGN_OR_RETURN(
        right, Promoted(context, std::move(right), DataType::Decimal(kMaxDigits, right_scale)));
    SEXTANT_ASSIGN_OR_RETURN(
        TypedExpression result,
        Node(context, op, DataType::Decimal(kMaxDigits, scale), std::move(left), std::move(right)));
    result.integer_digits = std::min(left_digits + right_digits, kMaxDigits);
    return result;
  }
  const DataType type = DataType::Decimal(kMaxDigits, std::max(left_scale, right_scale));
  SEXTANT_ASSIGN_OR_RETURN(left, Promoted(context, std::move(left), type));
  SEXTANT_ASSIGN_OR_RETURN(right, Promoted(context, std::move(right), type));
  SEXTANT_ASSIGN_OR_RETURN(TypedExpression result,
                           Node(context, op, type, std::move(left), std::move(right)));
  const int digits =
      op == '%' ? std::min(left_digits, right_digits) : std::max(left_digits, right_digits) + 1;
  result.integer_digits = std::min(digits, kMaxDigits);
  return result;
}

absl::StatusOr<TypedExpression> BindFloat(const TypingContext& context, char op,
                                          TypedExpression left, TypedExpression right) {
  if (op == '%') {
    return context.Refuse(left, absl::StrCat(left.text, " % ", right.text,
                                             " of float8; allowed: of integers and numerics"));
  }
  SEXTANT_ASSIGN_OR_RETURN(left, Promoted(context, std::move(left), kFloat64));
  SEXTANT_ASSIGN_OR_RETURN(right, Promoted(context, std::move(right), kFloat64));
  return Node(context, op, kFloat64, std::move(left), std::move(right));
}

absl::StatusOr<TypedExpression> BindInteger(const TypingContext& context, char op,
                                            TypedExpression left, TypedExpression right) {
  if (op == '/' && context.division == Division::kRefused) {
    return context.Refuse(
        left, absl::StrCat("the division of two integers, ", left.text, " / ", right.text,
                           ", would be cut to an integer; write x::float8 / y, or use a ratio"));
  }
  SEXTANT_ASSIGN_OR_RETURN(left, Promoted(context, std::move(left), kInt64));
  SEXTANT_ASSIGN_OR_RETURN(right, Promoted(context, std::move(right), kInt64));
  SEXTANT_ASSIGN_OR_RETURN(TypedExpression result,
                           Node(context, op, kInt64, std::move(left), std::move(right)));
  result.integer_digits = IntegerDigitsOf(kInt64);
  return result;
}

absl::StatusOr<TypedExpression> BindNumbers(const TypingContext& context, char op,
                                            TypedExpression left, TypedExpression right) {
  const bool any_float = IsFloat(left.type().kind) || IsFloat(right.type().kind);
  const bool any_decimal = left.Is(TypeKind::kDecimal) || right.Is(TypeKind::kDecimal);
  const bool divides_as_float =
      op == '/' && (any_decimal || context.division == Division::kFloat64);
  if (any_float || divides_as_float) {
    return BindFloat(context, op, std::move(left), std::move(right));
  }
  return any_decimal ? BindDecimal(context, op, std::move(left), std::move(right))
                     : BindInteger(context, op, std::move(left), std::move(right));
}

/// A constant without a type takes that of the other side, as PostgreSQL tries first; next to an
/// instant after `+`, an interval.
absl::StatusOr<TypedExpression> TypedFor(const TypingContext& context, char op,
                                         TypedExpression value, const TypedExpression& other) {
  if (!value.IsUnknown()) return value;
  if (other.IsUnknown()) {
    return context.Refuse(value, absl::StrCat(value.text, " ", std::string(1, op), " ", other.text,
                                              " of two constants without a type; allowed: a cast"));
  }
  TypedExpression like = other;
  if (op == '+' && other.Is(TypeKind::kTimestamp)) {
    like.expression.type = DataType::Of(TypeKind::kInterval);
  } else if (op == '+' && other.Is(TypeKind::kDate)) {
    return context.Refuse(value, absl::StrCat(other.text, " + ", value.text,
                                              " of a date and a constant without a type; allowed: "
                                              "a number of days, or interval '..'"));
  }
  return TypedLike(context, std::move(value), like);
}

/// The text of an operand beside `op`, in brackets where it would read as another value without.
std::string OperandText(const TypedExpression& operand, char op, bool is_right) {
  const ExpressionOp inner = operand.expression.op;
  const bool is_sum = inner == ExpressionOp::kAdd || inner == ExpressionOp::kSubtract ||
                      inner == ExpressionOp::kAddInterval;
  const bool is_product = inner == ExpressionOp::kMultiply || inner == ExpressionOp::kDivide ||
                          inner == ExpressionOp::kModulo;
  // A metric of metrics is known by its name.
  const bool is_written = operand.text.find(' ') != std::string::npos;
  const bool is_outer_sum = op == '+' || op == '-';
  const bool needs_brackets =
      is_outer_sum ? is_sum && is_right : is_sum || (is_product && is_right);
  if (!is_written || !needs_brackets) return operand.text;
  return absl::StrCat("(", operand.text, ")");
}

}  // namespace

absl::StatusOr<TypedExpression> BindOperator(const TypingContext& context, char op,
                                             TypedExpression left, TypedExpression right) {
  const TypedExpression left_as_written = left;
  SEXTANT_ASSIGN_OR_RETURN(left, TypedFor(context, op, std::move(left), right));
  SEXTANT_ASSIGN_OR_RETURN(right, TypedFor(context, op, std::move(right), left_as_written));
  left.literal.reset();
  right.literal.reset();
  left.difference.reset();
  right.difference.reset();
  left.text = OperandText(left, op, false);
  right.text = OperandText(right, op, true);
  if (IsNumber(left.type().kind) && IsNumber(right.type().kind)) {
    return BindNumbers(context, op, std::move(left), std::move(right));
  }
  return BindTimeOperator(context, op, std::move(left), std::move(right));
}

absl::StatusOr<TypedExpression> BindMinus(const TypingContext& context, TypedExpression operand) {
  const TypeKind kind = operand.type().kind;
  if (operand.IsUnknown() ||
      !(IsNumber(kind) || kind == TypeKind::kDuration || kind == TypeKind::kInterval)) {
    return context.Refuse(operand,
                          absl::StrCat("a minus before ", operand.text, ", which is ",
                                       operand.IsUnknown() ? "a text" : TypeName(operand.type()),
                                       "; allowed: numbers, durations and intervals"));
  }
  if (kind == TypeKind::kInterval && operand.IsConstant()) {
    return NegatedInterval(context, std::move(operand));
  }
  DataType type = operand.type();
  if (IsInteger(kind)) type = kInt64;
  if (IsFloat(kind)) type = kFloat64;
  if (kind == TypeKind::kDecimal) type = DataType::Decimal(kMaxDigits, type.scale);
  operand.literal.reset();
  operand.difference.reset();
  operand.is_shown_duration = false;
  SEXTANT_ASSIGN_OR_RETURN(operand, Promoted(context, std::move(operand), type));
  BoundExpression node;
  node.op = ExpressionOp::kNegate;
  node.type = type;
  node.arguments.push_back(std::move(operand.expression));
  operand.text = absl::StrCat("-", operand.text);
  SEXTANT_ASSIGN_OR_RETURN(operand.expression, MakeNode(context, std::move(node), operand));
  return operand;
}

}  // namespace sextant
