#include "compute/plan/binder/constant_folder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/binder/literal_binder.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/civil_arithmetic.h"
#include "compute/plan/instant_text.h"

namespace sextant {
namespace {

absl::Status Overflow(const DataType& type) {
  return absl::InvalidArgumentError(
      absl::StrCat("a constant expression overflows ", TypeName(type)));
}

absl::Status DivisionByZero() { return absl::InvalidArgumentError("division by zero"); }

/// The constant `value` of `type`, which it must fit.
absl::StatusOr<BoundExpression> Integer(const DataType& type, int128_t value) {
  int128_t limit = std::numeric_limits<int64_t>::max();
  if (type.kind == TypeKind::kInt32 || type.kind == TypeKind::kDate) {
    limit = std::numeric_limits<int32_t>::max();
  } else if (type.kind == TypeKind::kInt16) {
    limit = std::numeric_limits<int16_t>::max();
  } else if (type.kind == TypeKind::kDecimal) {
    limit = TenToThe(type.precision) - 1;
  }
  const int128_t least = type.kind == TypeKind::kDecimal ? -limit : -limit - 1;
  if (value < least || value > limit) return Overflow(type);
  return ConstantExpression(type, ConstantOf(type, value));
}

absl::StatusOr<BoundExpression> Float(const DataType& type, double value, bool from_finite) {
  if (type.kind == TypeKind::kFloat32) value = static_cast<double>(static_cast<float>(value));
  if (from_finite && std::isinf(value)) return Overflow(type);
  BoundConstant constant;
  constant.value = value;
  return ConstantExpression(type, std::move(constant));
}

double DoubleOf(const BoundExpression& expression) {
  return std::get<double>(expression.constant.value);
}

int128_t IntegerOf(const BoundExpression& expression) { return IntegerOf(expression.constant); }

absl::StatusOr<BoundExpression> FoldFloats(const BoundExpression& node) {
  double value = DoubleOf(node.arguments[0]);
  bool from_finite = !std::isinf(value);
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    const double other = DoubleOf(node.arguments[i]);
    from_finite = from_finite && !std::isinf(other);
    if (node.op == ExpressionOp::kAdd) value += other;
    if (node.op == ExpressionOp::kSubtract) value -= other;
    if (node.op == ExpressionOp::kMultiply) value *= other;
    if (node.op == ExpressionOp::kDivide) {
      if (other == 0) return DivisionByZero();
      value /= other;
    }
  }
  if (node.op == ExpressionOp::kNegate) value = -value;
  if (node.op == ExpressionOp::kAbs) value = std::fabs(value);
  if (node.op == ExpressionOp::kRound) value = std::nearbyint(value);
  if (node.op == ExpressionOp::kFloor) value = std::floor(value);
  if (node.op == ExpressionOp::kCeil) value = std::ceil(value);
  if (node.op == ExpressionOp::kTrunc) value = std::trunc(value);
  return Float(node.type, value, from_finite);
}

absl::StatusOr<BoundExpression> FoldIntegers(const BoundExpression& node) {
  int128_t value = IntegerOf(node.arguments[0]);
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    const int128_t other = IntegerOf(node.arguments[i]);
    bool overflows = false;
    if (node.op == ExpressionOp::kAdd) overflows = __builtin_add_overflow(value, other, &value);
    if (node.op == ExpressionOp::kSubtract) {
      overflows = __builtin_sub_overflow(value, other, &value);
    }
    if (node.op == ExpressionOp::kMultiply) {
      overflows = __builtin_mul_overflow(value, other, &value);
    }
    if (node.op == ExpressionOp::kDivide || node.op == ExpressionOp::kModulo) {
      if (other == 0) return DivisionByZero();
      value = node.op == ExpressionOp::kDivide ? value / other : value % other;
    }
    if (overflows) return Overflow(node.type);
  }
  if (node.op == ExpressionOp::kNegate) value = -value;
  if (node.op == ExpressionOp::kAbs) value = value < 0 ? -value : value;
  return Integer(node.type, value);
}

/// kRound, kFloor, kCeil, kTrunc of a decimal, to the scale of the result.
absl::StatusOr<BoundExpression> FoldRounding(const BoundExpression& node) {
  const int scale = node.arguments[0].type.scale;
  const int128_t value = IntegerOf(node.arguments[0]);
  if (scale <= node.type.scale || node.op == ExpressionOp::kRound) {
    const std::optional<int128_t> rescaled = Rescaled(value, scale, node.type.scale);
    return rescaled ? Integer(node.type, *rescaled) : Overflow(node.type);
  }
  const int128_t divisor = TenToThe(scale - node.type.scale);
  int128_t quotient = value / divisor;
  const bool is_cut = quotient * divisor != value;
  if (node.op == ExpressionOp::kFloor && is_cut && value < 0) --quotient;
  if (node.op == ExpressionOp::kCeil && is_cut && value > 0) ++quotient;
  return Integer(node.type, quotient);
}

