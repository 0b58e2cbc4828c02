#include "storage/postgres/query_sql/constant_sql.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "compute/plan/calendar.h"
#include "storage/postgres/identifier.h"

namespace sextant {
namespace {

std::string Digits(uint128_t value) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

/// "0044-03-15" of the year 44 before Christ, which is year -43; then " BC" ends the text.
std::string DateText(const absl::CivilDay& day) {
  const int64_t year = day.year() > 0 ? day.year() : 1 - day.year();
  return absl::StrFormat("%04d-%02d-%02d", year, day.month(), day.day());
}

const char* Era(const absl::CivilDay& day) { return day.year() > 0 ? "" : " BC"; }

}  // namespace

std::string SqlTypeOf(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBool:
      return "boolean";
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
    case TypeKind::kDuration:
      return "bigint";
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return "double precision";
    case TypeKind::kDecimal:
      return "numeric";
    case TypeKind::kText:
    case TypeKind::kJson:
      return "text";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTimestamp:
      return "timestamptz";
    case TypeKind::kInterval:
      return "interval";
    case TypeKind::kBytes:
      return "bytea";
    case TypeKind::kEnum:
      return "";
    case TypeKind::kList: {
      const std::string element = SqlTypeOf(type.ElementType());
      return element.empty() ? "" : element + "[]";
    }
  }
  return "";
}

std::string InstantSql(int64_t instant_us) {
  // Beyond what PostgreSQL can name, every instant is on the same side.
  if (instant_us < kMinInstantUs) return "timestamptz '-infinity'";
  if (instant_us > kMaxInstantUs) return "timestamptz 'infinity'";
  const absl::Time time = absl::FromUnixMicros(instant_us);
  const absl::CivilSecond second = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const absl::CivilDay day(second);
  const int64_t microseconds =
      absl::ToInt64Microseconds(time - absl::FromCivil(second, absl::UTCTimeZone()));
  const std::string fraction =
      microseconds == 0 ? "" : absl::StrFormat(".%06d", static_cast<int>(microseconds));
  return absl::StrCat(
      "timestamptz '", DateText(day),
      absl::StrFormat(" %02d:%02d:%02d", second.hour(), second.minute(), second.second()), fraction,
      "+00", Era(day), "'");
}

std::string DaySql(int64_t day) {
  // As with instants.
  if (day < kMinDay) return "date '-infinity'";
  if (day > kMaxDay) return "date 'infinity'";
  const absl::CivilDay civil = absl::CivilDay(1970, 1, 1) + day;
  return absl::StrCat("date '", DateText(civil), Era(civil), "'");
}

std::string DecimalSql(int128_t value, int scale) {
  const bool negative = value < 0;
  auto magnitude = static_cast<uint128_t>(value);
  if (negative) magnitude = 0 - magnitude;
  std::string digits = Digits(magnitude);
  const auto places = static_cast<size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return absl::StrCat("numeric '", negative ? "-" : "", digits, "'");
}

std::string FloatSql(double value) {
  if (std::isnan(value)) return "'NaN'::double precision";
  if (std::isinf(value))
    return value > 0 ? "'Infinity'::double precision" : "'-Infinity'::double precision";
  return absl::StrFormat("'%.17g'::double precision", value);
}

std::string TextSql(const std::string& text) { return QuoteLiteral(text) + "::text"; }

std::string BytesSql(const std::string& bytes) {
  // \x.. has a backslash, which a plain literal keeps only with standard_conforming_strings.
  return absl::StrCat("decode('", absl::BytesToHexString(bytes), "', 'hex')");
}

std::string UuidSql(Wide uuid) {
  uint8_t bytes[16];
  UuidOfWide(uuid, bytes);
  const std::string hex =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes), 16));
  return absl::StrCat("uuid '", hex, "'");
}

std::string IntervalSql(const IntervalValue& interval) {
  return absl::StrCat("interval '", interval.months, " months ", interval.days, " days ",
                      interval.microseconds, " microseconds'");
}

std::string IntegerFormSql(const DataType& type, const Field& field, int64_t value) {
  switch (type.kind) {
    case TypeKind::kBool:
      return value != 0 ? "true" : "false";
    case TypeKind::kDate:
      return DaySql(value);
    case TypeKind::kTimestamp:
      return InstantSql(value);
    case TypeKind::kDecimal:
      return DecimalSql(value, type.scale);
    case TypeKind::kEnum: {
      const auto code = static_cast<size_t>(value);
      return code < field.enum_labels.size() ? QuoteLiteral(field.enum_labels[code]) : "NULL";
    }
    default:
      return absl::StrCat("'", value, "'::bigint");  // so that arithmetic is bigint's
  }
}

std::string ConstantSql(const DataType& type, const Field& field, const BoundConstant& constant) {
  if (constant.is_null) {
    const std::string type_name = SqlTypeOf(type);
    return type_name.empty() ? "NULL" : absl::StrCat("NULL::", type_name);
  }
  if (const auto* integer = std::get_if<int64_t>(&constant.value)) {
    return IntegerFormSql(type, field, *integer);
  }
  if (const auto* number = std::get_if<double>(&constant.value)) return FloatSql(*number);
  if (const auto* text = std::get_if<std::string>(&constant.value)) {
    // Texts order by bytes (rule 7), also where an expression has no column.
    return type.kind == TypeKind::kBytes ? BytesSql(*text)
                                         : absl::StrCat("(", TextSql(*text), " COLLATE \"C\")");
  }
  const Wide wide = std::get<Wide>(constant.value);
  if (type.kind == TypeKind::kUuid) return UuidSql(wide);
  if (type.kind == TypeKind::kInterval) return IntervalSql(IntervalOfWide(wide));
  return DecimalSql(Int128OfWide(wide), type.scale);
}

}  // namespace sextant
