#include "compute/plan/binder/literal_binder.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/binder/interval_text.h"
#include "compute/plan/binder/literal_text.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr int64_t kFirstDay = -2'440'588;
constexpr int64_t kLastDay = std::numeric_limits<int32_t>::max();

bool IsTypedAs(const Literal& literal, std::initializer_list<std::string_view> type_names) {
  return literal.kind == Literal::Kind::kTyped &&
         std::find(type_names.begin(), type_names.end(), literal.type_name) != type_names.end();
}

bool IsIntegerLiteral(const Literal& literal) {
  return literal.kind == Literal::Kind::kInteger || IsTypedAs(literal, {"int2", "int4", "int8"});
}

bool IsExactLiteral(const Literal& literal) {
  return IsIntegerLiteral(literal) || literal.kind == Literal::Kind::kDecimal ||
         IsTypedAs(literal, {"numeric"});
}

bool IsFloat64Literal(const Literal& literal) {
  return literal.kind == Literal::Kind::kFloat || IsTypedAs(literal, {"float8"});
}

bool IsFloat32Literal(const Literal& literal) { return IsTypedAs(literal, {"float4"}); }

bool IsNumberLiteral(const Literal& literal) {
  return IsExactLiteral(literal) || IsFloat64Literal(literal) || IsFloat32Literal(literal);
}

bool IsQuoted(const Literal& literal) { return literal.kind == Literal::Kind::kString; }

bool IsIntegerText(std::string_view text) {
  text = ToStd(absl::StripAsciiWhitespace(ToAbsl(text)));
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char letter) {
    return absl::ascii_isdigit(static_cast<unsigned char>(letter));
  });
}

/// Of digits alone, and so few that they fit.
std::optional<int64_t> PlainInteger(std::string_view text) {
  constexpr size_t kMostDigits = 18;
  if (text.empty() || text.size() > kMostDigits) return std::nullopt;
  int64_t number = 0;
  for (const char letter : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(letter))) return std::nullopt;
    number = number * 10 + (letter - '0');
  }
  return number;
}

std::pair<int128_t, int128_t> KeysOf(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kInt16:
      return {std::numeric_limits<int16_t>::min(), std::numeric_limits<int16_t>::max()};
    case TypeKind::kInt32:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    case TypeKind::kDecimal: {
      // A difference may have more digits than its type.
      if (PlainLayout(type) == Layout::kInteger) break;
      int128_t end = 1;
      for (int digit = 0; digit < type.precision; ++digit) end *= 10;
      return {1 - end, end - 1};
    }
    default:
      break;
  }
  return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
}

/// key / 10^scale as a double, rounded once, as PostgreSQL's casts to float8 do.
double FloatOf(int128_t key, int scale) {
  constexpr int128_t kExact = int128_t{1} << 53;
  constexpr int kMaxExactScale = 22;
  if (scale == 0 && key >= std::numeric_limits<int64_t>::min() &&
      key <= std::numeric_limits<int64_t>::max()) {
    return static_cast<double>(static_cast<int64_t>(key));
  }
  if (key >= -kExact && key <= kExact && scale <= kMaxExactScale) {
    double divisor = 1;
    for (int digit = 0; digit < scale; ++digit) divisor *= 10;
    return static_cast<double>(static_cast<int64_t>(key)) / divisor;
  }
  std::string digits;
  auto rest = key < 0 ? 0 - static_cast<uint128_t>(key) : static_cast<uint128_t>(key);
  for (; rest != 0; rest /= 10)
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
  std::reverse(digits.begin(), digits.end());
  const std::string text = absl::StrCat(key < 0 ? "-" : "", digits, "e-", scale);
  return std::strtod(text.c_str(), nullptr);
}

std::string LiteralTypeName(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::kNull:
      return "NULL";
    case Literal::Kind::kBool:
      return "boolean";
    case Literal::Kind::kInteger:
      return "integer";
    case Literal::Kind::kDecimal:
      return "numeric";
    case Literal::Kind::kFloat:
      return "double precision";
    case Literal::Kind::kString:
      return "text";
    case Literal::Kind::kTyped:
      return literal.type_name;
  }
  return "";
}

std::string Shown(const Literal& literal) {
  constexpr size_t kMaxBytes = 64;
  const std::string text = absl::Utf8SafeCHexEscape(literal.text.substr(0, kMaxBytes));
  return absl::StrCat("'", text, literal.text.size() > kMaxBytes ? "...'" : "'");
}

