#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

std::vector<std::string> RowsOf(const std::string& sql) {
  std::vector<std::string> rows;
  for (const auto& row :
       ExecuteSql(SqlItems::Get().conninfo,
                  absl::StrCat("SET TIME ZONE 'UTC'; SELECT a::text FROM (\n", sql, "\n) AS a"))) {
    rows.push_back(*row[0]);
  }
  return rows;
}

/// The rows of the printed SQL of `query`, which reads `items` by every name.
std::vector<std::string> PrintedRows(const Query& query, int64_t from_us = 0, int64_t to_us = 0) {
  const SqlItems& items = SqlItems::Get();
  const auto names = DatasetsOf(query);
  EXPECT_TRUE(names.ok());
  std::vector<std::shared_ptr<const Schema>> schemas(names->size(), items.table->shared_schema());
  const auto bound = Bind(query, schemas, 0);
  EXPECT_TRUE(bound.ok()) << bound.status();
  if (!bound.ok()) return {};
  std::vector<DatasetSpec> specs(names->size(), items.spec);
  std::vector<const DatasetSpec*> pointers;
  for (size_t i = 0; i < specs.size(); ++i) {
    specs[i].name = (*names)[i];
    pointers.push_back(&specs[i]);
  }
  const auto series =
      ResolveSeries(*bound, bound->from_us.value_or(from_us), bound->to_us.value_or(to_us));
  const auto sql = PrintQuerySql(*bound, pointers, *series, TenantClaim::Of("acme"));
  EXPECT_TRUE(sql.ok()) << sql.status();
  SCOPED_TRACE(sql->text);
  return RowsOf(sql->text);
}

void ExpectRows(const Query& query, const std::string& native) {
  const std::vector<std::string> expected = RowsOf(native);
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(PrintedRows(query), expected);
}

Query Ask(const std::string& expression, const std::vector<std::string>& group_by) {
  Query query;
  Metric metric;
  metric.name = "m";
  metric.dataset = "d";
  metric.expression = expression;
  query.metrics.push_back(std::move(metric));
  for (const std::string& column : group_by) query.group_by.push_back(GroupAxis::Of(column));
  return query;
}

// Whether a column without a declared zone has one, only the source knows.
TEST(QuerySqlShapeTest, Rule10ALocalTimeWithoutADeclaredZoneIsInUtc) {
  const SqlItems& items = SqlItems::Get();
  DatasetSpec spec = items.spec;
  spec.zones.clear();
  Query query = Ask("min(logged_at)", {});
  query.metrics.push_back(Ask("max(created_at)", {}).metrics[0]);
  query.metrics[1].name = "n";
  const auto bound = Bind(query, items.table->shared_schema(), 0);
  ASSERT_TRUE(bound.ok()) << bound.status();
  const DatasetSpec* const specs[] = {&spec};
  const auto sql =
      PrintQuerySql(*bound, specs, *ResolveSeries(*bound, 0, 0), TenantClaim::Of("acme"));
  ASSERT_TRUE(sql.ok());
  EXPECT_EQ(RowsOf(sql->text),
            RowsOf("SELECT min(logged_at AT TIME ZONE 'UTC'), max(created_at) FROM items WHERE "
                   "tenant = 'acme' AND id <> 13"));
}

TEST(QuerySqlShapeTest, Rule18CubeOfColumns) {
  Query query = Ask("sum(lines)", {"mood", "is_bot"});
  query.totals = Totals::kCube;
  ExpectRows(query,
             "SELECT mood, is_bot, GROUPING(mood, is_bot), sum(lines)::bigint FROM local_items "
             "GROUP BY CUBE (mood, is_bot) HAVING count(lines) > 0 ORDER BY 3, 1, 2");
}

TEST(QuerySqlShapeTest, Rule18RollupOfColumns) {
  Query query = Ask("count(DISTINCT author)", {"mood", "is_bot"});
  query.totals = Totals::kRollup;
  ExpectRows(query,
             "SELECT mood, is_bot, GROUPING(mood, is_bot), count(DISTINCT author) FROM local_items "
             "GROUP BY ROLLUP (mood, is_bot) HAVING count(author) > 0 ORDER BY 3, 1, 2");
}

TEST(QuerySqlShapeTest, Rule18ATotalOfAListCountsARowOnce) {
  Query query = Ask("count(*)", {"labels"});
  query.totals = Totals::kGrand;
  ExpectRows(
      query,
      "SELECT * FROM (SELECT l COLLATE \"C\" AS l, 0 AS g, count(*) FROM local_items, LATERAL "
      "(SELECT DISTINCT l FROM unnest(labels) AS l) AS each GROUP BY 1 UNION ALL SELECT "
      "NULL, 1, count(*) FROM local_items WHERE labels <> '{}') AS t ORDER BY g, l");
}

