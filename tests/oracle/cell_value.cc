#include "tests/oracle/cell_value.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "tests/oracle/statistics.h"

namespace sextant::oracle {
namespace {

constexpr double kUlp = 2.3e-16;
constexpr double kUnknown = std::numeric_limits<double>::infinity();

/// The scaled integer that an exact text stands for; false when it does not fit.
bool ScaledOf(const AnswerValue& value, const Type& type, int scale, Int128& scaled) {
  std::string digits = value.text;
  std::erase(digits, '.');
  const int own_scale = type.kind == Kind::kNumeric ? type.scale : 0;
  return !__builtin_mul_overflow(ParseInt128(digits).value_or(0), PowerOfTen(scale - own_scale),
                                 &scaled);
}

AnswerValue OfScaled(const Type& type, Int128 value) {
  return {.exists = true, .text = DecimalText(value, type.kind == Kind::kNumeric ? type.scale : 0)};
}

AnswerValue Exactly(const CellExpr& tree, const AnswerValue& a, const AnswerValue& b) {
  const Type& left_type = tree.args[0].type;
  const Type& right_type = tree.args[1].type;
  const bool is_numeric = tree.type.kind == Kind::kNumeric;
  const bool is_product = tree.op == CellExpr::Op::kMultiply;
  const auto scale_of = [&](const Type& own) {
    if (!is_numeric) return 0;
    return is_product ? (own.kind == Kind::kNumeric ? own.scale : 0) : tree.type.scale;
  };
  Int128 left = 0;
  Int128 right = 0;
  Int128 result = 0;
  // Whether digits that are lost on the way are lost at the end is for nobody to say.
  const bool fits = ScaledOf(a, left_type, scale_of(left_type), left) &&
                    ScaledOf(b, right_type, scale_of(right_type), right);
  if (!fits) return {.tolerance = kUnknown};
  bool is_too_large = false;
  if (is_product) {
    is_too_large = __builtin_mul_overflow(left, right, &result);
  } else if (tree.op == CellExpr::Op::kAdd) {
    is_too_large = __builtin_add_overflow(left, right, &result);
  } else {
    is_too_large = __builtin_sub_overflow(left, right, &result);
  }
  if (is_numeric) {
    is_too_large = is_too_large || result >= PowerOfTen(38) || result <= -PowerOfTen(38);
  } else {
    is_too_large = is_too_large || result != static_cast<int64_t>(result);
  }
  return is_too_large ? AnswerValue() : OfScaled(tree.type, result);
}

AnswerValue AsFloat(const AnswerValue& value, const Type& type) {
  if (value.is_float || !value.exists) return value;
  AnswerValue number = {.exists = true, .is_float = true};
  const int scale = type.kind == Kind::kNumeric ? type.scale : 0;
  Int128 scaled = 0;
  ScaledOf(value, type, scale, scaled);
  number.number = DecimalToFloat(scaled, scale);
  return number;
}

AnswerValue InFloats(CellExpr::Op op, const AnswerValue& a, const AnswerValue& b) {
  AnswerValue result = {.exists = true, .is_float = true};
  double& number = result.number;
  double& tolerance = result.tolerance;
  const bool is_exact = a.tolerance == 0 && b.tolerance == 0;
  switch (op) {
    case CellExpr::Op::kAdd:
    case CellExpr::Op::kSubtract:
      number = op == CellExpr::Op::kAdd ? a.number + b.number : a.number - b.number;
      tolerance = a.tolerance + b.tolerance;
      break;
    case CellExpr::Op::kMultiply:
      number = a.number * b.number;
      if (!is_exact) {
        tolerance = std::abs(a.number) * b.tolerance + std::abs(b.number) * a.tolerance +
                    a.tolerance * b.tolerance;
      }
      break;
    default: {
      if (b.number == 0 && is_exact) return {};
      number = a.number / b.number;
      const double least = std::abs(b.number) - b.tolerance;
      if (!is_exact) {
        tolerance = least > 0 ? (a.tolerance + std::abs(number) * b.tolerance) / least : kUnknown;
      }
      if (b.number == 0) return {.tolerance = kUnknown};
      break;
    }
  }
  if (!is_exact) tolerance += 2 * kUlp * std::abs(number);
  const bool is_overflow = std::isinf(number) && std::isfinite(a.number) && std::isfinite(b.number);
  if (std::isnan(tolerance) || std::abs(number) > 1e307) tolerance = is_exact ? 0 : kUnknown;
  if (is_overflow) return {.tolerance = tolerance};
  return result;
}

AnswerValue ZeroOf(const Type& type) {
  if (IsFloat(type.kind)) return {.exists = true, .is_float = true};
  return OfScaled(type, 0);
}

/// What is, or is not, NULL.
CellOutcome ComputeChoice(const CellExpr& tree, const std::vector<AnswerValue>& lanes) {
  CellOutcome outcome = ComputeCell(tree.args[0], lanes);
  const bool is_unknown = std::isinf(outcome.value.tolerance);
  switch (tree.op) {
    case CellExpr::Op::kNullIfZero:
      if (outcome.value.text == "0") outcome.value = {};
      break;
    case CellExpr::Op::kOrZero:
      outcome.is_doubtful = outcome.is_doubtful || outcome.has_failed;
      outcome.has_failed = false;
      if (!outcome.value.exists) outcome.value = ZeroOf(tree.type);
      if (is_unknown) outcome.value.tolerance = kUnknown;
      break;
    default: {
      bool has_any = false;
      for (size_t i = 1; i < tree.args.size(); ++i) {
        const CellOutcome other = ComputeCell(tree.args[i], lanes);
        has_any = has_any || other.value.exists;
        if (std::isinf(other.value.tolerance)) outcome.value.tolerance = kUnknown;
      }
      if (!has_any) outcome.value = {.tolerance = outcome.value.tolerance};
      outcome.has_failed = has_any && outcome.has_failed;
      break;
    }
  }
  return outcome;
}

CellOutcome BoundOfShare(const CellExpr& tree, const std::vector<AnswerValue>& lanes) {
  const double passing = std::strtod(ComputeCell(tree.args[0], lanes).value.text.c_str(), nullptr);
  const double samples = std::strtod(ComputeCell(tree.args[1], lanes).value.text.c_str(), nullptr);
  if (samples < 2) return {};
  return {.value = {.exists = true,
                    .is_float = true,
                    .number = NaiveShareBound(passing, samples, tree.level),
                    .tolerance = 1e-15}};
}

}  // namespace

CellOutcome ComputeCell(const CellExpr& tree, const std::vector<AnswerValue>& lanes) {
  if (tree.op == CellExpr::Op::kOperand) return {.value = lanes[tree.operand]};
  if (tree.op == CellExpr::Op::kConstant) {
    if (!IsFloat(tree.type.kind)) return {.value = {.exists = true, .text = tree.text}};
    const double number = std::strtod(tree.text.c_str(), nullptr);
    return {.value = {.exists = true, .is_float = true, .number = number}};
  }
  if (tree.op == CellExpr::Op::kShareBound) return BoundOfShare(tree, lanes);
  if (tree.op >= CellExpr::Op::kNullIfZero) return ComputeChoice(tree, lanes);
  const CellOutcome left = ComputeCell(tree.args[0], lanes);
  const CellOutcome right = ComputeCell(tree.args[1], lanes);
  CellOutcome outcome;
  outcome.is_doubtful =
      left.has_failed || right.has_failed || left.is_doubtful || right.is_doubtful;
  outcome.value.tolerance =
      std::isinf(left.value.tolerance) || std::isinf(right.value.tolerance) ? kUnknown : 0;
  if (!left.value.exists || !right.value.exists) return outcome;
  const double unknown = outcome.value.tolerance;
  outcome.value = IsFloat(tree.type.kind)
                      ? InFloats(tree.op, AsFloat(left.value, tree.args[0].type),
                                 AsFloat(right.value, tree.args[1].type))
                      : Exactly(tree, left.value, right.value);
  if (unknown > 0) outcome.value.tolerance = kUnknown;
  outcome.has_failed = !outcome.value.exists;
  outcome.is_doubtful = outcome.is_doubtful || std::isinf(outcome.value.tolerance);
  return outcome;
}

}  // namespace sextant::oracle
