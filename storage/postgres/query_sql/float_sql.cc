#include "storage/postgres/query_sql/float_sql.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <variant>

#include "absl/strings/str_cat.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/pair_sql.h"

namespace sextant {
namespace {

/// 2^exponent.
std::string Power(int exponent) { return FloatSql(std::ldexp(1.0, exponent)); }

/// Neither infinite nor NaN, which PostgreSQL takes for the greatest of all.
std::string IsFrom(const std::string& magnitude, const std::string& least) {
  return absl::StrCat(magnitude, " BETWEEN ", least, " AND ",
                      FloatSql(std::numeric_limits<double>::max()));
}

/// Two numbers overflow where their halves reach 2^1023: both of one sign, and none below 1, whose
/// half might be none.
std::string Sum(const std::string& left, const std::string& right, const char* sum,
                const char* is_negative) {
  return OfPairSql(left, right,
                   absl::StrCat("CASE WHEN ", IsFrom("abs(n.a)", "1"), " AND ",
                                IsFrom("abs(n.b)", "1"), " AND (n.a < 0) = (", is_negative,
                                ") THEN CASE WHEN abs(n.a) / 2 + abs(n.b) / 2 < ", Power(1023),
                                " THEN ", sum, " END ELSE ", sum, " END"));
}

/// Of any double.
constexpr int kWidest = 1074;

int ExponentOfType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return 127;  // 10^-38 to 10^38
    case TypeKind::kFloat32:
      return 150;
    case TypeKind::kFloat64:
    case TypeKind::kText:
      return kWidest;
    default:
      return 64;
  }
}

int ExponentOfConstant(const BoundConstant& constant) {
  const auto* value = std::get_if<double>(&constant.value);
  if (constant.is_null || value == nullptr || !std::isfinite(*value)) return 0;
  int exponent = 0;
  std::frexp(*value, &exponent);
  return std::abs(exponent) + 1;
}

}  // namespace

int FloatExponent(const BoundExpression& expression) {
  if (expression.type.kind != TypeKind::kFloat64) return ExponentOfType(expression.type);
  int widest = 0;
  int sum = 0;
  for (const BoundExpression& argument : expression.arguments) {
    // What leaves double precision is NULL or 0 before it is used.
    const int exponent = std::min(FloatExponent(argument), kWidest);
    widest = std::max(widest, exponent);
    sum += exponent;
  }
  switch (expression.op) {
    case ExpressionOp::kConstant:
      return ExponentOfConstant(expression.constant);
    case ExpressionOp::kAdd:
    case ExpressionOp::kSubtract:
      // The least difference is that of the last of 53 digits.
      return widest + 54;
    case ExpressionOp::kMultiply:
    case ExpressionOp::kDivide:
      return sum;
    case ExpressionOp::kCast:
    case ExpressionOp::kNegate:
    case ExpressionOp::kAbs:
    case ExpressionOp::kCase:
    case ExpressionOp::kCoalesce:
    case ExpressionOp::kGreatest:
    case ExpressionOp::kLeast:
      return widest;
    default:
      return kWidest;
  }
}

std::string SumOfFloatsSql(const std::string& left, const std::string& right) {
  return Sum(left, right, "n.a + n.b", "n.b < 0");
}

std::string DifferenceOfFloatsSql(const std::string& left, const std::string& right) {
  return Sum(left, right, "n.a - n.b", "n.b > 0");
}

// Powers of 2 take the result to where it can be looked at: they change no digit of a or b, and
// the scaled result neither overflows nor vanishes.
std::string ProductOfFloatsSql(const std::string& left, const std::string& right) {
  const auto scaled = [](int exponent) {
    return absl::StrCat("(abs(n.a) * ", Power(exponent), ") * (abs(n.b) * ", Power(exponent), ")");
  };
  return OfPairSql(
      left, right,
      absl::StrCat("CASE WHEN ", IsFrom("abs(n.a)", "1"), " AND ", IsFrom("abs(n.b)", "1"),
                   " THEN CASE WHEN ", scaled(-512),
                   " < 1 THEN n.a * n.b END WHEN least(abs(n.a), abs(n.b)) < ", Power(-537),
                   " AND greatest(abs(n.a), abs(n.b)) < 1 THEN CASE WHEN ", scaled(537),
                   " <= 0.5 THEN 0 ELSE n.a * n.b END ELSE n.a * n.b END"));
}

std::string QuotientOfFloatsSql(const std::string& dividend, const std::string& divisor) {
  const auto scaled = [](int exponent) {
    return absl::StrCat("(abs(n.a) * ", Power(exponent), ") / (abs(n.b) * ", Power(-exponent), ")");
  };
  return OfPairSql(
      dividend, divisor,
      absl::StrCat("CASE WHEN abs(n.b) < 1 AND abs(n.a) > abs(n.b) AND ",
                   IsFrom("abs(n.a)", Power(-51)), " THEN CASE WHEN ", scaled(-537), " < ",
                   Power(-50), " THEN n.a / n.b END WHEN ", IsFrom("abs(n.b)", "1"),
                   " AND abs(n.a) < ", Power(-51), " THEN CASE WHEN ", scaled(537),
                   " <= 0.5 THEN 0 ELSE n.a / n.b END ELSE n.a / n.b END"));
}

std::string RoundedToRealSql(const std::string& value) {
  // Half way from the greatest real to the power of 2 after it, and half of the least one.
  return absl::StrCat("(SELECT CASE WHEN abs(n.v) <= ", Power(-150), " THEN 0 WHEN abs(n.v) < ",
                      FloatSql(0x1.ffffffp127),
                      " OR abs(n.v) >= 'Infinity' THEN n.v::real::double precision END FROM "
                      "(VALUES (",
                      value, ")) AS n(v))");
}

}  // namespace sextant
