#include <cmath>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/oracle/histograms.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

// What cannot be computed is NULL (rule 5).
constexpr char kNullOnError[] =
    " EXCEPTION WHEN numeric_value_out_of_range OR division_by_zero OR invalid_text_representation "
    "OR datetime_field_overflow OR invalid_datetime_format THEN RETURN NULL; END $$;\n";

// The first instant whose local time in zone z reaches l (rule 11): by walking, not by asking
// which instant PostgreSQL gives l.
constexpr char kFirstInstant[] = R"sql(
CREATE FUNCTION oracle_offset(t timestamptz, z text) RETURNS interval LANGUAGE sql STABLE AS
$$ SELECT (t AT TIME ZONE z) - (t AT TIME ZONE 'UTC') $$;
CREATE FUNCTION oracle_first_instant(l timestamp, z text) RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
  u timestamptz := l AT TIME ZONE 'UTC';
  o interval := oracle_offset(u, z);
  lo timestamptz; hi timestamptz; a timestamptz; b timestamptz; m timestamptz;
BEGIN
  IF oracle_offset(u - interval '30 hours', z) = o AND oracle_offset(u + interval '30 hours', z) = o
     AND oracle_offset(u - interval '15 hours', z) = o
     AND oracle_offset(u + interval '15 hours', z) = o THEN
    RETURN u - o;
  END IF;
  lo := u - interval '30 hours';
  LOOP
    hi := lo + interval '3 hours';
    IF oracle_offset(lo, z) = oracle_offset(hi, z) THEN
      IF (hi AT TIME ZONE z) >= l THEN RETURN (l - oracle_offset(lo, z)) AT TIME ZONE 'UTC'; END IF;
    ELSE
      a := lo; b := hi;  -- the clock is changed in (a, b]
      WHILE b - a > interval '1 microsecond' LOOP
        m := a + (b - a) / 2;
        IF oracle_offset(m, z) = oracle_offset(lo, z) THEN a := m; ELSE b := m; END IF;
      END LOOP;
      IF (a AT TIME ZONE z) >= l THEN RETURN (l - oracle_offset(a, z)) AT TIME ZONE 'UTC'; END IF;
      IF (b AT TIME ZONE z) >= l THEN RETURN b; END IF;
      IF (hi AT TIME ZONE z) >= l THEN RETURN (l - oracle_offset(b, z)) AT TIME ZONE 'UTC'; END IF;
    END IF;
    lo := hi;
  END LOOP;
END $$;
-- Every instant at which the local time comes to l; where the clock jumps over l, that of the jump.
CREATE FUNCTION oracle_before(t timestamptz, p interval, z text) RETURNS timestamptz
  LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN oracle_first_instant(date_trunc('day', t AT TIME ZONE z), z) = t
    THEN oracle_first_instant(date_trunc('day', (t - interval '1 microsecond') AT TIME ZONE z)
                              + interval '1 day' - p, z)
    ELSE t - p END $$;
CREATE FUNCTION oracle_instants(l timestamp, z text) RETURNS SETOF timestamptz
LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
  u timestamptz := l AT TIME ZONE 'UTC';
  before interval := oracle_offset(u - interval '30 hours', z);
  after interval := oracle_offset(u + interval '30 hours', z);
  found bool := false;
BEGIN
  IF oracle_offset(u - before, z) = before THEN RETURN NEXT u - before; found := true; END IF;
  IF after <> before AND oracle_offset(u - after, z) = after THEN
    RETURN NEXT u - after; found := true;
  END IF;
  IF NOT found THEN RETURN NEXT oracle_first_instant(l, z); END IF;
END $$;
)sql";

constexpr char kIntervalKey[] = R"sql(
CREATE FUNCTION oracle_interval_key(i interval) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT trunc(((extract(year FROM i) * 12 + extract(month FROM i)) * 30 + extract(day FROM i))
               * 86400000000
    + extract(hour FROM i) * 3600000000 + extract(minute FROM i) * 60000000
    + extract(microseconds FROM i)) $$;
)sql";

// The number of the sample that bounds the quantile p of n, from 1; NULL: none. The binomial
// distribution, added up.
constexpr char kBoundRank[] = R"sql(
CREATE FUNCTION oracle_bound_rank(n bigint, p float8, level float8) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  yes float8 := CASE WHEN level < 0 THEN p ELSE 1 - p END;
  misses float8 := CASE WHEN level < 0 THEN 1 - p ELSE p END;
  most float8 := (1 - abs(level)) / 2 * (1 + 1e-9);
  term float8; total float8 := 0; rank bigint := 0;
BEGIN
  IF n < 2 OR yes = 0 THEN RETURN NULL; END IF;
  IF misses = 0 THEN
    rank := n;
  ELSE
    term := n * ln(misses);
    FOR k IN 0 .. n - 1 LOOP
      IF term > -700 THEN total := total + exp(term); END IF;
      EXIT WHEN total > most;
      rank := k + 1;
      term := term + ln((n - k)::float8 / (k + 1) * yes / misses);
    END LOOP;
  END IF;
  RETURN CASE WHEN rank = 0 THEN NULL WHEN level < 0 THEN rank ELSE n + 1 - rank END;
