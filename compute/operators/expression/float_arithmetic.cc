#include <cmath>
#include <utility>

#include "compute/memory/check.h"
#include "compute/operators/expression/arithmetic_kernels.h"

namespace sextant {
namespace {

/// Infinite, of operands that are not: an overflow. Underflow is IEEE's.
uint8_t Overflows(double a, double b, double result) {
  return static_cast<uint8_t>(int{std::isinf(result)} & int{!std::isinf(a)} & int{!std::isinf(b)});
}

struct Add {
  uint8_t operator()(double a, double b, double* result) const {
    const double sum = a + b;
    *result = sum;
    return Overflows(a, b, sum);
  }
};
struct Subtract {
  uint8_t operator()(double a, double b, double* result) const {
    const double difference = a - b;
    *result = difference;
    return Overflows(a, b, difference);
  }
};
struct Multiply {
  uint8_t operator()(double a, double b, double* result) const {
    const double product = a * b;
    *result = product;
    return Overflows(a, b, product);
  }
};
/// NaN / 0 has no value either (rule 5: the SQL divides by NULLIF(b, 0)), where PostgreSQL's own is
/// NaN.
struct Divide {
  uint8_t operator()(double a, double b, double* result) const {
    const double quotient = a / b;
    *result = quotient;
    return static_cast<uint8_t>((b == 0) | Overflows(a, b, quotient));
  }
};

/// One function of one number that cannot fail.
template <double (*kFunction)(double)>
struct Apply {
  uint8_t operator()(double a, double* result) const {
    *result = kFunction(a);
    return 0;
  }
};

double Negative(double a) { return -a; }
double Magnitude(double a) { return std::fabs(a); }
double RoundHalfEven(double a) { return std::nearbyint(a); }
double Floor(double a) { return std::floor(a); }
double Ceil(double a) { return std::ceil(a); }
double Trunc(double a) { return std::trunc(a); }

template <double (*kFunction)(double)>
ExpressionStepPtr MakeFunction(ExpressionSteps& arguments) {
  return MakeConvert<double, double>(Apply<kFunction>{}, std::move(arguments[0]));
}

}  // namespace

ExpressionStepPtr MakeFloatArithmetic(const BoundExpression& expression,
                                      ExpressionSteps arguments) {
  switch (expression.op) {
    case ExpressionOp::kAdd:
      return MakeCombine<double>(Add{}, std::move(arguments));
    case ExpressionOp::kSubtract:
      return MakeCombine<double>(Subtract{}, std::move(arguments));
    case ExpressionOp::kMultiply:
      return MakeCombine<double>(Multiply{}, std::move(arguments));
    case ExpressionOp::kDivide:
      return MakeCombine<double>(Divide{}, std::move(arguments));
    case ExpressionOp::kNegate:
      return MakeFunction<Negative>(arguments);
    case ExpressionOp::kAbs:
      return MakeFunction<Magnitude>(arguments);
    case ExpressionOp::kRound:
      return MakeFunction<RoundHalfEven>(arguments);
    case ExpressionOp::kFloor:
      return MakeFunction<Floor>(arguments);
    case ExpressionOp::kCeil:
      return MakeFunction<Ceil>(arguments);
    case ExpressionOp::kTrunc:
      return MakeFunction<Trunc>(arguments);
    default:
      SEXTANT_CHECK(false) << "floats have no such arithmetic";
      return nullptr;
  }
}

}  // namespace sextant
