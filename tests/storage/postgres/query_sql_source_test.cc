// What a dataset declares of its source, in the equivalent SQL: a query, types, zones, derived
// columns, names of any form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/query.h"
#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/storage/postgres/sql_agreement.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

constexpr char kParts[] = R"sql(
CREATE TYPE grade AS ENUM ('low', 'middle', 'high');
CREATE DOMAIN local_time AS timestamp;
CREATE DOMAIN positive AS integer CHECK (value > 0);
CREATE TABLE "Odd ""Parts" (
  "select" bigint PRIMARY KEY, "Ten ant" integer NOT NULL, "it's" text, weight double precision,
  price numeric, tags uuid[], grades grade[], host inet, started local_time, ended local_time,
  count positive, digits text, flag text, spent interval, padded char(5)[], seen timestamp[]);
INSERT INTO "Odd ""Parts"
SELECT n, n % 2, CASE WHEN n % 5 <> 0 THEN 'a''b\' || n % 3 END,
  CASE WHEN n % 7 <> 0 THEN n / 8.0 - 3.0625 END, CASE WHEN n % 4 <> 0 THEN n * 1.25 END,
  CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE ARRAY[md5((n % 4)::text)::uuid, NULL] END,
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}'
             ELSE ARRAY['high', (ARRAY['low', 'middle'])[n % 2 + 1]]::grade[] END,
  CASE WHEN n % 6 <> 0 THEN ('10.0.0.' || n % 3)::inet END,
  timestamp '2024-10-26 21:00' + n * interval '17 minutes',
  CASE WHEN n % 3 <> 0 THEN timestamp '2024-10-27 01:00' + n * interval '23 minutes' END,
  CASE WHEN n % 8 <> 0 THEN n END, CASE WHEN n % 9 <> 0 THEN (n * 37 - 600)::text END,
  CASE WHEN n % 5 <> 0 THEN (n % 2 = 0)::text END,
  (ARRAY['1 day', '24:00', '-1 mon', NULL]::interval[])[n % 4 + 1],
  CASE WHEN n % 3 <> 0 THEN ARRAY['x', 'y' || n % 2, ' z']::char(5)[] END,
  CASE WHEN n % 4 <> 0 THEN ARRAY[timestamp '2024-10-27 01:30', '2024-10-27 00:59'] END
FROM generate_series(1, 120) AS n;
)sql";

const SqlItems& Parts() {
  static const SqlItems parts = [] {
    SqlItems made;
    made.conninfo = PostgresCluster::Shared().CreateDatabase();
    ExecuteSql(made.conninfo, kParts);
    made.spec = TableDataset("public.\"Odd \"\"Parts\"");
    made.spec.where = "\"select\" <> 7 -- not that one";
    made.spec.key = {"select"};
    made.spec.types = {{"weight", "numeric(12,3)"},
                       {"price", "numeric(38,2)"},
                       {"digits", "int2"},
                       {"flag", "bool"},
                       {"host", "text"},
                       {"count", "float4"}};
    made.spec.zones = {{"started", "Europe/Berlin"}, {"seen", "America/Havana"}};
    made.spec.derived = {{"lasted", "ended - started"},
                         {"per_unit", "price / nullif(weight, 0)"},
                         {"name", "coalesce(upper(\"it's\"), digits::text, 'none')"},
                         {"hour", "extract(hour FROM started)::int"},
                         {"is_heavy", "weight > 2 AND NOT flag"},
                         {"due", "started + interval '1 month 1 day'"},
                         {"size", "CASE WHEN count > 60 THEN 'big' ELSE 'small' END"},
                         {"next_day", "ended::date + 1"}};
    made.table = *LoadDataset(made.conninfo, made.spec);
    return made;
  }();
  return parts;
}

struct PartsCase {
  std::vector<std::string> group_by;
  std::string value;
  std::string where;
};
void PrintTo(const PartsCase& one, std::ostream* out) { *out << one.value << " " << one.where; }

Query Ask(const PartsCase& asked) {
  Query query;
  Metric metric;
  metric.name = "m";
  metric.dataset = "d";
  metric.expression = asked.value;
  query.metrics = {metric};
  metric.name = "n";
  metric.expression = "count(*)";
  query.metrics.push_back(metric);
  for (const std::string& column : asked.group_by) query.group_by.push_back(GroupAxis::Of(column));
  query.where = asked.where;
  query.time_zone = "America/Havana";
  return query;
}

