#include <utility>

#include "compute/memory/check.h"
#include "compute/operators/expression/arithmetic_kernels.h"
#include "compute/operators/expression/decimal_number.h"

namespace sextant {
namespace {

/// Decimals of up to 18 digits lie as int64: made as wide as the arithmetic is.
struct Widen {
  uint8_t operator()(int64_t value, Wide* result) const {
    *result = StoreInt128(value);
    return 0;
  }
};
struct Narrow {
  uint8_t operator()(Wide value, int64_t* result) const {
    *result = static_cast<int64_t>(value.low);
    return 0;
  }
};

struct Add {
  int128_t limit;  // no value reaches it
  uint8_t operator()(Wide a, Wide b, Wide* result) const {
    int128_t sum = 0;
    const bool overflows = __builtin_add_overflow(LoadInt128(a), LoadInt128(b), &sum);
    *result = StoreInt128(sum);
    return static_cast<uint8_t>(overflows | !FitsPrecision(sum, limit));
  }
};
struct Subtract {
  int128_t limit;
  uint8_t operator()(Wide a, Wide b, Wide* result) const {
    int128_t difference = 0;
    const bool overflows = __builtin_sub_overflow(LoadInt128(a), LoadInt128(b), &difference);
    *result = StoreInt128(difference);
    return static_cast<uint8_t>(overflows | !FitsPrecision(difference, limit));
  }
};
struct Multiply {
  int128_t limit;
  uint8_t operator()(Wide a, Wide b, Wide* result) const {
    int128_t product = 0;
    const bool overflows = __builtin_mul_overflow(LoadInt128(a), LoadInt128(b), &product);
    *result = StoreInt128(product);
    return static_cast<uint8_t>(overflows | !FitsPrecision(product, limit));
  }
};
struct Modulo {
  uint8_t operator()(Wide a, Wide b, Wide* result) const {
    const int128_t divisor = LoadInt128(b);
    const bool is_trivial = (divisor == 0) | (divisor == -1);
    *result = StoreInt128(LoadInt128(a) % (is_trivial ? 1 : divisor));
    return divisor == 0 ? 1 : 0;
  }
};
struct Negate {
  uint8_t operator()(Wide a, Wide* result) const {
    *result = StoreInt128(static_cast<int128_t>(0 - static_cast<uint128_t>(LoadInt128(a))));
    return 0;
  }
};
struct Magnitude {
  uint8_t operator()(Wide a, Wide* result) const {
    if (LoadInt128(a) < 0) return Negate{}(a, result);
    *result = a;
    return 0;
  }
};
struct Rescale {
  int from;
  int to;
  DecimalRounding rounding;
  int128_t limit;
  uint8_t operator()(Wide a, Wide* result) const {
    int128_t rescaled = 0;
    const bool fits = RescaleDecimal(LoadInt128(a), from, to, rounding, &rescaled);
    *result = StoreInt128(rescaled);
    return static_cast<uint8_t>(!fits | !FitsPrecision(rescaled, limit));
  }
};

DecimalRounding RoundingOf(ExpressionOp op) {
  switch (op) {
    case ExpressionOp::kFloor:
      return DecimalRounding::kFloor;
    case ExpressionOp::kCeil:
      return DecimalRounding::kCeil;
    case ExpressionOp::kTrunc:
      return DecimalRounding::kTruncate;
    default:
      return DecimalRounding::kHalfAwayFromZero;
  }
}

ExpressionStepPtr MakeWide(const BoundExpression& expression, ExpressionSteps arguments) {
  const int128_t limit = PowerOfTen(expression.type.precision);
  switch (expression.op) {
    case ExpressionOp::kAdd:
      return MakeCombine<Wide>(Add{limit}, std::move(arguments));
    case ExpressionOp::kSubtract:
      return MakeCombine<Wide>(Subtract{limit}, std::move(arguments));
    case ExpressionOp::kMultiply:
      return MakeCombine<Wide>(Multiply{limit}, std::move(arguments));
    case ExpressionOp::kModulo:
      return MakeCombine<Wide>(Modulo{}, std::move(arguments));
    case ExpressionOp::kNegate:
      return MakeConvert<Wide, Wide>(Negate{}, std::move(arguments[0]));
    case ExpressionOp::kAbs:
      return MakeConvert<Wide, Wide>(Magnitude{}, std::move(arguments[0]));
    case ExpressionOp::kDivide:
      SEXTANT_CHECK(false) << "decimals are divided in float64";
      return nullptr;
    default:
      return MakeConvert<Wide, Wide>(
          Rescale{expression.arguments[0].type.scale, expression.type.scale,
                  RoundingOf(expression.op), limit},
          std::move(arguments[0]));
  }
}

}  // namespace

ExpressionStepPtr MakeDecimalArithmetic(const BoundExpression& expression,
                                        ExpressionSteps arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (SlotFormOf(expression.arguments[i].type) == SlotForm::kWide) continue;
    arguments[i] = MakeConvert<int64_t, Wide>(Widen{}, std::move(arguments[i]));
  }
  ExpressionStepPtr step = MakeWide(expression, std::move(arguments));
  if (SlotFormOf(expression.type) == SlotForm::kWide) return step;
  return MakeConvert<Wide, int64_t>(Narrow{}, std::move(step));
}

}  // namespace sextant