absl::StatusOr<BoundExpression> FoldArithmetic(BoundExpression node) {
  if (IsFloat(node.type.kind)) return FoldFloats(node);
  if (node.type.kind == TypeKind::kInterval) return node;
  const bool rounds = node.op == ExpressionOp::kRound || node.op == ExpressionOp::kFloor ||
                      node.op == ExpressionOp::kCeil || node.op == ExpressionOp::kTrunc;
  return rounds ? FoldRounding(node) : FoldIntegers(node);
}

absl::StatusOr<BoundExpression> FoldCastToInteger(const BoundExpression& node) {
  const BoundExpression& argument = node.arguments[0];
  if (!IsFloat(argument.type.kind)) {
    const std::optional<int128_t> rounded = Rescaled(IntegerOf(argument), argument.type.scale, 0);
    return rounded ? Integer(node.type, *rounded) : Overflow(node.type);
  }
  const double rounded = std::nearbyint(DoubleOf(argument));
  constexpr double kEnd = 0x1p63;
  if (!(rounded >= -kEnd && rounded < kEnd)) return Overflow(node.type);
  return Integer(node.type, static_cast<int64_t>(rounded));
}

bool HasIntegerForm(TypeKind kind) {
  return IsInteger(kind) || kind == TypeKind::kDecimal || kind == TypeKind::kBool;
}

std::optional<std::string> TextOf(const DataType& type, const BoundConstant& constant) {
  if (HasIntegerForm(type.kind) && type.kind != TypeKind::kBool) {
    return PrintedDecimal(IntegerOf(constant), type.scale);
  }
  if (type.kind == TypeKind::kBool) return IntegerOf(constant) != 0 ? "true" : "false";
  if (type.kind == TypeKind::kText) return std::get<std::string>(constant.value);
  return std::nullopt;
}

absl::StatusOr<BoundExpression> FoldInstantCast(BoundExpression node) {
  const BoundExpression& argument = node.arguments[0];
  const absl::CivilDay epoch(1970, 1, 1);
  const auto value = static_cast<int64_t>(IntegerOf(argument));
  if (node.type.kind == TypeKind::kTimestamp && argument.type.kind == TypeKind::kDate) {
    return Integer(node.type, PostgresInstantUs(absl::CivilSecond(epoch + value), node.time_zone));
  }
  if (node.type.kind == TypeKind::kDate && argument.type.kind == TypeKind::kTimestamp) {
    const absl::CivilDay day(node.time_zone.At(absl::FromUnixMicros(value)).cs);
    return Integer(node.type, day - epoch);
  }
  return node;
}

absl::StatusOr<BoundExpression> FoldCast(BoundExpression node) {
  const BoundExpression& argument = node.arguments[0];
  const TypeKind from = argument.type.kind;
  const TypeKind to = node.type.kind;
  if (from == TypeKind::kText && to != TypeKind::kText && to != TypeKind::kEnum) {
    Literal literal;
    literal.kind = Literal::Kind::kString;
    literal.text = std::get<std::string>(argument.constant.value);
    DataType type = node.type;
    SEXTANT_ASSIGN_OR_RETURN(const BoundConstant constant,
                             ConstantOfLiteral(literal, type, {}, node.time_zone));
    if (to != TypeKind::kDecimal) return ConstantExpression(type, constant);
    node.arguments[0] = ConstantExpression(type, constant);
    return FoldCast(std::move(node));
  }
  if (to == TypeKind::kText) {
    std::optional<std::string> text = TextOf(argument.type, argument.constant);
    if (!text) return node;
    BoundConstant constant;
    constant.value = *std::move(text);
    return ConstantExpression(node.type, std::move(constant));
  }
  if (IsInteger(to) && (HasIntegerForm(from) || IsFloat(from))) return FoldCastToInteger(node);
  if (to == TypeKind::kBool && HasIntegerForm(from)) {
    return Integer(node.type, IntegerOf(argument) != 0 ? 1 : 0);
  }
  if (to == TypeKind::kDecimal && HasIntegerForm(from)) {
    const std::optional<int128_t> value =
        Rescaled(IntegerOf(argument), argument.type.scale, node.type.scale);
    return value ? Integer(node.type, *value) : Overflow(node.type);
  }
  if (IsFloat(to) && IsFloat(from)) {
    return Float(node.type, DoubleOf(argument), !std::isinf(DoubleOf(argument)));
  }
  if (IsFloat(to) && HasIntegerForm(from)) {
    return Float(node.type, DoubleOfDecimal(IntegerOf(argument), argument.type.scale), true);
  }
  return FoldInstantCast(std::move(node));
}

absl::StatusOr<BoundExpression> FoldInstant(const BoundExpression& node) {
  const auto instant_us = static_cast<int64_t>(IntegerOf(node.arguments[0]));
  const std::optional<int64_t> result =
      node.op == ExpressionOp::kDateTrunc
          ? TruncateInstantUs(node.field, instant_us, node.time_zone)
          : AddIntervalUs(instant_us,
                          IntervalOfWide(std::get<Wide>(node.arguments[1].constant.value)),
                          node.time_zone);
  return result ? Integer(node.type, *result) : Overflow(node.type);
}