class QuerySqlSourceTest : public testing::TestWithParam<PartsCase> {};

TEST_P(QuerySqlSourceTest, Rule25TheSqlGivesTheAnswer) {
  ExpectSqlGivesTheAnswer(Ask(GetParam()), Parts());
}

TEST_P(QuerySqlSourceTest, Rule25TheSqlGivesTheAnswerOverTime) {
  Query query = Ask(GetParam());
  for (Metric& metric : query.metrics) metric.pin = TimePin::At("started");
  query.metrics.push_back(query.metrics[1]);
  query.metrics.back().name = "o";
  query.metrics.back().pin = {TimePin::Kind::kDuring, "started", "ended"};
  query.metrics.push_back(query.metrics[1]);
  query.metrics.back().name = "p";
  query.metrics.back().pin = TimePin::At("due");
  query.metrics.push_back(query.metrics[1]);
  query.metrics.back().name = "q";
  query.metrics.back().pin = TimePin::At("next_day");
  query.series = {{.unit = CalendarUnit::kHour, .count = 3}, {.unit = CalendarUnit::kWeek}};
  query.fill = FillMode::kDense;
  ExpectSqlGivesTheAnswer(query, Parts());
}

INSTANTIATE_TEST_SUITE_P(
    Parts, QuerySqlSourceTest,
    testing::Values(PartsCase{{"Ten ant"}, "sum(weight)", "weight > -2.5"},
                    PartsCase{{"it's"}, "max(price)", "price <> 12.5"},
                    PartsCase{{"tags"}, "count(DISTINCT host)", "host >= '10.0.0.1/32'"},
                    PartsCase{{"grades"}, "avg(count)", "'high' = ANY (grades) OR count > 3.5"},
                    PartsCase{{"flag"}, "sum(digits)", "digits > 0 OR flag"},
                    PartsCase{{"padded"}, "max(ended)", "padded && ARRAY['y1', ' z']"},
                    PartsCase{{"hour", "size"}, "avg(lasted)", "lasted > interval '1 hour'"},
                    PartsCase{{"name"}, "sum(per_unit)", "per_unit > 1"},
                    PartsCase{{"is_heavy"}, "max(due)", "due > '2024-11-28'"},
                    PartsCase{{"next_day"}, "count(DISTINCT spent)", "next_day <> '2024-10-28'"},
                    PartsCase{{"spent"}, "(array_agg(\"it's\" ORDER BY price DESC))[1:2]", ""},
                    PartsCase{{"started"}, "mode() WITHIN GROUP (ORDER BY spent)", ""}));

TEST(QuerySqlSourceRefusalTest, ACastToATimeDependsOnTheSession) {
  SqlItems dated;
  dated.conninfo = Parts().conninfo;
  ExecuteSql(dated.conninfo,
             "CREATE TABLE dated (id int, tenant text, day text, at text); INSERT "
             "INTO dated VALUES (1, 'acme', '2024-01-31', '2024-01-31 10:00+02')");
  dated.spec = TableDataset("dated");
  dated.spec.types = {{"day", "date"}, {"at", "timestamptz"}};
  dated.table = *LoadDataset(dated.conninfo, dated.spec);
  const auto sql = PrintAgainst(dated, Ask({{"day"}, "max(at)", ""}));
  ASSERT_TRUE(sql.ok()) << sql.status();
  EXPECT_THAT(sql->unsupported,
              testing::ElementsAre(
                  "the column 'at' of the dataset 'd', which columns.types casts to timestamptz: "
                  "what that gives depends on the session",
                  "the column 'day' of the dataset 'd', which columns.types casts to date: what "
                  "that gives depends on the session"));
  const auto without = PrintAgainst(dated, Ask({{"tenant"}, "count(*)", ""}));
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_THAT(without->unsupported, testing::IsEmpty());
}