/// A constant that is one of the type wherever it stands.
const char* ExampleOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBool:
      return "true";
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return "20";
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
    case TypeKind::kDecimal:
      return "2.5";
    case TypeKind::kDate:
      return "'2024-01-31'";
    case TypeKind::kTimestamp:
      return "'2024-01-31 09:30'";
    case TypeKind::kDuration:
    case TypeKind::kInterval:
      return "'1 day 02:00'";
    case TypeKind::kUuid:
      return "'123e4567-e89b-12d3-a456-426614174000'";
    case TypeKind::kBytes:
      return "'\\x1f'";
    case TypeKind::kEnum:
      return "one of its labels in apostrophes";
    case TypeKind::kText:
    case TypeKind::kJson:
      return "'text'";
    case TypeKind::kList:
      return "'{}'";
  }
  return "";
}

}  // namespace

bool HasKey(const DataType& type) {
  return type.kind != TypeKind::kText && type.kind != TypeKind::kBytes &&
         type.kind != TypeKind::kJson && type.kind != TypeKind::kList;
}

bool HasWideKey(const DataType& type) { return PlainLayout(type) == Layout::kWide; }

KeyRange OfType(const DataType& type, const KeyRange& range) {
  const auto within = [&range]<typename T>(T /*of_type*/) {
    return range.Intersect({std::numeric_limits<T>::min(), std::numeric_limits<T>::max()});
  };
  if (HasWideKey(type)) return range;
  if (type.kind == TypeKind::kInt16) return within(int16_t{});
  return type.kind == TypeKind::kInt32 ? within(int32_t{}) : within(int64_t{});
}

absl::Status LiteralBinder::Mismatch(const ComparedValue& value, const Literal& literal) const {
  return FieldError(
      field_,
      absl::StrCat(ToAbsl(value.text), " is ", TypeName(value.type), ", the constant ",
                   Shown(literal), " is ", LiteralTypeName(literal),
                   "; the two types cannot be compared; allowed: ", TypeName(value.type), ", as ",
                   ExampleOf(value.type.kind)),
      literal.position);
}

absl::Status LiteralBinder::Malformed(const ComparedValue& value, const Literal& literal) const {
  return FieldError(field_,
                    absl::StrCat("the constant ", Shown(literal), " is no ", TypeName(value.type),
                                 ", which ", ToAbsl(value.text), " is"),
                    literal.position);
}

absl::Status LiteralBinder::Located(const absl::Status& status, const Literal& literal) const {
  return FieldError(field_, std::string(status.message()), literal.position);
}

NumberDomain LiteralBinder::DomainOf(const ComparedValue& value,
                                     std::span<const Literal> literals) const {
  const bool any_float64 = std::any_of(literals.begin(), literals.end(), IsFloat64Literal);
  const bool any_float32 = std::any_of(literals.begin(), literals.end(), IsFloat32Literal);
  if (value.type.kind == TypeKind::kFloat64) return NumberDomain::kFloat64;
  if (value.type.kind != TypeKind::kFloat32) {
    return any_float64 || any_float32 ? NumberDomain::kFloat64 : NumberDomain::kExact;
  }
  if (any_float64) return NumberDomain::kFloat64;
  // A lone number that is no float4 makes PostgreSQL choose float8, its preferred type; a quoted
  // constant or a list resolves to the type of the column.
  const bool lone_number =
      literals.size() == 1 && !IsQuoted(literals[0]) && !IsFloat32Literal(literals[0]);
  return lone_number ? NumberDomain::kFloat64 : NumberDomain::kFloat32;
}

absl::StatusOr<KeyBound> LiteralBinder::BindKey(const ComparedValue& value, const Literal& literal,
                                                NumberDomain domain) const {
  SEXTANT_CHECK(literal.kind != Literal::Kind::kNull);
  switch (value.type.kind) {
    case TypeKind::kBool:
      return BindBool(value, literal);
    case TypeKind::kEnum:
      return BindEnum(value, literal);
    case TypeKind::kUuid:
      return BindUuid(value, literal);
    case TypeKind::kDate:
      return BindDate(value, literal);
    case TypeKind::kTimestamp:
      return BindTimestamp(value, literal);
    case TypeKind::kDuration:
    case TypeKind::kInterval:
      return BindInterval(value, literal);
    default:
      SEXTANT_CHECK(IsNumber(value.type.kind)) << TypeName(value.type);
      return BindNumber(value, literal, domain);
  }
}

absl::StatusOr<KeyBound> LiteralBinder::BindNumber(const ComparedValue& value,
                                                   const Literal& literal,
                                                   NumberDomain domain) const {
  if (!IsNumberLiteral(literal) && !IsQuoted(literal)) return Mismatch(value, literal);
  if (IsFloat(value.type.kind)) return BindFloat(value, literal, domain);
  if (domain == NumberDomain::kExact) return BindExactNumber(value, literal);
  const std::optional<double> constant =
      IsFloat32Literal(literal) ? ParseFloat(literal.text) : ParseDouble(literal.text);
  if (!constant) return Malformed(value, literal);
  const int64_t constant_key = FloatKey(*constant);
  const auto [min, max] = KeysOf(value.type);
  const int scale = value.type.scale;
  return SearchBound(
      min, max, [&](int128_t key) { return FloatKey(FloatOf(key, scale)) < constant_key; },
      [&](int128_t key) { return FloatKey(FloatOf(key, scale)) > constant_key; });
}

