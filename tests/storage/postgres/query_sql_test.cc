#include "storage/postgres/query_sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compute/plan/binder.h"

namespace sextant {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int64_t kDayUs = 86'400'000'000;

std::shared_ptr<const Schema> Items() {
  std::vector<Field> fields = {
      {.name = "id", .type = DataType::Of(TypeKind::kInt64)},
      {.name = "tenant", .type = DataType::Of(TypeKind::kText)},
      {.name = "author", .type = DataType::Of(TypeKind::kText)},
      {.name = "Odd \"Name", .type = DataType::Of(TypeKind::kText)},
      {.name = "lines", .type = DataType::Of(TypeKind::kInt32)},
      {.name = "created_at", .type = DataType::Of(TypeKind::kTimestamp)},
      {.name = "closed_at", .type = DataType::Of(TypeKind::kTimestamp)},
      {.name = "day", .type = DataType::Of(TypeKind::kDate)},
  };
  return std::make_shared<const Schema>(std::move(fields), ColumnIndex{1});
}

DatasetSpec Spec() {
  DatasetSpec spec;
  spec.name = "items";
  spec.table = "public.items";
  spec.tenant = "tenant";
  spec.zones = {{"created_at", "Europe/Berlin"}, {"closed_at", "UTC"}};
  return spec;
}

Query Ask(std::string expression, std::string where = "") {
  Query query;
  Metric metric;
  metric.name = "m";
  metric.dataset = "items";
  metric.expression = std::move(expression);
  query.metrics.push_back(std::move(metric));
  query.where = std::move(where);
  return query;
}

/// The SQL of `query` over one interval of two days.
std::string Sql(const Query& query, const DatasetSpec& spec = Spec(),
                const TenantClaim& claim = TenantClaim::Of("ac'me")) {
  const auto bound = Bind(query, Items(), 0);
  EXPECT_TRUE(bound.ok()) << bound.status();
  const auto series = ResolveSeries(*bound, 0, 2 * kDayUs);
  EXPECT_TRUE(series.ok()) << series.status();
  const DatasetSpec* const specs[] = {&spec};
  const auto sql = PrintQuerySql(*bound, specs, *series, claim);
  EXPECT_TRUE(sql.ok()) << sql.status();
  EXPECT_THAT(sql->unsupported, testing::IsEmpty());
  return sql->text;
}

TEST(QuerySqlTest, IsOneSelectOverTheSource) {
  Query query = Ask("sum(lines)", "author = 'x' AND lines > 3");
  query.metrics[0].pin = TimePin::At("created_at");
  query.group_by.push_back(GroupAxis::Of("author"));
  query.series = {{.unit = CalendarUnit::kDay}};
  EXPECT_EQ(Sql(query), R"sql(WITH d0_source AS (
  SELECT CAST("author" AS text) COLLATE "C" AS "author",
         CAST("lines" AS bigint) AS "lines",
         ("created_at" AT TIME ZONE 'Europe/Berlin') AS "created_at"
  FROM public.items
  WHERE CAST("tenant" AS text) = 'ac''me'
),
d0_rows AS (
  SELECT * FROM d0_source AS r
  WHERE ((r."author" IN ('x')) AND (r."lines" >= 4))
),
intervals(id, series, name, start_at, end_at) AS (
  SELECT * FROM (VALUES
    (0, 0, 'day'::text, timestamptz '1970-01-01 00:00:00+00', timestamptz '1970-01-02 00:00:00+00'),
    (1, 0, 'day'::text, timestamptz '1970-01-02 00:00:00+00', timestamptz '1970-01-03 00:00:00+00')) AS borders
),
cells_l0 AS (
  SELECT 0 AS grouping_id,
         i.id AS interval_id,
         r."author" AS axis_0,
         ARRAY[r."author"::text]::text[] AS axis_key,
         (sum(r."lines"))::bigint AS value_0,
         count(r."lines") AS samples_0
  FROM d0_rows AS r
  JOIN intervals AS i ON r."created_at" >= i.start_at AND r."created_at" < i.end_at
  GROUP BY i.id, r."author"
),
cells AS (
  SELECT grouping_id, interval_id, axis_key, l0.axis_0 AS axis_0, value_0
  FROM cells_l0 AS l0
  WHERE samples_0 > 0
),
metric_values AS (
  SELECT c.grouping_id, c.interval_id, c.axis_0,
         c.value_0 AS metric_0
  FROM cells AS c
)
SELECT v.axis_0 AS "author",
       i.start_at AS "start",
       v.metric_0 AS "m"
FROM metric_values AS v
JOIN intervals AS i ON i.id = v.interval_id
ORDER BY v.axis_0 NULLS LAST, i.id)sql");
}