TEST(QuerySqlDecimalTest, Rule5ADecimalOfMoreThan38DigitsIsNoValue) {
  SqlItems wide;
  wide.conninfo = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(
      wide.conninfo,
      "CREATE TABLE wide (id int, tenant text, a numeric(38,2), b numeric(20,10), n bigint); "
      "INSERT INTO wide SELECT n, 'acme', (10::numeric ^ n - 0.01) * (1 - n % 2 * 2), "
      "9.9999999999 * n, n - 3 FROM generate_series(1, 36) AS n");
  wide.spec = TableDataset("wide");
  wide.spec.tenant = "tenant";
  wide.spec.key = {"id"};
  wide.table = *LoadDataset(wide.conninfo, wide.spec);
  for (const char* const value :
       {"a * 2", "a * n", "a + a", "a - 0.01", "0 * (a * n)", "a * b", "b * b", "-a", "abs(a) + 1",
        "round(a, 1)", "round(a)", "round(b, 3) * a", "ceil(a)", "a % 7", "coalesce(a * 1000, 5)",
        "CASE WHEN a * 10 IS NULL THEN 1 ELSE 2 END", "greatest(a, n) + b", "n * 1.5 + a"}) {
    ExpectSqlGivesTheAnswer(
        Ask({{"id"}, absl::StrCat("(array_agg(", value, " ORDER BY id))[1]"), ""}), wide);
    ExpectSqlGivesTheAnswer(Ask({{}, "count(*)", absl::StrCat(value, " > 0")}), wide);
  }
  for (const char* const value :
       {"max(a) * count(*)", "max(a) * sum(n) * 0", "min(a) + max(a)", "sum(b) * max(a)"}) {
    ExpectSqlGivesTheAnswer(Ask({{"id"}, value, ""}), wide);
  }
}

TEST(QuerySqlSourceNameTest, ATableMayHaveTheNameOfAPartOfTheStatement) {
  SqlItems named;
  named.conninfo = PostgresCluster::Shared().CreateDatabase();
  for (const char* const name : {"intervals", "cells", "kept", "cells_l0", "metric_values", "dense",
                                 "ranking", "r", "i", "v", "ranked_intervals", "d0_rows"}) {
    ExecuteSql(
        named.conninfo,
        absl::StrCat("CREATE TABLE ", name, " AS SELECT n AS id, 'acme' AS tenant, n % 3 AS ", name,
                     ", timestamptz '2024-01-01 00:00+00' + n * interval '5 hours' AS "
                     "at FROM generate_series(1, 40) AS n"));
    named.spec = TableDataset(name);
    named.spec.tenant = "tenant";
    named.spec.where = "id <> 5";
    named.table = *LoadDataset(named.conninfo, named.spec);
    Query query = Ask({{name}, "sum(id)", absl::StrCat(name, " < 2")});
    query.metrics[0].pin = query.metrics[1].pin = TimePin::At("at");
    query.series = {{.unit = CalendarUnit::kDay}};
    query.top_n = TopN{.count = 1, .metric = "m", .others = true};
    query.fill = FillMode::kDense;
    ExpectSqlGivesTheAnswer(query, named);
    named.spec = QueryDataset(absl::StrCat("SELECT * FROM ", name));
    named.spec.tenant = "tenant";
    named.table = *LoadDataset(named.conninfo, named.spec);
    ExpectSqlGivesTheAnswer(query, named);
  }
}

TEST(QuerySqlSourceRefusalTest, AStatementHasNotMoreColumnsThanPostgresAllows) {
  Query query = Ask({{"flag"}, "count(*)", ""});
  query.metrics.clear();
  for (int i = 0; i < 300; ++i) {
    Metric metric;
    metric.name = absl::StrCat("m", i);
    metric.dataset = "d";
    metric.expression = absl::StrCat("sum(digits + ", i, ") + max(digits * ", i, ")");
    query.metrics.push_back(std::move(metric));
  }
  ExpectSqlGivesTheAnswer(query, Parts());
  for (Metric& metric : query.metrics)
    metric.expression += " + min(digits - " + metric.name.substr(1) + ")";
  const auto sql = PrintAgainst(Parts(), query);
  ASSERT_TRUE(sql.ok()) << sql.status();
  EXPECT_THAT(sql->unsupported,
              testing::ElementsAre("900 aggregates in 1804 columns, of which PostgreSQL has at "
                                   "most 1664"));
}

}  // namespace
}  // namespace sextant
