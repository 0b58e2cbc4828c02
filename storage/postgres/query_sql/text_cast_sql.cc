#include "storage/postgres/query_sql/text_cast_sql.h"

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "storage/postgres/query_sql/constant_sql.h"

namespace sextant {
namespace {

constexpr char kMantissa[] = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)";

/// Whether all of n.v but the spaces around it is `pattern`, of ASCII letters in either case.
std::string Is(const std::string& pattern) {
  return absl::StrCat("n.v COLLATE \"C\" ~* '^[[:space:]]*(", pattern, ")[[:space:]]*$'");
}

/// `expression` over n.v, which is `value`.
std::string Over(const std::string& value, const std::string& expression) {
  return absl::StrCat("(SELECT ", expression, " FROM (VALUES (", value, ")) AS n(v))");
}

std::string ToInteger(TypeKind to, const std::string& text) {
  std::string range = "-9223372036854775808 AND 9223372036854775807";
  if (to == TypeKind::kInt16) range = "-32768 AND 32767";
  if (to == TypeKind::kInt32) range = "-2147483648 AND 2147483647";
  return Over(text, absl::StrCat("CASE WHEN ", Is("[+-]?0*[0-9]{1,19}"),
                                 " THEN CASE WHEN n.v::numeric BETWEEN ", range,
                                 " THEN n.v::bigint END END"));
}

/// The absolute value of n.v, a number, as a numeric. Those that no numeric holds are as good as
/// 10^1000 and 10^-1000, which are beyond every type.
constexpr char kMagnitude[] =
    "CASE WHEN n.v !~ '^[^eE]*[1-9]' THEN 0 WHEN n.v !~ '[eE][+-]?0*[1-9][0-9]{4}' THEN "
    "abs(n.v::numeric) WHEN n.v ~ '[eE]-' THEN 1e-1000 ELSE 1e1000 END";
/// So that every other one is held by a numeric.
constexpr char kIsShort[] = "length(n.v) <= 5000";

std::string ToDecimal(const DataType& to, const std::string& text) {
  const std::string number = Over(
      text, absl::StrCat("CASE WHEN ",
                         Is(absl::StrCat(kMantissa, "(e[+-]?0*([0-9]{1,5}|100000))?")), " AND ",
                         kIsShort, " THEN CASE WHEN n.v ~ '^[[:space:]]*-' THEN -1 ELSE 1 END * ",
                         kMagnitude, " END"));
  return Over(absl::StrCat("round(", number, ", ", int{to.scale}, ")"),
              absl::StrCat("CASE WHEN abs(n.v) < ", DecimalSql(1, 0), " * 10::numeric ^ ",
                           int{to.precision} - int{to.scale}, " THEN n.v END"));
}

/// Below the number half way from the greatest float to the power of 2 after it, and zero or above
/// half of the least one: else PostgreSQL fails.
std::string ToFloat(TypeKind to, const std::string& text) {
  const bool is_real = to == TypeKind::kFloat32;
  const std::string fits = absl::StrCat(
      "f.m < ", is_real ? "33554431 * 2::numeric ^ 103" : "18014398509481983 * 2::numeric ^ 970",
      " AND (f.m = 0 OR f.m * 2::numeric ^ ", is_real ? 150 : 1075, " > 1)");
  // None of these is beyond the type.
  const std::string hexadecimal =
      absl::StrCat("[+-]?0x([0-9a-f]{1,16}([.][0-9a-f]{0,8})?|[.][0-9a-f]{1,8})(p[+-]?",
                   is_real ? "[1-5]?[0-9]" : "[0-9]{1,2}", ")?");
  const std::string cast = is_real ? "n.v::real::double precision" : "n.v::double precision";
  return Over(text, absl::StrCat("CASE WHEN ", Is("[+]?inf(inity)?"),
                                 " THEN 'Infinity'::double precision WHEN ", Is("-inf(inity)?"),
                                 " THEN '-Infinity'::double precision WHEN ",
                                 Is("[+-]?nan([(][a-z0-9_]*[)])?"),
                                 " THEN 'NaN'::double precision WHEN ", Is(hexadecimal), " THEN ",
                                 cast, " WHEN ", Is(absl::StrCat(kMantissa, "(e[+-]?[0-9]+)?")),
                                 " AND ", kIsShort, " THEN (SELECT CASE WHEN ", fits, " THEN ",
                                 cast, " END FROM (VALUES (", kMagnitude, ")) AS f(m)) END"));
}

std::string ToBool(const std::string& text) {
  return Over(text,
              absl::StrCat("CASE WHEN ", Is("t|tr|tru|true|y|ye|yes|on|1"), " THEN true WHEN ",
                           Is("f|fa|fal|fals|false|n|no|of|off|0"), " THEN false END"));
}

std::string ToUuid(const std::string& text) {
  const std::string digits = "([0-9a-f]{4}-?){7}[0-9a-f]{4}";
  return Over(text, absl::StrCat("CASE WHEN n.v COLLATE \"C\" ~* '^(", digits, "|[{]", digits,
                                 "[}])$' THEN n.v::uuid END"));
}

/// HH:MM[:SS[.f]], at most 24:00. A minute may have 60 seconds; a fraction is rounded to
/// microseconds.
std::string TimeOfDayPattern() {
  const std::string fraction = "([.,][0-9]+)?";
  const std::string no_fraction = "([.,](0{1,6}|0{6}([0-4][0-9]*|50*)))?";
  return absl::StrCat(
      "(((0?[0-9]|1[0-9]|2[0-2]):[0-5][0-9]|23:([0-4][0-9]|5[0-8]))(:([0-5][0-9]|60)", fraction,
      ")?|23:59(:([0-5][0-9]", fraction, "|60", no_fraction, "))?|24:00(:00", no_fraction, ")?)");
}

/// YYYY-MM-DD, the time of day and offset of which do not matter; of at most 64 bytes.
std::string ToDate(const std::string& text) {
  const std::string offset = "(z|[+-](0?[0-9]|1[0-5])(:[0-5][0-9](:[0-5][0-9])?|[0-5][0-9])?)?";
  const std::string pattern = absl::StrCat("[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}( *bc|(t| +)",
                                           TimeOfDayPattern(), " *", offset, " *(bc)?)?");
  // Of astronomical years: 1 BC is 0.
  constexpr char kParts[] =
      "(SELECT CASE WHEN n.v ~* 'bc' THEN 1 - y ELSE y END AS year, y, month, day FROM (SELECT "
      "substring(n.v FROM '([0-9]+)-')::int AS y, "
      "substring(n.v FROM '[0-9]+-([0-9]+)')::int AS month, "
      "substring(n.v FROM '[0-9]+-[0-9]+-([0-9]+)')::int AS day) AS digits) AS d";
  constexpr char kExists[] =
      "d.y BETWEEN 1 AND 294276 AND (d.year, d.month, d.day) >= (-4713, 11, 24) "
      "AND d.month BETWEEN 1 AND 12 AND d.day BETWEEN 1 AND CASE WHEN d.month IN (4, 6, 9, 11) "
      "THEN 30 WHEN d.month <> 2 THEN 31 WHEN d.year % 4 = 0 AND (d.year % 100 <> 0 OR d.year % "
      "400 = 0) THEN 29 ELSE 28 END";
  return Over(text, absl::StrCat("CASE WHEN ", Is(pattern),
                                 " AND length(btrim(n.v, E' \\t\\n\\x0B\\f\\r')) <= 64 THEN "
                                 "(SELECT CASE WHEN ",
                                 kExists,
                                 " THEN make_date(CASE WHEN d.year < 1 THEN -d.y ELSE d.y END, "
                                 "d.month, d.day) END FROM ",
                                 kParts, ") END"));
}

}  // namespace

std::string CastOfTextSql(const DataType& to, const std::string& argument) {
  switch (to.kind) {
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return ToInteger(to.kind, argument);
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return ToFloat(to.kind, argument);
    case TypeKind::kDecimal:
      return ToDecimal(to, argument);
    case TypeKind::kBool:
      return ToBool(argument);
    case TypeKind::kUuid:
      return ToUuid(argument);
    case TypeKind::kDate:
      return ToDate(argument);
    default:
      SEXTANT_CHECK(false) << "no cast from text to " << TypeName(to);
      return "";
  }
}

}  // namespace sextant
