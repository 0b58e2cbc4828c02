#include "storage/postgres/query_sql/decimal_digits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

constexpr int kMostDigits = 38;

int DigitsOfType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kInt16:
      return 5;
    case TypeKind::kInt32:
      return 10;
    case TypeKind::kDecimal:
      return int{type.precision} - int{type.scale};
    default:
      return 19;
  }
}

/// How many digits a sum of `count` may have more than each of them.
int DigitsOfCarry(size_t count) {
  int digits = 0;
  for (size_t carried = count - 1; carried > 0; carried /= 10) ++digits;
  return digits;
}

/// How many digits before the point a value may have.
int DigitsOf(const SqlScope& scope, const BoundExpression& expression) {
  int most = 0;
  int sum = 0;
  for (const BoundExpression& argument : expression.arguments) {
    // Whatever has more is NULL before it is used.
    const int digits = std::min(DigitsOf(scope, argument), kMostDigits - int{argument.type.scale});
    most = std::max(most, digits);
    sum += digits;
  }
  switch (expression.op) {
    case ExpressionOp::kColumn:
      return DigitsOfType(scope.schema->field(expression.column).type);
    case ExpressionOp::kAdd:
      return most + DigitsOfCarry(expression.arguments.size());
    case ExpressionOp::kSubtract:
    case ExpressionOp::kRound:
    case ExpressionOp::kFloor:
    case ExpressionOp::kCeil:
      return most + 1;
    case ExpressionOp::kMultiply:
      return sum;
    case ExpressionOp::kModulo:
    case ExpressionOp::kNegate:
    case ExpressionOp::kAbs:
    case ExpressionOp::kTrunc:
    case ExpressionOp::kCase:
    case ExpressionOp::kCoalesce:
    case ExpressionOp::kGreatest:
    case ExpressionOp::kLeast:
      return most;
    default:
      return DigitsOfType(expression.type);
  }
}

}  // namespace

std::string DecimalOrNullSql(const SqlScope& scope, const BoundExpression& expression,
                             const std::string& numeric) {
  const int room = kMostDigits - int{expression.type.scale};
  if (DigitsOf(scope, expression) <= room) return numeric;
  return absl::StrCat("(SELECT CASE WHEN abs(n.v) < numeric '1' * 10::numeric ^ ", room,
                      " THEN n.v END FROM (VALUES (", numeric, ")) AS n(v))");
}

}  // namespace sextant