END $$;
)sql";

std::string Arithmetic(const std::string& type) {
  const bool is_float = type == "float8";
  std::string sql;
  const auto add = [&](const std::string& name, const std::string& args, const std::string& body) {
    absl::StrAppend(&sql, "CREATE FUNCTION oracle_", name, "(", args, ") RETURNS ", type,
                    " LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN ", body, ";", kNullOnError);
  };
  const std::string two = absl::StrCat("a ", type, ", b ", type);
  const std::string one = absl::StrCat("a ", type);
  add("add", two, "a + b");
  add("sub", two, "a - b");
  add("mul", two, "a * b");
  add("div", two, "a / nullif(b, 0)");
  add("neg", one, "- a");
  add("abs", one, "abs(a)");
  if (!is_float) add("mod", two, "a % nullif(b, 0)");
  return sql;
}

std::string Casts() {
  std::string sql;
  for (const char* type :
       {"int2", "int4", "int8", "float4", "float8", "numeric", "text", "date", "bool", "uuid"}) {
    absl::StrAppend(&sql, "CREATE FUNCTION oracle_", type, "(a anyelement) RETURNS ", type,
                    " LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN a::", type, ";", kNullOnError);
  }
  return sql;
}

std::string ValueText(const Column& column, const Datum& datum) {
  switch (column.type.kind) {
    case Kind::kBytea:
      return "\\x" + absl::BytesToHexString(datum.text);
    case Kind::kDate:
      return DateText(static_cast<int64_t>(datum.integer));
    case Kind::kTimestamptz: {
      const std::string text = LocalText(static_cast<int64_t>(datum.integer));
      const size_t era = text.find(" BC");
      return text.substr(0, era) + "+00" + (era == std::string::npos ? "" : " BC");
    }
    case Kind::kTimestamp:
      return LocalText(static_cast<int64_t>(datum.integer));
    case Kind::kInterval:
      return absl::StrCat(datum.months, " mon ", datum.days, " day ", datum.microseconds, " us");
    case Kind::kList: {
      std::vector<std::string> elements;
      for (const Datum& element : datum.elements) {
        const Column of = {.name = {}, .type = {.kind = column.type.element}};
        std::string quoted;
        for (const char c : element.is_null ? "" : ValueText(of, element)) {
          if (c == '"' || c == '\\') quoted.push_back('\\');
          quoted.push_back(c);
        }
        elements.push_back(element.is_null ? "NULL" : "\"" + quoted + "\"");
      }
      return "{" + absl::StrJoin(elements, ",") + "}";
    }
    case Kind::kFloat4:
    case Kind::kFloat8:
      if (datum.number == 0 && std::signbit(datum.number)) return "-0";
      return FloatText(datum.number);
    default:
      return CanonicalText(column.type, datum);
  }
}

}  // namespace

std::string PreludeSql() {
  std::vector<std::string> labels;
  for (const std::string& label : EnumLabels()) labels.push_back(QuoteText(label));
  return absl::StrCat("CREATE TYPE ", kEnumType, " AS ENUM (", absl::StrJoin(labels, ", "), ");\n",
                      kFirstInstant, kIntervalKey, kBoundRank, HistogramPreludeSql(),
                      Arithmetic("int8"), Arithmetic("numeric"), Arithmetic("float8"), Casts());
}

std::string CreateTableSql(const TableCase& table) {
  std::vector<std::string> columns;
  for (const Column& column : table.columns) {
    columns.push_back(
        absl::StrCat(QuoteName(column.name), " ", SqlTypeName(column.type, kEnumType)));
  }
  columns.emplace_back("oracle_live bool");
  return absl::StrCat("DROP TABLE IF EXISTS ", table.name, "; CREATE TABLE ", table.name, " (",
                      absl::StrJoin(columns, ", "), ")");
}

std::string CopyText(const TableCase& table) {
  std::string text;
  const std::set<int64_t> deleted(table.deleted_ids.begin(), table.deleted_ids.end());
  for (const Row& row : table.rows) {
    for (size_t column = 0; column < table.columns.size(); ++column) {
      if (row[column].is_null) {
        text += "\\N";
      } else {
        for (const char c : ValueText(table.columns[column], row[column])) {
          if (c == '\\' || c == '\t' || c == '\n' || c == '\r') text.push_back('\\');
          text.push_back(c == '\t' ? 't' : (c == '\n' ? 'n' : (c == '\r' ? 'r' : c)));
        }
      }
      text.push_back('\t');
    }
    text += deleted.contains(static_cast<int64_t>(row[0].integer)) ? "f\n" : "t\n";
  }
  return text;
}

}  // namespace sextant::oracle
