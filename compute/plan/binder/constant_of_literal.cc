#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/binder/interval_text.h"
#include "compute/plan/binder/literal_text.h"
#include "compute/plan/binder/type_name.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr int kMaxDigits = 38;
constexpr int kMaxScale = 37;
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

std::string Shown(const Literal& literal) {
  constexpr size_t kMaxBytes = 64;
  const std::string text = absl::Utf8SafeCHexEscape(literal.text.substr(0, kMaxBytes));
  return absl::StrCat("'", text, literal.text.size() > kMaxBytes ? "...'" : "'");
}

absl::Status Malformed(const Literal& literal, const DataType& type) {
  return absl::InvalidArgumentError(
      absl::StrCat("the constant ", Shown(literal), " is no ", TypeName(type)));
}

absl::Status OutOfRange(const Literal& literal, const DataType& type) {
  return absl::InvalidArgumentError(
      absl::StrCat("the constant ", Shown(literal), " is out of the range of ", TypeName(type)));
}

std::pair<int128_t, int128_t> BoundsOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt16:
      return {std::numeric_limits<int16_t>::min(), std::numeric_limits<int16_t>::max()};
    case TypeKind::kInt32:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    default:
      return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  }
}

/// Digits after the point of a number as written, exponent included.
std::optional<int> ScaleOf(std::string_view text) {
  const size_t exponent_at = text.find_first_of("eE");
  int64_t exponent = 0;
  if (exponent_at != std::string_view::npos &&
      !absl::SimpleAtoi(ToAbsl(text.substr(exponent_at + 1)), &exponent)) {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(0, exponent_at);
  const size_t point = digits.find('.');
  const int64_t decimals =
      point == std::string_view::npos ? 0 : static_cast<int64_t>(digits.size() - point - 1);
  const int64_t scale = std::max<int64_t>(decimals - exponent, 0);
  return scale <= kMaxScale ? std::optional<int>(static_cast<int>(scale)) : std::nullopt;
}

absl::StatusOr<BoundConstant> DecimalOf(const Literal& literal, DataType& type) {
  const std::string_view text = ToStd(absl::StripAsciiWhitespace(ToAbsl(literal.text)));
  const std::optional<int> scale = ScaleOf(text);
  if (!ParseScaledDecimal(text, 0)) return Malformed(literal, DataType::Of(TypeKind::kDecimal));
  const std::optional<ScaledDecimal> value =
      scale ? ParseScaledDecimal(text, *scale) : std::nullopt;
  if (!value || value->floor >= TenToThe(kMaxDigits) || value->floor <= -TenToThe(kMaxDigits)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the constant ", Shown(literal), " has more than ", kMaxDigits,
                     " digits, or more than ", kMaxScale, " after the point"));
  }
  type = DataType::Decimal(kMaxDigits, *scale);
  return ConstantOf(type, value->floor);
}

absl::StatusOr<BoundConstant> IntegerConstant(const Literal& literal, const DataType& type) {
  const std::optional<ScaledDecimal> value = ParseScaledDecimal(literal.text, 0);
  if (!value || literal.text.find_first_of(".eE") != std::string::npos) {
    return Malformed(literal, type);
  }
  const auto [min, max] = BoundsOf(type.kind);
  if (value->floor < min || value->floor > max) return OutOfRange(literal, type);
  return ConstantOf(type, value->floor);
}

absl::StatusOr<BoundConstant> InstantConstant(const Literal& literal, const DataType& type,
                                              const absl::TimeZone& zone) {
  const std::optional<NamedType> named =
      literal.kind == Literal::Kind::kTyped ? ParseTypeName(literal.type_name) : std::nullopt;
  if (!named || (named->type.kind == TypeKind::kTimestamp && !named->is_local_time)) {
    SEXTANT_ASSIGN_OR_RETURN(const int64_t instant_us, ParseTimestampTzUs(literal.text, zone));
    return ConstantOf(type, instant_us);
  }
  // A timestamp ignores an offset that is written, a date also the time of day.
  SEXTANT_ASSIGN_OR_RETURN(const DateTimeText local, ParseDateTime(literal.text));
  if (named->type.kind == TypeKind::kDate) {
    return ConstantOf(type, PostgresInstantUs(absl::CivilSecond(local.date), zone));
  }
  return ConstantOf(type, int128_t{PostgresInstantUs(local.local, zone)} + local.microseconds);
}

