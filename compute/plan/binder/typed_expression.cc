#include "compute/plan/binder/typed_expression.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "compute/plan/binder/constant_value.h"

namespace sextant {
namespace {

/// A difference is computed in int64: more digits than these do not fit.
constexpr int kMaxDifferenceDigits = 18;

struct ColumnFinder {
  bool operator()(const BoundValue& value) const {
    return value.expression == nullptr || ReadsColumn(*value.expression);
  }
  bool operator()(const BoundPredicate& predicate) const {
    return std::visit([this](const auto& node) { return InNode(node); }, predicate.node);
  }
  template <typename Node>
  bool InNode(const Node& node) const {
    if constexpr (requires { node.children; }) {
      return std::any_of(node.children.begin(), node.children.end(), *this);
    } else if constexpr (requires { node.left; }) {
      return (*this)(node.left) || (*this)(node.right);
    } else if constexpr (requires { node.value.expression; }) {
      return (*this)(node.value);
    }
    return false;
  }
};

BoundValue ColumnValue(const TypedExpression& value) {
  BoundValue bound;
  bound.column = value.expression.column;
  bound.type = value.type();
  return bound;
}

/// Of two numbers neither of which is a float.
bool SetExactDifference(const DataType& left, const DataType& right, BoundValue& value) {
  if (left.kind != TypeKind::kDecimal && right.kind != TypeKind::kDecimal) {
    value.type = DataType::Of(TypeKind::kInt64);
    return true;
  }
  if (left.precision > kMaxDifferenceDigits || right.precision > kMaxDifferenceDigits) return false;
  const int scale = std::max(left.scale, right.scale);
  value.factor = static_cast<int64_t>(TenToThe(scale - left.scale));
  value.minus_factor = static_cast<int64_t>(TenToThe(scale - right.scale));
  value.type = DataType::Decimal(kMaxDifferenceDigits, scale);
  return true;
}

bool SetDifference(const DataType& left, const DataType& right, BoundValue& value) {
  if (IsNumber(left.kind) && IsNumber(right.kind)) {
    if (!IsFloat(left.kind) && !IsFloat(right.kind)) return SetExactDifference(left, right, value);
    value.as_float = true;
    value.type = DataType::Of(TypeKind::kFloat64);
    return true;
  }
  if (left.kind != right.kind) return false;
  if (left.kind == TypeKind::kDate) {
    value.type = DataType::Of(TypeKind::kInt32);
    return true;
  }
  value.type = DataType::Of(TypeKind::kDuration);
  return left.kind == TypeKind::kTimestamp || left.kind == TypeKind::kDuration;
}

}  // namespace

bool TypedExpression::IsUnknown() const {
  if (!literal) return false;
  return literal->kind == Literal::Kind::kNull || literal->kind == Literal::Kind::kString ||
         (literal->kind == Literal::Kind::kTyped && !OwnTypeOf(*literal));
}

BoundValue ValueOf(const TypedExpression& value) {
  return value.difference ? *value.difference : ValueOfItsType(value);
}

BoundValue ValueOfItsType(const TypedExpression& value) {
  if (value.difference && value.difference->type == value.type()) return *value.difference;
  BoundValue bound = ColumnValue(value);
  if (value.expression.op != ExpressionOp::kColumn) {
    bound.expression = std::make_shared<const BoundExpression>(value.expression);
  }
  return bound;
}

std::optional<BoundValue> DifferenceOfColumns(const std::string& name,
                                              const std::vector<TypedExpression>& operands) {
  const bool are_columns =
      name == "-" && std::all_of(operands.begin(), operands.end(), [](const TypedExpression& one) {
        return one.expression.op == ExpressionOp::kColumn;
      });
  if (!are_columns) return std::nullopt;
  BoundValue value;
  value.column = operands[0].expression.column;
  value.minus = operands[1].expression.column;
  if (!SetDifference(operands[0].type(), operands[1].type(), value)) return std::nullopt;
  return value;
}

bool ReadsColumn(const BoundExpression& expression) {
  return expression.op == ExpressionOp::kColumn ||
         std::any_of(expression.arguments.begin(), expression.arguments.end(), ReadsColumn) ||
         std::any_of(expression.conditions.begin(), expression.conditions.end(), ColumnFinder());
}

}  // namespace sextant