bool IsLess(const BoundExpression& left, const BoundExpression& right) {
  const auto* text = std::get_if<std::string>(&left.constant.value);
  if (text != nullptr) return *text < std::get<std::string>(right.constant.value);
  return KeyOfConstant(left) < KeyOfConstant(right);
}

bool IsConstant(const BoundExpression& expression) {
  return expression.op == ExpressionOp::kConstant;
}

bool IsNull(const BoundExpression& expression) {
  return IsConstant(expression) && expression.constant.is_null;
}

BoundExpression NullOf(const DataType& type) { return ConstantExpression(type, NullConstantOf()); }

/// kCoalesce, kGreatest, kLeast: NULLs do not count; coalesce ends at the first constant.
BoundExpression FoldList(BoundExpression node) {
  const ColumnIndex column = node.column;
  std::vector<BoundExpression> kept;
  for (BoundExpression& argument : node.arguments) {
    if (IsNull(argument)) continue;
    const bool ends = node.op == ExpressionOp::kCoalesce && IsConstant(argument);
    kept.push_back(std::move(argument));
    if (ends) break;
  }
  node.arguments = std::move(kept);
  if (node.arguments.empty()) return NullOf(node.type);
  const bool all_constant = std::all_of(node.arguments.begin(), node.arguments.end(), IsConstant);
  if (node.op != ExpressionOp::kCoalesce && all_constant) {
    const auto found = node.op == ExpressionOp::kGreatest
                           ? std::max_element(node.arguments.begin(), node.arguments.end(), IsLess)
                           : std::min_element(node.arguments.begin(), node.arguments.end(), IsLess);
    std::swap(node.arguments.front(), *found);
    node.arguments.resize(1);
  }
  if (node.arguments.size() > 1) return node;
  BoundExpression only = std::move(node.arguments.front());
  if (IsConstant(only)) only.column = column;
  return only;
}

const ConstantLeaf* DecidedTruth(const BoundPredicate& condition) {
  return std::get_if<ConstantLeaf>(&condition.node);
}

BoundExpression FoldCase(BoundExpression node) {
  std::vector<BoundPredicate> conditions;
  std::vector<BoundExpression> arguments;
  bool is_decided = false;
  for (size_t i = 0; i < node.conditions.size() && !is_decided; ++i) {
    const ConstantLeaf* constant = DecidedTruth(node.conditions[i]);
    if (constant != nullptr && constant->value != ConstantLeaf::Value::kTrue) continue;
    is_decided = constant != nullptr;
    arguments.push_back(std::move(node.arguments[i]));
    if (!is_decided) conditions.push_back(std::move(node.conditions[i]));
  }
  if (!is_decided && node.arguments.size() > node.conditions.size()) {
    arguments.push_back(std::move(node.arguments.back()));
  }
  if (arguments.empty()) return NullOf(node.type);
  if (conditions.empty()) return std::move(arguments.front());
  node.conditions = std::move(conditions);
  node.arguments = std::move(arguments);
  return node;
}

BoundExpression FoldCondition(BoundExpression node) {
  const ConstantLeaf* constant = DecidedTruth(node.conditions[0]);
  if (constant == nullptr) return node;
  if (constant->value == ConstantLeaf::Value::kNull) return NullOf(node.type);
  return ConstantExpression(
      node.type, ConstantOf(node.type, constant->value == ConstantLeaf::Value::kTrue ? 1 : 0));
}

bool IsArithmetic(ExpressionOp op) {
  return op >= ExpressionOp::kAdd && op <= ExpressionOp::kTrunc;
}

}  // namespace

absl::StatusOr<BoundExpression> Folded(BoundExpression expression) {
  switch (expression.op) {
    case ExpressionOp::kColumn:
    case ExpressionOp::kConstant:
      return expression;
    case ExpressionOp::kCondition:
      return FoldCondition(std::move(expression));
    case ExpressionOp::kCase:
      return FoldCase(std::move(expression));
    case ExpressionOp::kCoalesce:
    case ExpressionOp::kGreatest:
    case ExpressionOp::kLeast:
      return FoldList(std::move(expression));
    default:
      break;
  }
  // The rest is strict: next to a NULL no argument is computed, so none can fail.
  const auto& arguments = expression.arguments;
  if (std::any_of(arguments.begin(), arguments.end(), IsNull)) return NullOf(expression.type);
  if (arguments.empty() || !std::all_of(arguments.begin(), arguments.end(), IsConstant)) {
    return expression;
  }
  if (IsArithmetic(expression.op)) return FoldArithmetic(std::move(expression));
  if (expression.op == ExpressionOp::kCast) return FoldCast(std::move(expression));
  if (expression.op == ExpressionOp::kDateTrunc || expression.op == ExpressionOp::kAddInterval) {
    return FoldInstant(expression);
  }
  return expression;
}

}  // namespace sextant
