#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "compute/memory/check.h"
#include "compute/operators/expression/arithmetic_kernels.h"
#include "compute/operators/expression/decimal_number.h"
#include "compute/operators/expression/local_clock.h"
#include "compute/plan/calendar.h"

namespace sextant {
namespace {

struct IntegerLimits {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
};

IntegerLimits LimitsOf(TypeKind kind) {
  if (kind == TypeKind::kInt16) {
    return {std::numeric_limits<int16_t>::min(), std::numeric_limits<int16_t>::max()};
  }
  if (kind == TypeKind::kInt32) {
    return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
  }
  return {};
}

/// From integers (scale 0) and decimals to integers and decimals, in int128; From and To are how
/// they lie, int64_t or Wide.
template <typename From, typename To>
struct RescaleTo {
  int from_scale;
  int to_scale;
  int128_t min;
  int128_t max;
  uint8_t operator()(From value, To* result) const {
    int128_t wide = 0;
    if constexpr (std::is_same_v<From, Wide>) {
      wide = LoadInt128(value);
    } else {
      wide = value;
    }
    int128_t rescaled = 0;
    const bool fits =
        RescaleDecimal(wide, from_scale, to_scale, DecimalRounding::kHalfAwayFromZero, &rescaled);
    if constexpr (std::is_same_v<To, Wide>) {
      *result = StoreInt128(rescaled);
    } else {
      *result = static_cast<int64_t>(rescaled);
    }
    return static_cast<uint8_t>(!fits | (rescaled < min) | (rescaled > max));
  }
};

/// Integers to integers of fewer bytes.
struct Clip {
  IntegerLimits limits;
  uint8_t operator()(int64_t value, int64_t* result) const {
    *result = value;
    return static_cast<uint8_t>((value < limits.min) | (value > limits.max));
  }
};

struct IntegerToFloat {
  bool is_float4;
  uint8_t operator()(int64_t value, double* result) const {
    *result =
        is_float4 ? static_cast<double>(static_cast<float>(value)) : static_cast<double>(value);
    return 0;
  }
};

template <typename From>
struct DecimalToFloat {
  int scale;
  bool is_float4;
  uint8_t operator()(From value, double* result) const {
    int128_t wide = 0;
    if constexpr (std::is_same_v<From, Wide>) {
      wide = LoadInt128(value);
    } else {
      wide = value;
    }
    *result = is_float4 ? DecimalToSingle(wide, scale) : DecimalToDouble(wide, scale);
    return 0;
  }
};

/// PostgreSQL's rint(), then what fits.
struct FloatToInteger {
  IntegerLimits limits;
  uint8_t operator()(double value, int64_t* result) const {
    constexpr double kBeyond = 0x1p63;
    const double rounded = std::nearbyint(value);
    const bool fits = (rounded >= -kBeyond) & (rounded < kBeyond);  // false for NaN
    *result = fits ? static_cast<int64_t>(rounded) : 0;
    return static_cast<uint8_t>(!fits | (*result < limits.min) | (*result > limits.max));
  }
};

struct FloatToSingle {
  uint8_t operator()(double value, double* result) const {
    *result = static_cast<double>(static_cast<float>(value));
    return static_cast<uint8_t>(int{std::isinf(*result)} & int{!std::isinf(value)});
  }
};

template <typename To>
struct FloatToDecimal {
  int digits;  // that count of the float
  int scale;
  int128_t limit;
  uint8_t operator()(double value, To* result) const {
    const std::optional<int128_t> decimal = DecimalOfDouble(value, digits, scale);
    const int128_t number = decimal.value_or(0);
    if constexpr (std::is_same_v<To, Wide>) {
      *result = StoreInt128(number);
    } else {
      *result = static_cast<int64_t>(number);
    }
    return !decimal || !FitsPrecision(number, limit) ? 1 : 0;
  }
};

struct IntegerToBool {
  uint8_t operator()(int64_t value, int64_t* result) const {
    *result = value != 0 ? 1 : 0;
    return 0;
  }
};

struct DateToTimestamp {
  std::shared_ptr<const LocalClock> clock;
  uint8_t operator()(int64_t value, int64_t* result) const {
    const int64_t day = std::clamp(value, kMinDay, kMaxDay);  // beyond: a slot without a value
    const int64_t second = clock->PostgresInstant(day * kSecondsPerDay);
    const bool overflows = __builtin_mul_overflow(second, kMicrosPerSecond, result);
    return static_cast<uint8_t>(overflows | (*result < kMinInstantUs) | (*result > kMaxInstantUs));
  }
};

struct TimestampToDate {
  std::shared_ptr<const LocalClock> clock;
  uint8_t operator()(int64_t instant_us, int64_t* result) const {
    const int64_t local = clock->LocalOf(FloorDivide(instant_us, kMicrosPerSecond));
    *result = FloorDivide(local, kSecondsPerDay);
    return 0;
  }
};

bool IsExact(const DataType& type) {
  return IsInteger(type.kind) || type.kind == TypeKind::kDecimal;
}

template <typename From, typename To>
ExpressionStepPtr MakeRescale(const DataType& from, const DataType& to,
                              ExpressionStepPtr argument) {
  RescaleTo<From, To> kernel{from.scale, to.scale, 0, 0};
  if (to.kind == TypeKind::kDecimal) {
    kernel.max = PowerOfTen(to.precision) - 1;
    kernel.min = -kernel.max;
  } else {
    const IntegerLimits limits = LimitsOf(to.kind);
    kernel.min = limits.min;
    kernel.max = limits.max;
  }
  return MakeConvert<From, To>(kernel, std::move(argument));
}

ExpressionStepPtr MakeExactCast(const DataType& from, const DataType& to,
                                ExpressionStepPtr argument) {
  if (IsInteger(from.kind) && IsInteger(to.kind)) {
    if (to.kind == TypeKind::kInt64) return argument;
    return MakeConvert<int64_t, int64_t>(Clip{LimitsOf(to.kind)}, std::move(argument));
  }
  const bool from_wide = SlotFormOf(from) == SlotForm::kWide;
  const bool to_wide = SlotFormOf(to) == SlotForm::kWide;
  if (from_wide && to_wide) return MakeRescale<Wide, Wide>(from, to, std::move(argument));
  if (from_wide) return MakeRescale<Wide, int64_t>(from, to, std::move(argument));
  if (to_wide) return MakeRescale<int64_t, Wide>(from, to, std::move(argument));
  return MakeRescale<int64_t, int64_t>(from, to, std::move(argument));
}

ExpressionStepPtr MakeCastFromFloat(const DataType& from, const DataType& to,
                                    ExpressionStepPtr argument) {
  if (to.kind == TypeKind::kFloat32) {
    return MakeConvert<double, double>(FloatToSingle{}, std::move(argument));
  }
  if (IsFloat(to.kind)) return argument;
  if (IsInteger(to.kind)) {
    return MakeConvert<double, int64_t>(FloatToInteger{LimitsOf(to.kind)}, std::move(argument));
  }
  const int digits = from.kind == TypeKind::kFloat32 ? 6 : 15;
  const int128_t limit = PowerOfTen(to.precision);
  if (SlotFormOf(to) == SlotForm::kWide) {
    return MakeConvert<double, Wide>(FloatToDecimal<Wide>{digits, to.scale, limit},
                                     std::move(argument));
  }
  return MakeConvert<double, int64_t>(FloatToDecimal<int64_t>{digits, to.scale, limit},
                                      std::move(argument));
}

ExpressionStepPtr MakeCastToFloat(const DataType& from, const DataType& to,
                                  ExpressionStepPtr argument) {
  const bool is_float4 = to.kind == TypeKind::kFloat32;
  if (from.kind != TypeKind::kDecimal) {
    return MakeConvert<int64_t, double>(IntegerToFloat{is_float4}, std::move(argument));
  }
  if (SlotFormOf(from) == SlotForm::kWide) {
    return MakeConvert<Wide, double>(DecimalToFloat<Wide>{from.scale, is_float4},
                                     std::move(argument));
  }
  return MakeConvert<int64_t, double>(DecimalToFloat<int64_t>{from.scale, is_float4},
                                      std::move(argument));
}

}  // namespace

ExpressionStepPtr MakeCastStep(const BoundExpression& expression, ExpressionStepPtr argument) {
  const DataType& from = expression.arguments[0].type;
  const DataType& to = expression.type;
  if (from == to) return argument;
  if (IsFloat(from.kind)) return MakeCastFromFloat(from, to, std::move(argument));
  if (IsFloat(to.kind)) return MakeCastToFloat(from, to, std::move(argument));
  if (IsExact(from) && IsExact(to)) return MakeExactCast(from, to, std::move(argument));
  if (to.kind == TypeKind::kBool) {
    return MakeConvert<int64_t, int64_t>(IntegerToBool{}, std::move(argument));
  }
  if (from.kind == TypeKind::kBool) return argument;  // to an integer
  if (from.kind == TypeKind::kDate && to.kind == TypeKind::kTimestamp) {
    return MakeConvert<int64_t, int64_t>(DateToTimestamp{LocalClock::Of(expression.time_zone)},
                                         std::move(argument));
  }
  if (from.kind == TypeKind::kTimestamp && to.kind == TypeKind::kDate) {
    return MakeConvert<int64_t, int64_t>(TimestampToDate{LocalClock::Of(expression.time_zone)},
                                         std::move(argument));
  }
  SEXTANT_CHECK(false) << "no cast from " << TypeName(from) << " to " << TypeName(to);
  return nullptr;
}

}  // namespace sextant