absl::StatusOr<BoundConstant> IntervalConstant(const Literal& literal, const DataType& type) {
  SEXTANT_ASSIGN_OR_RETURN(const IntervalValue interval, ParseInterval(literal.text));
  BoundConstant constant;
  if (type.kind == TypeKind::kInterval) {
    constant.value = WideOfInterval(interval);
    return constant;
  }
  int64_t microseconds = 0;
  if (interval.months != 0 ||
      __builtin_mul_overflow(int64_t{interval.days}, kMicrosPerDay, &microseconds) ||
      __builtin_add_overflow(microseconds, interval.microseconds, &microseconds)) {
    return absl::InvalidArgumentError(absl::StrCat("the constant ", Shown(literal),
                                                   " has months, which have no fixed length; "
                                                   "allowed here: days and shorter units"));
  }
  return ConstantOf(type, microseconds);
}

absl::StatusOr<BoundConstant> EnumConstant(const Literal& literal, const DataType& type,
                                           std::span<const std::string> labels) {
  const auto label = std::find(labels.begin(), labels.end(), literal.text);
  if (label != labels.end()) return ConstantOf(type, label - labels.begin());
  return absl::InvalidArgumentError(absl::StrCat("the enum has no label ", Shown(literal),
                                                 DidYouMean(literal.text, labels),
                                                 "; allowed: ", ListedNames(labels)));
}

}  // namespace

std::optional<DataType> OwnTypeOf(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::kBool:
      return DataType::Of(TypeKind::kBool);
    case Literal::Kind::kInteger: {
      for (const TypeKind kind : {TypeKind::kInt32, TypeKind::kInt64}) {
        if (IntegerConstant(literal, DataType::Of(kind)).ok()) return DataType::Of(kind);
      }
      return DataType::Decimal(kMaxDigits, 0);
    }
    case Literal::Kind::kDecimal:
      return DataType::Decimal(kMaxDigits, 0);
    case Literal::Kind::kFloat:
      return DataType::Of(TypeKind::kFloat64);
    case Literal::Kind::kNull:
    case Literal::Kind::kString:
      return DataType::Of(TypeKind::kText);
    case Literal::Kind::kTyped:
      break;
  }
  const std::optional<NamedType> named = ParseTypeName(literal.type_name);
  return named ? std::optional<DataType>(named->type) : std::nullopt;
}

absl::StatusOr<BoundConstant> ConstantOfLiteral(const Literal& literal, DataType& type,
                                                std::span<const std::string> enum_labels,
                                                const absl::TimeZone& zone) {
  if (literal.kind == Literal::Kind::kNull) return NullConstantOf();
  BoundConstant constant;
  switch (type.kind) {
    case TypeKind::kBool: {
      const std::optional<bool> value = ParseBool(literal.text);
      if (!value) return Malformed(literal, type);
      return ConstantOf(type, *value ? 1 : 0);
    }
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return IntegerConstant(literal, type);
    case TypeKind::kDecimal:
      return DecimalOf(literal, type);
    case TypeKind::kFloat32:
    case TypeKind::kFloat64: {
      const std::optional<double> value =
          type.kind == TypeKind::kFloat32 ? ParseFloat(literal.text) : ParseDouble(literal.text);
      if (!value) return Malformed(literal, type);
      constant.value = *value;
      return constant;
    }
    case TypeKind::kText:
      constant.value = literal.text;
      return constant;
    case TypeKind::kBytes: {
      std::optional<std::string> bytes = ParseBytes(literal.text);
      if (!bytes) return Malformed(literal, type);
      constant.value = *std::move(bytes);
      return constant;
    }
    case TypeKind::kUuid: {
      const std::optional<Wide> uuid = ParseUuid(literal.text);
      if (!uuid) return Malformed(literal, type);
      constant.value = *uuid;
      return constant;
    }
    case TypeKind::kEnum:
      return EnumConstant(literal, type, enum_labels);
    case TypeKind::kDate: {
      SEXTANT_ASSIGN_OR_RETURN(const int32_t days, ParseDateDays(literal.text));
      return ConstantOf(type, days);
    }
    case TypeKind::kTimestamp:
      return InstantConstant(literal, type, zone);
    case TypeKind::kDuration:
    case TypeKind::kInterval:
      return IntervalConstant(literal, type);
    case TypeKind::kJson:
    case TypeKind::kList:
      break;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("a constant of ", TypeName(type), " has no place in an expression"));
}

}  // namespace sextant