TEST(QuerySqlShapeTest, KeepsTheBestTuples) {
  Query query = Ask("sum(lines)", {"author"});
  query.top_n = TopN{3, "", false, false};
  ExpectRows(query,
             "SELECT * FROM (SELECT author, sum(lines)::bigint AS m FROM local_items GROUP BY 1 "
             "ORDER BY m DESC NULLS LAST, 1 LIMIT 3) AS t ORDER BY 1");
}

TEST(QuerySqlShapeTest, Rule18OthersAreRowsInNoKeptTupleButInAnother) {
  Query query = Ask("count(*)", {"labels"});
  query.top_n = TopN{1, "", false, true};
  query.totals = Totals::kGrand;
  ExpectRows(
      query,
      "WITH best AS (SELECT l, count(*) AS m FROM local_items, LATERAL (SELECT DISTINCT l "
      "FROM unnest(labels) AS l) AS each GROUP BY 1 ORDER BY 2 DESC, l COLLATE \"C\" LIMIT "
      "1) SELECT l, 0, m FROM best UNION ALL SELECT NULL, -1, count(*) FROM local_items "
      "WHERE labels <> '{}' AND NOT EXISTS (SELECT FROM best, unnest(labels) AS x WHERE x IS "
      "NOT DISTINCT FROM best.l) UNION ALL SELECT NULL, 1, count(*) FROM local_items WHERE "
      "labels <> '{}'");
}

TEST(QuerySqlShapeTest, Rule18HavingOrderAndLimitActOnCellsOnly) {
  Query query = Ask("count(*)", {"author"});
  query.having_text = "m > 20";
  query.order_by = {{"m", true}};
  query.limit = 2;
  query.totals = Totals::kGrand;
  ExpectRows(
      query,
      "(SELECT author, 0, count(*) FROM local_items GROUP BY 1 HAVING count(*) > 20 ORDER BY "
      "3 DESC, 1 LIMIT 2) UNION ALL SELECT NULL, 1, count(*) FROM local_items");
}

TEST(QuerySqlShapeTest, Rule17DenseGivesEveryIntervalOfEveryTuple) {
  Query query = Ask("count(*)", {"mood"});
  query.metrics[0].pin = TimePin::At("created_at");
  query.series = {{.unit = CalendarUnit::kDay}};
  query.from = "2024-03-25";
  query.to = "2024-04-20";
  query.fill = FillMode::kDense;
  ExpectRows(query,
             "SELECT mood, s, (SELECT count(*) FROM local_items AS i WHERE i.mood IS NOT DISTINCT "
             "FROM t.mood AND created_at >= s AND created_at < s + interval '1 day') FROM (SELECT "
             "DISTINCT mood FROM local_items WHERE created_at >= '2024-03-25' AND created_at < "
             "'2024-04-20') AS t, generate_series(timestamptz '2024-03-25', '2024-04-19', '1 day') "
             "AS s ORDER BY 1, 2");
}

TEST(QuerySqlShapeTest, Rule9BinsAreHalfOpen) {
  Query query = Ask("count(*)", {});
  GroupAxis axis;
  axis.kind = GroupAxis::Kind::kBins;
  axis.column = "cost";
  axis.edges = {"-10", "0.5", "50.04"};
  query.group_by = {axis};
  ExpectRows(query,
             "SELECT CASE WHEN cost < 0.5 THEN -10.00 ELSE 0.50 END, count(*) FROM local_items "
             "WHERE cost >= -10 AND cost < 50.04 GROUP BY 1 ORDER BY 1");
}

TEST(QuerySqlShapeTest, SetsMayOverlapAndKeepTheirOrder) {
  Query query = Ask("sum(lines)", {});
  GroupAxis axis;
  axis.kind = GroupAxis::Kind::kSets;
  axis.name = "team";
  axis.members = {{"web", "author = 'bob'"}, {"app", "lines > 100"}};
  query.group_by = {axis};
  query.totals = Totals::kGrand;
  ExpectRows(query,
             "SELECT 'web', 0, sum(lines)::bigint FROM local_items WHERE author = 'bob' UNION ALL "
             "SELECT 'app', 0, sum(lines)::bigint FROM local_items WHERE lines > 100 UNION ALL "
             "SELECT NULL, 1, sum(lines)::bigint FROM local_items WHERE author = 'bob' OR lines > "
             "100");
}

TEST(QuerySqlShapeTest, Rule19SeveralDatasetsJoinOnValues) {
  Query query = Ask("sum(lines)", {"author", "is_bot"});
  query.metrics.push_back(query.metrics[0]);
  query.metrics[1].name = "n";
  query.metrics[1].dataset = "e";
  query.metrics[1].expression = "count(small)";
  ExpectRows(query,
             "SELECT author, is_bot, sum(lines)::bigint, count(small) FROM local_items GROUP BY 1, "
             "2 HAVING count(lines) > 0 OR count(small) > 0 ORDER BY 1, 2");
}

}  // namespace
}  // namespace sextant