TEST(QuerySqlTest, Rule24HasTheTenantInside) {
  EXPECT_THAT(Sql(Ask("count(*)")), HasSubstr("WHERE CAST(\"tenant\" AS text) = 'ac''me'"));
  EXPECT_THAT(Sql(Ask("count(*)"), Spec(), TenantClaim::None()), HasSubstr("WHERE false"));
}

TEST(QuerySqlTest, Rule24IsNotTheCallersText) {
  const std::string sql = Sql(Ask("count(*)", "author = 'a' /* c1 */ OR author = 'b' -- c2"));
  EXPECT_THAT(sql, Not(HasSubstr("c1")));
  EXPECT_THAT(sql, Not(HasSubstr("c2")));
}

TEST(QuerySqlTest, QuotesNamesAndTexts) {
  EXPECT_THAT(Sql(Ask("count(*)", "\"Odd \"\"Name\" = 'it''s; DROP TABLE x --'")),
              HasSubstr("r.\"Odd \"\"Name\" IN ('it''s; DROP TABLE x --')"));
}

TEST(QuerySqlTest, ReadsTheQueryOfADatasetAndItsWhere) {
  DatasetSpec spec = Spec();
  spec.table.clear();
  spec.query = "SELECT * FROM items; -- all";
  spec.where = "id > 0 -- positive";
  const std::string sql = Sql(Ask("count(*)"), spec);
  EXPECT_THAT(sql, HasSubstr("FROM (\nSELECT * FROM items; -- all\n) AS source"));
  EXPECT_THAT(sql, HasSubstr("(\nid > 0 -- positive\n)\n    AND CAST"));
}

TEST(QuerySqlTest, Rule10ALocalTimeIsReadInItsZone) {
  EXPECT_THAT(Sql(Ask("min(created_at)")),
              HasSubstr("(\"created_at\" AT TIME ZONE 'Europe/Berlin') AS \"created_at\""));
}

TEST(QuerySqlTest, InlinesDerivedColumns) {
  DatasetSpec spec = Spec();
  spec.derived = {{"lead", "closed_at - created_at"}};
  std::vector<Field> fields = Items()->fields();
  fields.push_back({.name = "lead", .type = DataType::Of(TypeKind::kDuration)});
  const auto schema = std::make_shared<const Schema>(fields, ColumnIndex{1});
  const auto bound = Bind(Ask("sum(lead)"), schema, 0);
  ASSERT_TRUE(bound.ok()) << bound.status();
  const DatasetSpec* const specs[] = {&spec};
  const auto sql = PrintQuerySql(*bound, specs, *ResolveSeries(*bound, 0, 1), TenantClaim::None());
  ASSERT_TRUE(sql.ok());
  EXPECT_THAT(sql->text, HasSubstr("sum((extract(epoch FROM r.\"closed_at\" - r.\"created_at\") * "
                                   "1000000)::bigint)"));
}

TEST(QuerySqlTest, Rule11BordersAreValues) {
  Query query = Ask("count(*)");
  query.metrics[0].pin = TimePin::At("day");
  query.series = {{.unit = CalendarUnit::kDay}};
  const std::string sql = Sql(query);
  EXPECT_THAT(sql, HasSubstr("timestamptz '1970-01-01 00:00:00+00', timestamptz '1970-01-02"));
  EXPECT_THAT(sql, HasSubstr("r.\"day\" >= i.start_day AND r.\"day\" < i.end_day"));
  EXPECT_THAT(sql, Not(HasSubstr("date_trunc")));
}

TEST(QuerySqlTest, ADatasetWithoutASpecIsAnErrorOfOurs) {
  const auto bound = Bind(Ask("count(*)"), Items(), 0);
  ASSERT_TRUE(bound.ok());
  const auto sql = PrintQuerySql(*bound, {}, {}, TenantClaim::None());
  EXPECT_EQ(sql.status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace sextant
