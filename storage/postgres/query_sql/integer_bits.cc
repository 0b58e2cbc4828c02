#include "storage/postgres/query_sql/integer_bits.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace sextant {
namespace {

constexpr int kWidest = 63;

int BitsOfType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBool:
      return 1;
    case TypeKind::kInt16:
      return 15;
    case TypeKind::kInt32:
      return 31;
    default:
      return kWidest;
  }
}

int BitsOfConstant(const BoundConstant& constant) {
  const auto* value = std::get_if<int64_t>(&constant.value);
  if (value == nullptr || constant.is_null) return 0;
  const auto magnitude =
      *value < 0 ? ~static_cast<uint64_t>(*value) + 1 : static_cast<uint64_t>(*value);
  return std::bit_width(magnitude);
}

}  // namespace

int IntegerBits(const SqlScope& scope, const BoundExpression& expression) {
  int widest = 0;
  int sum = 0;
  for (const BoundExpression& argument : expression.arguments) {
    // Whatever leaves bigint is NULL before it is used.
    const int bits = std::min(IntegerBits(scope, argument), kWidest);
    widest = std::max(widest, bits);
    sum += bits;
  }
  switch (expression.op) {
    case ExpressionOp::kColumn:
      return BitsOfType(scope.schema->field(expression.column).type);
    case ExpressionOp::kConstant:
      return BitsOfConstant(expression.constant);
    case ExpressionOp::kAdd:
    case ExpressionOp::kSubtract:
      return widest + static_cast<int>(std::bit_width(expression.arguments.size() - 1));
    case ExpressionOp::kMultiply:
      return sum;
    case ExpressionOp::kDivide:
    case ExpressionOp::kNegate:
    case ExpressionOp::kAbs:
      // -(-2^63) does not fit.
      return widest == kWidest ? kWidest + 1 : widest;
    case ExpressionOp::kModulo:
    case ExpressionOp::kCase:
    case ExpressionOp::kCoalesce:
    case ExpressionOp::kGreatest:
    case ExpressionOp::kLeast:
      return widest;
    case ExpressionOp::kLength:
    case ExpressionOp::kCardinality:
    case ExpressionOp::kArrayLength:
      return 31;
    default:
      return BitsOfType(expression.type);
  }
}

}  // namespace sextant
