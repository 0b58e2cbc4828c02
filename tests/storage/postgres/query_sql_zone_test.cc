// Zones whose names PostgreSQL takes for abbreviations in AT TIME ZONE and date_trunc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/plan/binder.h"
#include "storage/postgres/query_sql.h"
#include "tests/storage/postgres/sql_items.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

constexpr char kLocalTimes[] =
    "sum(extract(hour FROM created_at) * 7 + extract(day FROM created_at)) "
    "FILTER (WHERE date_trunc('day', created_at) >= '2024-03-29' AND created_at::date < until)";

absl::StatusOr<EquivalentSql> Print(const std::string& expression, const std::string& zone,
                                    const std::string& zone_of_column) {
  const SqlItems& items = SqlItems::Get();
  Query query;
  Metric metric;
  metric.name = "m";
  metric.dataset = "d";
  metric.expression = expression;
  query.metrics.push_back(std::move(metric));
  query.time_zone = zone;
  const auto bound = Bind(query, items.table->shared_schema(), 0);
  if (!bound.ok()) return bound.status();
  DatasetSpec spec = items.spec;
  spec.zones = {{"logged_at", zone_of_column}};
  const DatasetSpec* const specs[] = {&spec};
  return PrintQuerySql(*bound, specs, *ResolveSeries(*bound, 0, 0), TenantClaim::Of("acme"));
}

/// Of one row with one column, in a session of `zone` and of Australia's abbreviations, where EST
/// is another.
std::string Scalar(const std::string& zone, const std::string& sql) {
  return ExecuteSqlScalar(SqlItems::Get().conninfo,
                          absl::StrCat("SET timezone_abbreviations = 'Australia'; SET TIME ZONE '",
                                       zone, "'; SELECT m::text FROM (\n", sql, "\n) AS a"));
}

class QuerySqlZoneTest : public testing::TestWithParam<const char*> {};

TEST_P(QuerySqlZoneTest, Rule15ALocalTimeIsOfTheZoneAndNotOfAnAbbreviation) {
  const std::string zone = GetParam();
  const auto sql = Print(kLocalTimes, zone, "UTC");
  ASSERT_TRUE(sql.ok()) << sql.status();
  if (!sql->unsupported.empty()) {
    EXPECT_THAT(sql->unsupported,
                testing::ElementsAre(testing::HasSubstr(absl::StrCat(
                    "a local time of the zone ", zone,
                    ", whose name PostgreSQL takes for an abbreviation; name a place, such as "))));
    return;
  }
  // SET TIME ZONE knows names of zones only.
  EXPECT_EQ(Scalar("UTC", sql->text),
            Scalar(zone, absl::StrCat("SELECT ", kLocalTimes, " AS m FROM local_items")))
      << sql->text;
}

TEST_P(QuerySqlZoneTest, Rule10ALocalTimeOfAColumnIsOfTheZoneAndNotOfAnAbbreviation) {
  const std::string zone = GetParam();
  const auto sql = Print("sum(extract(epoch FROM logged_at))", "UTC", zone);
  ASSERT_TRUE(sql.ok()) << sql.status();
  if (!sql->unsupported.empty()) {
    EXPECT_THAT(sql->unsupported, testing::ElementsAre(testing::HasSubstr(zone)));
    return;
  }
  EXPECT_EQ(Scalar("UTC", sql->text),
            Scalar(zone,
                   "SELECT sum(extract(epoch FROM CAST(logged_at AS timestamptz))) AS m FROM items "
                   "WHERE tenant = 'acme' AND id <> 13"))
      << sql->text;
}

INSTANTIATE_TEST_SUITE_P(Names, QuerySqlZoneTest,
                         testing::Values("CET", "EET", "MET", "WET", "EST", "MST", "HST", "GMT",
                                         "UCT", "Zulu", "EST5EDT", "Japan", "Europe/Brussels",
                                         "Asia/Kathmandu", "Australia/Lord_Howe",
                                         "America/St_Johns", "Pacific/Chatham"));

TEST(QuerySqlZoneOffsetTest, AZoneOfOneOffsetHasAnotherName) {
  for (const char* const zone : {"EST", "MST", "HST"}) {
    const auto sql = Print(kLocalTimes, zone, zone);
    ASSERT_TRUE(sql.ok()) << sql.status();
    EXPECT_THAT(sql->unsupported, testing::IsEmpty()) << zone;
    EXPECT_THAT(sql->text, testing::Not(testing::HasSubstr(absl::StrCat("'", zone, "'"))));
  }
}

TEST(QuerySqlZoneOffsetTest, Rule11BordersOfSuchAZoneNeedNoName) {
  const auto sql = Print("count(*)", "CET", "CET");
  ASSERT_TRUE(sql.ok()) << sql.status();
  EXPECT_THAT(sql->unsupported, testing::IsEmpty());
}

}  // namespace
}  // namespace sextant
