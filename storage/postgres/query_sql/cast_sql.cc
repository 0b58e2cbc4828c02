#include "storage/postgres/query_sql/cast_sql.h"

#include "absl/strings/str_cat.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/float_sql.h"
#include "storage/postgres/query_sql/text_cast_sql.h"
#include "storage/postgres/query_sql/zone_sql.h"

namespace sextant {
namespace {

/// `value` where `condition`, which names it n.v, holds; else NULL.
std::string Checked(const std::string& value, const std::string& condition,
                    const std::string& result) {
  return absl::StrCat("(SELECT CASE WHEN ", condition, " THEN ", result, " END FROM (VALUES (",
                      value, ")) AS n(v))");
}

std::string ToInteger(const DataType& from, TypeKind to, const std::string& argument) {
  if (from.kind == TypeKind::kBool) return absl::StrCat(argument, "::int::bigint");
  const bool widens = IsInteger(from.kind) &&
                      (to == TypeKind::kInt64 || from.kind == to || from.kind == TypeKind::kInt16);
  if (widens) return argument;
  const char* first = "-9223372036854775808";
  const char* after_last = "9223372036854775808";
  if (to == TypeKind::kInt16) {
    first = "-32768";
    after_last = "32768";
  } else if (to == TypeKind::kInt32) {
    first = "-2147483648";
    after_last = "2147483648";
  }
  // round() of a numeric goes half away from zero, of a float half to even.
  const std::string rounded =
      IsInteger(from.kind) ? argument : absl::StrCat("round(", argument, ")");
  return Checked(rounded, absl::StrCat("n.v >= ", first, " AND n.v < ", after_last), "n.v::bigint");
}

std::string ToDecimal(const DataType& from, const DataType& to, const std::string& argument) {
  const std::string numeric = from.kind == TypeKind::kBool
                                  ? absl::StrCat(argument, "::int::numeric")
                                  : absl::StrCat(argument, "::numeric");
  const std::string bound =
      DecimalSql(1, 0) + " * 10::numeric ^ " + absl::StrCat(int{to.precision} - int{to.scale});
  return Checked(absl::StrCat("round(", numeric, ", ", int{to.scale}, ")"),
                 absl::StrCat("abs(n.v) < ", bound), "n.v");
}

std::string ToText(const DataType& from, const std::string& argument) {
  if (from.kind == TypeKind::kDate) {
    // The text of a date depends on the session's DateStyle.
    return absl::StrCat("(to_char(", argument, ", 'YYYY-MM-DD') COLLATE \"C\")");
  }
  if (from.kind == TypeKind::kDecimal) {
    return absl::StrCat("(round(", argument, ", ", int{from.scale}, ")::text COLLATE \"C\")");
  }
  return absl::StrCat("(", argument, "::text COLLATE \"C\")");
}

}  // namespace

std::string CastSql(const SqlScope& scope, const BoundExpression& cast,
                    const std::string& argument) {
  const DataType& from = cast.arguments[0].type;
  const DataType& to = cast.type;
  if (from == to) return argument;
  if (from.kind == TypeKind::kText) return CastOfTextSql(to, argument);
  switch (to.kind) {
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return ToInteger(from, to.kind, argument);
    case TypeKind::kFloat32:
      return from.kind == TypeKind::kFloat64 ? RoundedToRealSql(argument)
                                             : absl::StrCat(argument, "::real::double precision");
    case TypeKind::kFloat64:
      return absl::StrCat(argument, from.kind == TypeKind::kBool ? "::int" : "",
                          "::double precision");
    case TypeKind::kDecimal:
      return ToDecimal(from, to, argument);
    case TypeKind::kBool:
      return absl::StrCat("(", argument, " <> 0)");
    case TypeKind::kText:
      return ToText(from, argument);
    case TypeKind::kDate:
      return absl::StrCat("(", argument, " AT TIME ZONE ", ZoneSql(scope, cast.time_zone),
                          ")::date");
    case TypeKind::kTimestamp:
      return absl::StrCat("(", argument, "::timestamp AT TIME ZONE ",
                          ZoneSql(scope, cast.time_zone), ")");
    default:
      return scope.Unsupported(absl::StrCat("a cast of ", TypeName(from), " to ", TypeName(to)));
  }
}

}  // namespace sextant
