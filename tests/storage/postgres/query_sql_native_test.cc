#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/binder.h"
#include "storage/postgres/query_sql.h"
#include "tests/storage/postgres/sql_items.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

/// The answer of the printed SQL of `query`, as one text.
std::string PrintedAnswer(const Query& query) {
  const SqlItems& items = SqlItems::Get();
  const auto bound = Bind(query, items.table->shared_schema(), 0);
  if (!bound.ok()) return bound.status().ToString();
  const auto series = ResolveSeries(*bound, 0, 0);
  const DatasetSpec* const spec = &items.spec;
  const auto sql = PrintQuerySql(*bound, {&spec, 1}, *series, TenantClaim::Of("acme"));
  if (!sql.ok()) return sql.status().ToString();
  EXPECT_THAT(sql->unsupported, testing::IsEmpty());
  try {
    return ExecuteSqlScalar(
        items.conninfo,
        absl::StrCat(
            "SET TIME ZONE 'UTC'; SELECT coalesce(string_agg(a::text, ' '), '()') FROM (\n",
            sql->text, "\n) AS a"));
  } catch (const std::exception& error) {
    return absl::StrCat(error.what(), "\n", sql->text);
  }
}

/// What PostgreSQL makes of the caller's own text, in a session whose zone is UTC.
std::string NativeAnswer(const std::string& aggregate, const std::string& where) {
  return ExecuteSqlScalar(
      SqlItems::Get().conninfo,
      absl::StrCat("SET TIME ZONE 'UTC'; SELECT ROW(", aggregate, ")::text FROM local_items WHERE ",
                   where.empty() ? "true" : where));
}

Query Ask(const std::string& expression, const std::string& where) {
  Query query;
  Metric metric;
  metric.name = "m";
  metric.dataset = "d";
  metric.expression = expression;
  query.metrics.push_back(std::move(metric));
  query.where = where;
  return query;
}

class QuerySqlFilterTest : public testing::TestWithParam<const char*> {};

TEST_P(QuerySqlFilterTest, KeepsTheRowsThatPostgresKeeps) {
  const std::string where = GetParam();
  EXPECT_EQ(PrintedAnswer(Ask("sum(id)", where)), NativeAnswer("sum(id)", where));
  const std::string negated = absl::StrCat("NOT (", where, ")");
  EXPECT_EQ(PrintedAnswer(Ask("sum(id)", negated)), NativeAnswer("sum(id)", negated));
}

INSTANTIATE_TEST_SUITE_P(
    Conditions, QuerySqlFilterTest,
    testing::Values(
        "lines > small", "author < note", "lines * 2 + small / 3 - lines % 7 > 100",
        "lines / (small % 2 + 5) > 5", "cost * 2.5 - lines > 3.125", "small + 1 = lines - 4",
        "CASE WHEN lines > 0 THEN author WHEN is_bot THEN note END = 'Ann'",
        "CASE author WHEN 'bob' THEN lines WHEN note THEN 2 ELSE small END > 3",
        "coalesce(note, author) = 'note 1'", "nullif(lines, 5) > 3",
        "greatest(lines, small, 10) > 40 AND least(score, ratio) < 1",
        "round(cost) > 3 AND floor(score) < 2 AND ceil(cost) <> 20",
        "round(cost, 1) = 1.2 OR trunc(cost, 1) = 5.3 OR abs(lines) = 7",
        "upper(author) = 'BOB' OR lower(author) = 'bob'",
        "length(author) = 5 OR cardinality(labels) = 0", "array_length(labels, 1) IS NULL",
        "extract(hour FROM created_at) >= 20 AND extract(dow FROM day) = 1",
        "extract(epoch FROM closed_at - created_at) > 90000.5",
        "extract(day FROM closed_at - created_at) > 2",
        "extract(hour FROM closed_at - created_at) > 2",
        "extract(week FROM day) = 14 OR extract(isodow FROM created_at) = 7",
        "date_part('minute', created_at) = 47", "date_trunc('week', created_at) = '2024-04-01'",
        "created_at + interval '1 month 2 days 3 hours' > '2024-05-01'",
        "closed_at > created_at + interval '90 minutes'", "day + 3 > until", "until - day > 3",
        "lines::float8 > 10.5 AND cost::int = 3 OR created_at::date = day", "ratio::int = 2",
        "cost::numeric(5,1) = 1.2", "lines::text = '7' OR mood::text > 'ok' OR cost::text = '1.50'",
        "is_bot::int = 1", "author LIKE '%o_' OR note NOT LIKE 'note%'", "author ILIKE 'BOB'",
        "author LIKE 'b!o%' ESCAPE '!'", "author LIKE 'b\\o%'",
        "author ~ '^[A-Z]' AND author !~* 'z'",
        "author IS DISTINCT FROM 'bob' AND lines IS NOT DISTINCT FROM small",
        "(lines > 0) = is_bot", "(mood = 'ok') IS UNKNOWN", "(lines > small) IS NOT TRUE",
        "lines BETWEEN small AND big", "author IN (note, 'bob', 'zoe')", "2 < ANY (points)",
        "2 <= ALL (points)", "'c' > ANY (labels)", "'ui' <> ALL (labels)", "5 <> ANY (points)",
        "score = 'NaN'", "score > lines", "score / 2 > ratio", "mood > 'sad' AND mood < 'glad'",
        "coalesce(mood, 'sad') = 'sad'", "ref = 'cfcd2084-95d5-65ef-66e7-dff9f98764da'",
        "lines + cost > 10 AND cost + 0.001 > 5", "-cost > 3",
        "-(closed_at - created_at) < interval '1 day'"));

class QuerySqlAggregateTest : public testing::TestWithParam<const char*> {};

TEST_P(QuerySqlAggregateTest, GivesTheValueThatPostgresGives) {
  const std::string aggregate = GetParam();
  EXPECT_EQ(PrintedAnswer(Ask(aggregate, "score <> 'NaN' AND score < 1000")),
            NativeAnswer(aggregate, "score <> 'NaN' AND score < 1000"));
}

INSTANTIATE_TEST_SUITE_P(
    Aggregates, QuerySqlAggregateTest,
    testing::Values("sum(lines * small + 1)", "sum(lines) FILTER (WHERE small > 0)",
                    "count(*) FILTER (WHERE is_bot)", "sum(lines) - count(*) * 2",
                    "sum(lines)::float8 / count(small)", "bool_or(is_bot)",
                    "bool_and(lines > -9999)", "max(cost) - min(cost)",
                    "greatest(sum(lines), sum(small))",
                    "percentile_disc(0.4) WITHIN GROUP (ORDER BY lines)",
                    "percentile_cont(0.3) WITHIN GROUP (ORDER BY score)",
                    "mode() WITHIN GROUP (ORDER BY small % 3)", "count(DISTINCT lower(author))",
                    "stddev(score)", "var_pop(score)", "corr(score, ratio)",
                    "regr_slope(score, ratio)", "regr_r2(score, ratio)",
                    "sum(CASE WHEN mood = 'ok' THEN lines ELSE small END)",
                    "(array_agg(lines ORDER BY id DESC))[1:3]", "(array_agg(lines ORDER BY id))[2]",
                    "CASE WHEN count(*) > 10 THEN avg(score) END", "max(created_at)", "min(day)",
                    "max(mood)", "-sum(lines)", "round(avg(score))"));

}  // namespace
}  // namespace sextant
