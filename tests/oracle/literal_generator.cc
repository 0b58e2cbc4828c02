#include "tests/oracle/literal_generator.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/relative_time.h"
#include "tests/oracle/sql_text.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

Expr Literal(const Type& type, Datum datum, std::string text) {
  Expr expr;
  expr.op = Op::kLiteral;
  expr.type = type;
  expr.literal = std::move(datum);
  expr.text = std::move(text);
  return expr;
}

}  // namespace

Expr LiteralGenerator::Null(const Type& type) { return Literal(type, {}, "NULL"); }

Datum LiteralGenerator::Draw(const Type& type, int column) {
  if (column >= 0 && !table_.rows.empty() && !draws_.OneIn(5)) {
    const Column& from = table_.columns[static_cast<size_t>(column)];
    for (int attempt = 0; attempt < 4; ++attempt) {
      Datum datum = draws_.Pick(table_.rows)[static_cast<size_t>(column)];
      if (datum.is_null) continue;
      if (from.type.kind == Kind::kTimestamp) {
        datum.integer = PostgresInstantUs(static_cast<int64_t>(datum.integer), from.zone);
      }
      if (from.type.kind != Kind::kList || type.kind == Kind::kList) return datum;
      if (datum.elements.empty()) continue;
      const Datum& element = draws_.Pick(datum.elements);
      if (!element.is_null) return element;
    }
  }
  const Column plain = {.name = {}, .type = type, .zone = {}, .labels = EnumLabels()};
  return DrawDatum(draws_, type, column >= 0 ? table_.columns[static_cast<size_t>(column)] : plain,
                   focus_, 40);
}

Expr LiteralGenerator::For(const Type& type, int column, bool in_list) {
  if (draws_.OneIn(40)) return Null(type);
  if (type.kind == Kind::kDuration) {
    const Datum interval = Datum::OfInterval(0, static_cast<int32_t>(draws_.Between(-3, 3)),
                                             draws_.Between(-30, 30) * kHourUs / 2);
    const std::string text = IntervalText(interval);
    return Literal(type, Datum::OfInteger(IntervalKey(interval)),
                   draws_.OneIn(2) ? "interval " + text : text);
  }
  const Datum datum = Draw(type, column);
  if (IsNumber(type.kind)) return Number(type, datum, in_list, column >= 0);
  return Written(type, datum);
}

Expr LiteralGenerator::Number(const Type& type, const Datum& datum, bool in_list, bool may_quote) {
  if (IsFloat(type.kind)) return Float(type, datum.number, in_list);
  const int scale = type.kind == Kind::kNumeric ? type.scale : 0;
  const std::string text = DecimalText(datum.integer, scale);
  switch (draws_.Below(in_list ? 2 : 5)) {
    case 0:
      // PostgreSQL may give a computed value a narrower type.
      if (!may_quote) return Literal({Kind::kNumeric, 38, scale}, datum, text);
      return Literal(type, datum, QuoteText(text));
    case 1:
    case 2:
      return Literal({Kind::kNumeric, 38, scale}, datum, text);
    case 3: {
      // Between two values of the type.
      const Int128 limit = PowerOfTen(30);
      if (datum.integer > limit || datum.integer < -limit) {
        return Literal({Kind::kNumeric, 38, scale}, datum, text);
      }
      const Datum finer = Datum::OfInteger(datum.integer * 10 + 5);
      return Literal({Kind::kNumeric, 38, scale + 1}, finer, DecimalText(finer.integer, scale + 1));
    }
    default: {
      const double value = DecimalToFloat(datum.integer, scale);
      return Literal({.kind = Kind::kFloat8}, Datum::OfNumber(value),
                     absl::StrCat("'", FloatText(value), "'::float8"));
    }
  }
}