absl::StatusOr<KeyBound> LiteralBinder::BindExactNumber(const ComparedValue& value,
                                                        const Literal& literal) const {
  if (literal.kind == Literal::Kind::kInteger && value.type.kind != TypeKind::kDecimal) {
    if (const std::optional<int64_t> plain = PlainInteger(literal.text)) {
      return KeyBound::At(*plain);
    }
  }
  const bool must_be_integer =
      IsIntegerLiteral(literal) || (IsQuoted(literal) && IsInteger(value.type.kind));
  if (must_be_integer && !IsIntegerText(literal.text)) return Malformed(value, literal);
  const std::optional<ScaledDecimal> constant = ParseScaledDecimal(
      literal.text, value.type.kind == TypeKind::kDecimal ? value.type.scale : 0);
  if (!constant) return Malformed(value, literal);
  if (IsQuoted(literal) && IsInteger(value.type.kind)) {
    const auto [min, max] = KeysOf(value.type);
    if (constant->floor < min || constant->floor > max) {
      return FieldError(field_,
                        absl::StrCat("the constant ", Shown(literal), " is out of the range of ",
                                     TypeName(value.type), ", which ", ToAbsl(value.text), " is"),
                        literal.position);
    }
  }
  return constant->exact ? KeyBound::At(constant->floor) : KeyBound::Above(constant->floor);
}

absl::StatusOr<KeyBound> LiteralBinder::BindFloat(const ComparedValue& value,
                                                  const Literal& literal,
                                                  NumberDomain domain) const {
  const bool as_float32 = domain == NumberDomain::kFloat32 || IsFloat32Literal(literal);
  const std::optional<double> constant =
      as_float32 ? ParseFloat(literal.text) : ParseDouble(literal.text);
  if (!constant) return Malformed(value, literal);
  return KeyBound::At(FloatKey(*constant));
}

absl::StatusOr<KeyBound> LiteralBinder::BindBool(const ComparedValue& value,
                                                 const Literal& literal) const {
  if (literal.kind != Literal::Kind::kBool && !IsQuoted(literal) && !IsTypedAs(literal, {"bool"})) {
    return Mismatch(value, literal);
  }
  const std::optional<bool> constant = ParseBool(literal.text);
  if (!constant) return Malformed(value, literal);
  return KeyBound::At(*constant ? 1 : 0);
}

absl::StatusOr<KeyBound> LiteralBinder::BindEnum(const ComparedValue& value,
                                                 const Literal& literal) const {
  // The schema does not keep the name of an enum type: any name but a built-in one is taken for it.
  const bool other_type = IsNumberLiteral(literal) || literal.kind == Literal::Kind::kBool ||
                          IsTypedAs(literal, {"bool", "text", "varchar", "bpchar", "date", "uuid",
                                              "timestamp", "timestamptz", "interval", "bytea"});
  if (other_type) return Mismatch(value, literal);
  const auto label = std::find(value.enum_labels.begin(), value.enum_labels.end(), literal.text);
  if (label != value.enum_labels.end()) {
    return KeyBound::At(label - value.enum_labels.begin());
  }
  return FieldError(field_,
                    absl::StrCat(ToAbsl(value.text), " has no label ", Shown(literal),
                                 DidYouMean(literal.text, value.enum_labels),
                                 "; allowed: ", ListedNames(value.enum_labels)),
                    literal.position, NearestNames(literal.text, value.enum_labels));
}

absl::StatusOr<KeyBound> LiteralBinder::BindUuid(const ComparedValue& value,
                                                 const Literal& literal) const {
  if (!IsQuoted(literal) && !IsTypedAs(literal, {"uuid"})) return Mismatch(value, literal);
  const std::optional<Wide> constant = ParseUuid(literal.text);
  if (!constant) return Malformed(value, literal);
  return KeyBound::At(WideKey(value.type, *constant));
}

