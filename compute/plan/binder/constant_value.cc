#include "compute/plan/binder/constant_value.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr int kMaxDigits = 38;
constexpr int64_t kMicrosPerSecond = 1'000'000;

std::string InstantText(int64_t instant_us) {
  const int64_t microseconds =
      (instant_us % kMicrosPerSecond + kMicrosPerSecond) % kMicrosPerSecond;
  const absl::CivilSecond utc = absl::UTCTimeZone().At(absl::FromUnixMicros(instant_us)).cs;
  const bool is_bc = utc.year() <= 0;
  return absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d.%06d+00%s",
                         is_bc ? 1 - utc.year() : utc.year(), utc.month(), utc.day(), utc.hour(),
                         utc.minute(), utc.second(), microseconds, is_bc ? " BC" : "");
}

std::string DateText(int64_t days) {
  const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + days;
  const bool is_bc = day.year() <= 0;
  return absl::StrFormat("%04d-%02d-%02d%s", is_bc ? 1 - day.year() : day.year(), day.month(),
                         day.day(), is_bc ? " BC" : "");
}

std::string DoubleText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return absl::StrFormat("%.17g", value);
}

std::string UuidText(Wide wide) {
  uint8_t bytes[16];
  UuidOfWide(wide, bytes);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes), sizeof(bytes)));
}

std::string MicrosecondsText(int64_t microseconds) {
  return absl::StrCat(microseconds / kMicrosPerSecond, " s ", microseconds % kMicrosPerSecond,
                      " us");
}

Literal Typed(const char* type_name, std::string text) {
  Literal literal;
  literal.kind = Literal::Kind::kTyped;
  literal.type_name = type_name;
  literal.text = std::move(text);
  return literal;
}

}  // namespace

int128_t TenToThe(int exponent) {
  int128_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

BoundConstant ConstantOf(const DataType& type, int128_t value) {
  BoundConstant constant;
  if (PlainLayout(type) == Layout::kWide) {
    constant.value = WideOfInt128(value);
  } else {
    constant.value = static_cast<int64_t>(value);
  }
  return constant;
}

BoundConstant NullConstantOf() {
  BoundConstant constant;
  constant.is_null = true;
  return constant;
}

int128_t IntegerOf(const BoundConstant& constant) {
  if (const auto* wide = std::get_if<Wide>(&constant.value)) return Int128OfWide(*wide);
  return std::get<int64_t>(constant.value);
}

int128_t KeyOfConstant(const BoundExpression& constant) {
  const auto* number = std::get_if<double>(&constant.constant.value);
  if (number != nullptr) return FloatKey(*number);
  const auto* wide = std::get_if<Wide>(&constant.constant.value);
  return wide != nullptr ? WideKey(constant.type, *wide) : IntegerOf(constant.constant);
}

BoundExpression ConstantExpression(const DataType& type, BoundConstant constant) {
  BoundExpression expression;
  expression.op = ExpressionOp::kConstant;
  expression.type = type;
  expression.constant = std::move(constant);
  return expression;
}

double DoubleOfDecimal(int128_t integer, int scale) {
  const std::string text = absl::StrCat(PrintedDecimal(integer, 0), "e-", scale);
  return std::strtod(text.c_str(), nullptr);
}

std::optional<int128_t> Rescaled(int128_t value, int scale, int new_scale) {
  if (new_scale >= scale) {
    int128_t scaled = 0;
    if (new_scale - scale > kMaxDigits ||
        __builtin_mul_overflow(value, TenToThe(new_scale - scale), &scaled)) {
      return value == 0 ? std::optional<int128_t>(0) : std::nullopt;
    }
    const bool fits = scaled < TenToThe(kMaxDigits) && scaled > -TenToThe(kMaxDigits);
    return fits ? std::optional<int128_t>(scaled) : std::nullopt;
  }
  const int128_t divisor = TenToThe(scale - new_scale);
  const int128_t half = divisor / 2;
  return (value < 0 ? value - half : value + half) / divisor;
}

std::string PrintedDecimal(int128_t value, int scale) {
  auto rest = value < 0 ? 0 - static_cast<uint128_t>(value) : static_cast<uint128_t>(value);
  std::string digits;
  for (int place = 0; place <= scale || rest != 0; ++place, rest /= 10) {
    if (place == scale && scale > 0) digits.push_back('.');
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  if (value < 0) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

Literal LiteralOf(const DataType& type, const BoundConstant& constant,
                  std::span<const std::string> enum_labels) {
  if (constant.is_null) return {};
  switch (type.kind) {
    case TypeKind::kBool: {
      Literal literal;
      literal.kind = Literal::Kind::kBool;
      literal.text = IntegerOf(constant) != 0 ? "true" : "false";
      return literal;
    }
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return Typed("int8", PrintedDecimal(IntegerOf(constant), 0));
    case TypeKind::kDecimal:
      return Typed("numeric", PrintedDecimal(IntegerOf(constant), type.scale));
    case TypeKind::kFloat32:
      return Typed("float4", DoubleText(std::get<double>(constant.value)));
    case TypeKind::kFloat64:
      return Typed("float8", DoubleText(std::get<double>(constant.value)));
    case TypeKind::kText:
      return Typed("text", std::get<std::string>(constant.value));
    case TypeKind::kBytes:
      return Typed(
          "bytea",
          absl::StrCat("\\x", absl::BytesToHexString(std::get<std::string>(constant.value))));
    case TypeKind::kUuid:
      return Typed("uuid", UuidText(std::get<Wide>(constant.value)));
    case TypeKind::kEnum: {
      Literal literal;
      literal.kind = Literal::Kind::kString;
      literal.text = enum_labels[static_cast<size_t>(IntegerOf(constant))];
      return literal;
    }
    case TypeKind::kDate:
      return Typed("date", DateText(static_cast<int64_t>(IntegerOf(constant))));
    case TypeKind::kTimestamp:
      return Typed("timestamptz", InstantText(static_cast<int64_t>(IntegerOf(constant))));
    case TypeKind::kDuration:
      return Typed("interval", MicrosecondsText(static_cast<int64_t>(IntegerOf(constant))));
    case TypeKind::kInterval: {
      const IntervalValue interval = IntervalOfWide(std::get<Wide>(constant.value));
      return Typed("interval", absl::StrCat(interval.months, " mons ", interval.days, " days ",
                                            MicrosecondsText(interval.microseconds)));
    }
    case TypeKind::kJson:
    case TypeKind::kList:
      break;
  }
  SEXTANT_CHECK(false) << "no literal of " << TypeName(type);
  return {};
}

}  // namespace sextant