Expr LiteralGenerator::Float(const Type& type, double value, bool in_list) {
  const bool is_single = type.kind == Kind::kFloat4;
  if (draws_.OneIn(4) && std::isfinite(value)) value = value / 2 + 1;
  const bool is_finite = std::isfinite(value);
  // PostgreSQL resolves a lone number against float4 as float8, quoted text and lists as float4.
  if (is_finite && !draws_.OneIn(3) && !(value == 0 && std::signbit(value))) {
    if (is_single && in_list) value = static_cast<double>(static_cast<float>(value));
    const Kind kind = is_single && in_list ? Kind::kFloat4 : Kind::kFloat8;
    if (!is_single || !in_list || std::abs(value) < 3e38) {
      return Literal({.kind = kind}, Datum::OfNumber(value), FloatText(value));
    }
  }
  if (!in_list && draws_.OneIn(2)) {
    return Literal({.kind = Kind::kFloat8}, Datum::OfNumber(value),
                   absl::StrCat("'", FloatText(value), "'::float8"));
  }
  if (is_single) {
    const auto single = static_cast<float>(value);
    const bool is_subnormal = value != 0 && (single == 0 || std::abs(single) < 1.2e-38F);
    if (is_subnormal || (is_finite && !std::isfinite(single))) value = 1.5;
    value = static_cast<double>(static_cast<float>(value));
  }
  return Literal(type, Datum::OfNumber(value), QuoteText(FloatText(value)));
}

Expr LiteralGenerator::Now() {
  const CaseClock clock = {table_.as_of_us, zone_, 1};
  const std::string now = InstantSql(clock.as_of_us);
  Expr literal = Literal({.kind = Kind::kTimestamptz}, Datum::OfInteger(clock.as_of_us), "now()");
  literal.name = now;
  if (draws_.OneIn(3)) return literal;
  const Unit unit = draws_.Of({Unit::kMinute, Unit::kHour, Unit::kDay, Unit::kMonth});
  const auto count = static_cast<int>(1 + draws_.Below(30));
  literal.literal = Datum::OfInteger(InstantBefore(clock, count, unit));
  literal.text = "(" + BeforeSql("now()", count, unit) + ")";
  literal.name = "(" + BeforeSql(now, count, unit) + ")";
  return literal;
}

Expr LiteralGenerator::Instant(int64_t instant_us) {
  if (draws_.OneIn(10)) return Now();
  const Type type = {.kind = Kind::kTimestamptz};
  if (draws_.OneIn(3)) {
    const int64_t local = LocalUs(instant_us, zone_);
    return Literal(type, Datum::OfInteger(PostgresInstantUs(local, zone_)),
                   QuoteText(LocalText(local)));
  }
  std::string text = QuoteText(LocalText(instant_us) + "+00");
  if (draws_.OneIn(3)) text = "timestamptz " + text;
  return Literal(type, Datum::OfInteger(instant_us), text);
}

std::string LiteralGenerator::IntervalText(const Datum& datum) {
  // A sign for the time of its own, so that the days' does not reach it.
  const int64_t us = datum.microseconds < 0 ? -datum.microseconds : datum.microseconds;
  return QuoteText(absl::StrCat(
      datum.months, " mon ", datum.days, " days ", datum.microseconds < 0 ? "-" : "", us / kHourUs,
      " hours ", datum.microseconds < 0 ? "-" : "", us % kHourUs / kSecondUs, " sec"));
}

Expr LiteralGenerator::Written(const Type& type, const Datum& datum) {
  switch (type.kind) {
    case Kind::kBool:
      return Literal(type, datum, datum.integer != 0 ? "true" : "false");
    case Kind::kBpchar:
      return Literal(type, datum, QuoteText(datum.text + (draws_.OneIn(3) ? "  " : "")));
    case Kind::kUuid:
      return Literal(type, datum,
                     QuoteText(draws_.OneIn(3) ? absl::AsciiStrToUpper(datum.text) : datum.text));
    case Kind::kDate: {
      if (draws_.OneIn(10)) {
        const int64_t today = FloorDivide(LocalUs(table_.as_of_us, zone_), kDayUs);
        Expr literal = Literal(type, Datum::OfInteger(today), "current_date");
        literal.name = "date " + QuoteText(DateText(today));
        return literal;
      }
      const std::string text = QuoteText(DateText(static_cast<int64_t>(datum.integer)));
      return Literal(type, datum, draws_.OneIn(2) ? "date " + text : text);
    }
    case Kind::kTimestamptz:
    case Kind::kTimestamp:
      return Instant(static_cast<int64_t>(datum.integer));
    case Kind::kInterval: {
      const Datum whole =
          Datum::OfInterval(datum.months, datum.days, datum.microseconds / kSecondUs * kSecondUs);
      const std::string text = IntervalText(whole);
      return Literal(type, whole, draws_.OneIn(2) ? "interval " + text : text);
    }
    case Kind::kBytea:
      return Literal(type, datum, absl::StrCat("'\\x", absl::BytesToHexString(datum.text), "'"));
    default:
      return Literal(type, datum, QuoteText(CanonicalText(type, datum)));
  }
}

}  // namespace sextant::oracle