absl::StatusOr<KeyBound> LiteralBinder::BindDate(const ComparedValue& value,
                                                 const Literal& literal) const {
  if (IsQuoted(literal) || IsTypedAs(literal, {"date"})) {
    const absl::StatusOr<int32_t> days = ParseDateDays(literal.text);
    if (!days.ok()) return Located(days.status(), literal);
    return KeyBound::At(*days);
  }
  if (IsTypedAs(literal, {"timestamp"})) {
    const absl::StatusOr<DateTimeText> local = ParseDateTime(literal.text);
    if (!local.ok()) return Located(local.status(), literal);
    const absl::CivilDay day(local->local);
    const int128_t days = day - absl::CivilDay(1970, 1, 1);
    const bool midnight = local->local == absl::CivilSecond(day) && local->microseconds == 0;
    return midnight ? KeyBound::At(days) : KeyBound::Above(days);
  }
  if (!IsTypedAs(literal, {"timestamptz"})) return Mismatch(value, literal);
  const absl::StatusOr<int64_t> instant_us = ParseTimestampTzUs(literal.text, zone_);
  if (!instant_us.ok()) return Located(instant_us.status(), literal);
  // PostgreSQL compares the midnights of the session's zone.
  const auto midnight_us = [&](int128_t days) {
    const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + static_cast<int64_t>(days);
    return PostgresInstantUs(absl::CivilSecond(day), zone_);
  };
  return SearchBound(
      kFirstDay, kLastDay, [&](int128_t days) { return midnight_us(days) < *instant_us; },
      [&](int128_t days) { return midnight_us(days) > *instant_us; });
}

absl::StatusOr<KeyBound> LiteralBinder::BindTimestamp(const ComparedValue& value,
                                                      const Literal& literal) const {
  if (IsQuoted(literal) || IsTypedAs(literal, {"timestamptz"})) {
    const absl::StatusOr<int64_t> instant_us = ParseTimestampTzUs(literal.text, zone_);
    if (!instant_us.ok()) return Located(instant_us.status(), literal);
    return KeyBound::At(*instant_us);
  }
  if (!IsTypedAs(literal, {"timestamp", "date"})) return Mismatch(value, literal);
  const absl::StatusOr<DateTimeText> local = ParseDateTime(literal.text);
  if (!local.ok()) return Located(local.status(), literal);
  // A timestamp ignores an offset that is written, a date also the time of day.
  if (literal.type_name == "date") {
    return KeyBound::At(PostgresInstantUs(absl::CivilSecond(local->date), zone_));
  }
  return KeyBound::At(int128_t{PostgresInstantUs(local->local, zone_)} + local->microseconds);
}

absl::StatusOr<KeyBound> LiteralBinder::BindInterval(const ComparedValue& value,
                                                     const Literal& literal) const {
  const bool from_text = literal.position >= 0;
  if (literal.kind == Literal::Kind::kInteger && value.type.kind == TypeKind::kDuration &&
      !from_text) {
    // The typed filter writes durations as integers, in microseconds.
    const std::optional<ScaledDecimal> microseconds = ParseScaledDecimal(literal.text, 0);
    if (!microseconds || !microseconds->exact) return Malformed(value, literal);
    return KeyBound::At(microseconds->floor);
  }
  if (!IsQuoted(literal) && !IsTypedAs(literal, {"interval"})) return Mismatch(value, literal);
  const absl::StatusOr<IntervalValue> interval = ParseInterval(literal.text);
  if (!interval.ok()) return Located(interval.status(), literal);
  return KeyBound::At(IntervalOrderKey(*interval));
}

absl::StatusOr<std::string> LiteralBinder::BindBytes(const ComparedValue& value,
                                                     const Literal& literal,
                                                     bool is_in_list) const {
  SEXTANT_CHECK(literal.kind != Literal::Kind::kNull);
  if (value.type.kind == TypeKind::kText) {
    const bool is_text = IsTypedAs(literal, {"text", "name"});
    const bool is_varchar = IsTypedAs(literal, {"varchar"});
    const bool is_bpchar = IsTypedAs(literal, {"bpchar"});
    if (!IsQuoted(literal) && !is_text && !is_varchar && !is_bpchar) {
      return Mismatch(value, literal);
    }
    // PostgreSQL compares varchar with char(n) as char(n), but text as text. Which of the two a
    // column is, is not known here.
    if (is_bpchar && !value.is_blank_padded) return Mismatch(value, literal);
    // A quoted constant takes the type of the column; of a list, char(n) is the common type.
    const bool keeps_blanks = value.is_blank_padded ? is_text && !is_in_list : true;
    if (keeps_blanks) return literal.text;
    const size_t end = literal.text.find_last_not_of(' ');
    return end == std::string::npos ? std::string() : literal.text.substr(0, end + 1);
  }
  if (!IsQuoted(literal) && !IsTypedAs(literal, {"bytea"})) return Mismatch(value, literal);
  std::optional<std::string> bytes = ParseBytes(literal.text);
  if (!bytes) return Malformed(value, literal);
  return *std::move(bytes);
}

}  // namespace sextant
