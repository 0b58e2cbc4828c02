#include "tests/oracle/datum.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace sextant::oracle {

Datum Datum::OfInteger(Int128 value) {
  Datum datum;
  datum.is_null = false;
  datum.integer = value;
  return datum;
}

Datum Datum::OfNumber(double value) {
  Datum datum;
  datum.is_null = false;
  datum.number = value;
  return datum;
}

Datum Datum::OfText(std::string value) {
  Datum datum;
  datum.is_null = false;
  datum.text = std::move(value);
  return datum;
}

Datum Datum::OfInterval(int32_t months, int32_t days, int64_t microseconds) {
  Datum datum;
  datum.is_null = false;
  datum.months = months;
  datum.days = days;
  datum.microseconds = microseconds;
  return datum;
}

Datum Datum::OfElements(std::vector<Datum> elements) {
  Datum datum;
  datum.is_null = false;
  datum.elements = std::move(elements);
  return datum;
}

int CompareFloats(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) {
    return (std::isnan(a) ? 1 : 0) - (std::isnan(b) ? 1 : 0);
  }
  return a < b ? -1 : (b < a ? 1 : 0);
}

Int128 IntervalKey(const Datum& interval) {
  return (Int128{interval.months} * 30 + interval.days) * kDayUs + interval.microseconds;
}

int CompareDatums(Kind kind, const Datum& a, const Datum& b) {
  if (IsFloat(kind)) return CompareFloats(a.number, b.number);
  if (IsText(kind) || kind == Kind::kBytea || kind == Kind::kUuid) {
    const int order = a.text.compare(b.text);
    return order < 0 ? -1 : (order > 0 ? 1 : 0);
  }
  const Int128 left = kind == Kind::kInterval ? IntervalKey(a) : a.integer;
  const Int128 right = kind == Kind::kInterval ? IntervalKey(b) : b.integer;
  return left < right ? -1 : (right < left ? 1 : 0);
}

std::string Int128Text(Int128 value) {
  if (value == 0) return "0";
  const bool is_negative = value < 0;
  std::string digits;
  for (; value != 0; value /= 10) {
    const int digit = static_cast<int>(value % 10);
    digits.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  if (is_negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string DecimalText(Int128 scaled, int scale) {
  std::string digits = Int128Text(scaled < 0 ? -scaled : scaled);
  const auto width = static_cast<size_t>(scale) + 1;
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  return scaled < 0 ? "-" + digits : digits;
}

std::optional<Int128> ParseInt128(const std::string& text) {
  Int128 value = 0;
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  if (at == text.size() || text.size() > 41) return std::nullopt;
  for (; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  return text[0] == '-' ? -value : value;
}

std::string FloatText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == 0) return "0";
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

double DecimalToFloat(Int128 scaled, int scale) {
  return std::strtod(DecimalText(scaled, scale).c_str(), nullptr);
}

std::string CanonicalText(const Type& type, const Datum& datum) {
  switch (type.kind) {
    case Kind::kBool:
      return datum.integer != 0 ? "true" : "false";
    case Kind::kFloat4:
    case Kind::kFloat8:
      return FloatText(datum.number);
    case Kind::kNumeric:
      return DecimalText(datum.integer, type.scale);
    case Kind::kText:
    case Kind::kBpchar:
    case Kind::kUuid:
    case Kind::kEnum:
      return datum.text;
    case Kind::kBytea:
      return absl::BytesToHexString(datum.text);
    case Kind::kInterval:
      return Int128Text(IntervalKey(datum));
    case Kind::kList: {
      std::string text = "{";
      bool is_first = true;
      for (const Datum& element : datum.elements) {
        const std::string value =
            element.is_null ? "NULL" : CanonicalText({.kind = type.element}, element);
        absl::StrAppend(&text, std::exchange(is_first, false) ? "" : ",", value);
      }
      return text + "}";
    }
    default:
      return Int128Text(datum.integer);
  }
}

std::string KindName(Kind kind) {
  static constexpr const char* kNames[] = {
      "bool", "int2", "int4", "int8",        "float4",    "float8",   "numeric",  "text",  "bpchar",
      "enum", "uuid", "date", "timestamptz", "timestamp", "duration", "interval", "bytea", "list"};
  return kNames[static_cast<size_t>(kind)];
}

std::string SqlTypeName(const Type& type, const std::string& enum_name) {
  switch (type.kind) {
    case Kind::kNumeric:
      return absl::StrCat("numeric(", type.precision, ",", type.scale, ")");
    case Kind::kBpchar:
      return absl::StrCat("char(", type.precision, ")");
    case Kind::kEnum:
      return enum_name;
    case Kind::kDuration:
      return "interval";
    case Kind::kList:
      return KindName(type.element) + "[]";
    default:
      return KindName(type.kind);
  }
}

}  // namespace sextant::oracle
