// Rule 5 in the equivalent SQL: what a row cannot compute is NULL there too, where PostgreSQL's own
// arithmetic fails (22003, 22008); what is too small for a double is 0.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/storage/postgres/sql_agreement.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

/// Pairs of numbers of every magnitude, and pairs the product, sum and quotient of which are next
/// to the borders of a double; days and counts likewise.
constexpr char kPairs[] = R"sql(
CREATE TABLE pairs (id bigint, tenant text DEFAULT 'acme', a double precision, b double precision);
INSERT INTO pairs (id, a, b)
WITH v(x) AS (SELECT x::double precision FROM unnest(ARRAY[
  '0', '-0', '4.9406564584124654e-324', '-1e-320', '2.2250738585072014e-308', '1e-300', '-1e-160',
  '4.4408920985006262e-16', '1e-5', '0.5', '1', '-1', '3', '1e16', '-1e150', '1e160', '-1e300',
  '8.98846567431158e+307', '-8.98846567431158e+307', '1.7e308', '1.7976931348623157e308',
  '-1.7976931348623157e308', 'Infinity', '-Infinity', 'NaN', NULL]) AS x),
edges(x, y) AS (
  SELECT n, 1.7976931348623157e308::double precision / n
  FROM (SELECT 1 + i * 0.37::double precision AS n FROM generate_series(1, 40) AS i) AS divisors)
SELECT row_number() OVER (), p.a, p.b FROM (
  SELECT l.x AS a, r.x AS b FROM v AS l, v AS r
  UNION ALL SELECT x, y FROM edges
  UNION ALL SELECT x, y * 1.0000000000000002::double precision FROM edges
  UNION ALL SELECT -y, 1 / x FROM edges
  UNION ALL SELECT y * 1.0000000000000002::double precision, 1 / x FROM edges
  UNION ALL SELECT y, 1.7976931348623157e308::double precision - y FROM edges
  UNION ALL SELECT 4.9406564584124654e-324::double precision, x FROM edges
  UNION ALL SELECT x * 2::double precision ^ -600, 2::double precision ^ -475 / x FROM edges
  UNION ALL SELECT x * 2::double precision ^ -600, 2::double precision ^ 475 * x FROM edges
  UNION ALL SELECT -33554431 * 2::double precision ^ 103, x FROM edges
  UNION ALL SELECT 33554431 * 2::double precision ^ 103 * (1 - 2::double precision ^ -53), x FROM edges
  UNION ALL SELECT 2::double precision ^ -150, x FROM edges
  UNION ALL SELECT 2::double precision ^ -150 * (1 + 2::double precision ^ -52), x FROM edges) AS p;
CREATE TABLE moves (id bigint, tenant text DEFAULT 'acme', day date, count bigint);
INSERT INTO moves (id, day, count)
SELECT row_number() OVER (), d, n FROM unnest(ARRAY[date '4714-11-24 BC', '0001-01-01 BC',
  '1970-01-01', '2024-02-29', '294246-12-31', NULL]) AS d,
  unnest(ARRAY[0, 1, -1, 2440588, -2440588, -2440589, 2145042905, 2145042906, -2145042905, 2147483493, -2147483493,
    2147483647, -2147483648, 2147483648, 9223372036854775807, -9223372036854775808, NULL]) AS n;
)sql";

SqlItems LoadedFrom(const std::string& table) {
  SqlItems items;
  items.conninfo = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(items.conninfo, kPairs);
  items.spec = TableDataset(table);
  items.spec.tenant = "tenant";
  items.table = *LoadDataset(items.conninfo, items.spec);
  return items;
}

/// The value of `expression` in every row.
Query OfEveryRow(const std::string& expression) {
  Query query;
  for (const std::string& metric :
       {absl::StrCat("max(", expression, ")"), absl::StrCat("count(", expression, ")")}) {
    Metric& added = query.metrics.emplace_back();
    added.name = absl::StrCat("m", query.metrics.size());
    added.dataset = "d";
    added.expression = metric;
  }
  query.group_by = {GroupAxis::Of("id")};
  return query;
}

class QuerySqlOverflowTest : public testing::TestWithParam<const char*> {
 protected:
  static const SqlItems& Pairs() {
    static const SqlItems pairs = LoadedFrom("pairs");
    return pairs;
  }
  static const SqlItems& Moves() {
    static const SqlItems moves = LoadedFrom("moves");
    return moves;
  }
};

// Halved, because PostgreSQL may print a great number as one that is greater than all.
TEST_P(QuerySqlOverflowTest, Rule5AFloatThatOverflowsIsNull) {
  ExpectSqlGivesTheAnswer(OfEveryRow(absl::StrCat("(", GetParam(), ") * 0.5::float8")), Pairs());
}

INSTANTIATE_TEST_SUITE_P(Floats, QuerySqlOverflowTest,
                         testing::Values("a + b", "a - b", "a * b", "a / b", "b / a", "a::float4",
                                         "a * 1.7e308::float8", "a + id", "id / a",
                                         "-a * abs(b) + a", "greatest(a, 1e308::float8) * 2"));

TEST_F(QuerySqlOverflowTest, Rule5ADayThatDoesNotExistIsNull) {
  ExpectSqlGivesTheAnswer(OfEveryRow("day + count"), Moves());
  ExpectSqlGivesTheAnswer(OfEveryRow("day - count"), Moves());
}

// PostgreSQL computes what is constant in a branch beforehand.
TEST_F(QuerySqlOverflowTest, Rule5ADayMovedByAConstantThatIsTooLargeIsNull) {
  for (const char* moved :
       {"day + 2147483648", "day - (-9223372036854775808)", "DATE '2024-02-29' + count",
        "day + 2147483648 * 2", "day + 2147483647"}) {
    ExpectSqlGivesTheAnswer(OfEveryRow(moved), Moves());
  }
}

// One sum is written of both: (-5 + count) + 131 fits where -5 + count does not.
TEST_F(QuerySqlOverflowTest, Rule5ASumOfASumThatOverflowsIsNull) {
  for (const char* sum :
       {"(-5 + count) + 131", "(count + 1) + (-1)", "((count + count) + (-count)) + id",
        "(count + 99999999999999999999999999999999999999) + (-10)",
        "((9999999999999999999999999999999999999.8 + count) + (-count)) + 0.1"}) {
    SCOPED_TRACE(sum);
    ExpectSqlGivesTheAnswer(OfEveryRow(sum), Moves());
  }
}

TEST_F(QuerySqlOverflowTest, TheLastDayOfPostgresIsPrintedAsADay) {
  ExpectSqlGivesTheAnswer(OfEveryRow("greatest(day, DATE '1970-01-01' + 2145042905)"), Moves());
}

TEST_F(QuerySqlOverflowTest, ADifferenceOfColumnsThatOverflowsFailsAComparison) {
  Query query = OfEveryRow("a");
  query.where = "a - b > 1e300 OR a + b < 1e-300";
  ExpectSqlGivesTheAnswer(query, Pairs());
}

}  // namespace
}  // namespace sextant
