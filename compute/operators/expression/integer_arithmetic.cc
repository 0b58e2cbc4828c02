#include <limits>
#include <utility>

#include "compute/memory/check.h"
#include "compute/operators/expression/arithmetic_kernels.h"
#include "compute/operators/expression/local_clock.h"
#include "compute/plan/calendar.h"

namespace sextant {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();

/// What the result's type allows.
struct Limits {
  int64_t min = kLeast;
  int64_t max = kGreatest;
  uint8_t Exceeds(int64_t value) const {
    return static_cast<uint8_t>((value < min) | (value > max));
  }
};

Limits LimitsOf(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kInt16:
      return {std::numeric_limits<int16_t>::min(), std::numeric_limits<int16_t>::max()};
    case TypeKind::kInt32:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    case TypeKind::kDate:
      return {kMinDay, kMaxDay};
    case TypeKind::kTimestamp:
      return {kMinInstantUs, kMaxInstantUs};
    default:
      return {};
  }
}

struct Add {
  Limits limits;
  uint8_t operator()(int64_t a, int64_t b, int64_t* result) const {
    const bool overflows = __builtin_add_overflow(a, b, result);
    return static_cast<uint8_t>(overflows | limits.Exceeds(*result));
  }
};
struct Subtract {
  Limits limits;
  uint8_t operator()(int64_t a, int64_t b, int64_t* result) const {
    const bool overflows = __builtin_sub_overflow(a, b, result);
    return static_cast<uint8_t>(overflows | limits.Exceeds(*result));
  }
};
struct Multiply {
  Limits limits;
  uint8_t operator()(int64_t a, int64_t b, int64_t* result) const {
    const bool overflows = __builtin_mul_overflow(a, b, result);
    return static_cast<uint8_t>(overflows | limits.Exceeds(*result));
  }
};
struct Divide {
  Limits limits;
  uint8_t operator()(int64_t a, int64_t b, int64_t* result) const {
    const bool fails = (b == 0) | ((a == kLeast) & (b == -1));
    *result = a / (fails ? 1 : b);
    return static_cast<uint8_t>(fails | limits.Exceeds(*result));
  }
};
/// x % -1 is 0 for every x, which the processor cannot divide so.
struct Modulo {
  uint8_t operator()(int64_t a, int64_t b, int64_t* result) const {
    const bool is_trivial = (b == 0) | (b == -1);
    *result = a % (is_trivial ? 1 : b);
    return b == 0 ? 1 : 0;
  }
};
struct Negate {
  Limits limits;
  uint8_t operator()(int64_t a, int64_t* result) const { return Subtract{limits}(0, a, result); }
};
struct Magnitude {
  Limits limits;
  uint8_t operator()(int64_t a, int64_t* result) const {
    const int64_t sign = a >> 63;
    return Subtract{limits}(a ^ sign, sign, result);
  }
};

}  // namespace

ExpressionStepPtr MakeIntegerArithmetic(const BoundExpression& expression,
                                        ExpressionSteps arguments) {
  const Limits limits = LimitsOf(expression.type);
  switch (expression.op) {
    case ExpressionOp::kAdd:
      return MakeCombine<int64_t>(Add{limits}, std::move(arguments));
    case ExpressionOp::kSubtract:
      return MakeCombine<int64_t>(Subtract{limits}, std::move(arguments));
    case ExpressionOp::kMultiply:
      return MakeCombine<int64_t>(Multiply{limits}, std::move(arguments));
    case ExpressionOp::kDivide:
      return MakeCombine<int64_t>(Divide{limits}, std::move(arguments));
    case ExpressionOp::kModulo:
      return MakeCombine<int64_t>(Modulo{}, std::move(arguments));
    case ExpressionOp::kNegate:
      return MakeConvert<int64_t, int64_t>(Negate{limits}, std::move(arguments[0]));
    case ExpressionOp::kAbs:
      return MakeConvert<int64_t, int64_t>(Magnitude{limits}, std::move(arguments[0]));
    default:  // integers round to themselves
      return std::move(arguments[0]);
  }
}

}  // namespace sextant
