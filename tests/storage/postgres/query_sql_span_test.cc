// Arithmetic of instants with intervals and durations in the equivalent SQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/plan/binder.h"
#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/storage/postgres/sql_agreement.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

/// Instants around both changes of the clock in Berlin and at the ends of months, and ages ago,
/// each with every interval.
constexpr char kSpans[] = R"sql(
CREATE TABLE spans (id bigserial PRIMARY KEY, tenant text NOT NULL DEFAULT 'acme',
  at timestamptz, span interval, other timestamptz, day date);
INSERT INTO spans (at, span, other, day)
SELECT at, span, timestamptz '2024-02-29 12:00+00' + n * interval '7 hours 11.000007 seconds',
  date '2024-01-31' + (n % 90)::int
FROM (SELECT t AS at, s AS span, row_number() OVER () AS n FROM unnest(ARRAY[
  '2024-03-30 01:30+00', '2024-03-31 00:59:59.999999+00', '2024-03-31 01:00+00',
  '2024-10-26 00:30+00', '2024-10-27 00:30+00', '2024-10-27 01:30+00', '2024-01-31 23:30+00',
  '2024-02-29 22:59:59.5+00', '1893-03-31 12:00+00', '0044-03-15 10:00+00 BC', NULL]::timestamptz[])
  AS t, unnest(ARRAY[
  '0', '1 month', '-1 month', '1 day', '-1 day', '1 month -1 day', '24 hours', '1 day -24 hours',
  '1 mon 1 day 01:00:00.000001', '-13 months 5 days -00:30', '00:00:00.000001', '1 hour',
  '2 years -400 days', NULL]::interval[]) AS s) AS pairs;
-- What the tenant sees, with a name of its own.
CREATE VIEW local_spans AS SELECT * FROM spans;
)sql";

const SqlItems& Spans() {
  static const SqlItems spans = [] {
    SqlItems made;
    made.conninfo = PostgresCluster::Shared().CreateDatabase();
    ExecuteSql(made.conninfo, kSpans);
    made.spec = TableDataset("spans");
    made.spec.tenant = "tenant";
    made.spec.key = {"id"};
    made.table = *LoadDataset(made.conninfo, made.spec);
    return made;
  }();
  return spans;
}

/// The value of each row.
Query ValueOfRows(const std::string& value, const std::string& zone) {
  Query query;
  for (const std::string& text :
       {absl::StrCat("(array_agg(", value, " ORDER BY id))[1]"), std::string("count(*)")}) {
    Metric metric;
    metric.name = absl::StrCat("m", query.metrics.size());
    metric.dataset = "d";
    metric.expression = text;
    query.metrics.push_back(std::move(metric));
  }
  query.group_by.push_back(GroupAxis::Of("id"));
  query.time_zone = zone;
  return query;
}

struct SpanCase {
  const char* value;
  const char* zone;
};
void PrintTo(const SpanCase& span, std::ostream* out) { *out << span.value << " in " << span.zone; }

class QuerySqlSpanTest : public testing::TestWithParam<SpanCase> {};

TEST_P(QuerySqlSpanTest, Rule25TheSqlGivesTheAnswer) {
  ExpectSqlGivesTheAnswer(ValueOfRows(GetParam().value, GetParam().zone), Spans());
}

TEST_P(QuerySqlSpanTest, Rule6TheSqlIsWhatPostgresMakesOfTheText) {
  const auto [value, zone] = GetParam();
  const auto sql = PrintAgainst(Spans(), ValueOfRows(value, zone));
  ASSERT_TRUE(sql.ok()) << sql.status();
  EXPECT_THAT(sql->unsupported, testing::IsEmpty());
  // The session's zone is the request's for PostgreSQL's own arithmetic.
  const std::string differing =
      absl::StrCat("SET TIME ZONE '", zone, "'; SELECT count(*) FROM spans LEFT JOIN (\n",
                   sql->text, "\n) AS a USING (id) WHERE m0 IS DISTINCT FROM (", value, ")");
  EXPECT_EQ(ExecuteSqlScalar(Spans().conninfo, differing), "0") << sql->text;
}

INSTANTIATE_TEST_SUITE_P(
    Values, QuerySqlSpanTest,
    testing::Values(SpanCase{"at + span", "UTC"}, SpanCase{"at + span", "Europe/Berlin"},
                    SpanCase{"at - span", "Europe/Berlin"},
                    SpanCase{"span + at", "Australia/Lord_Howe"},
                    SpanCase{"at + coalesce(span, interval '1 month')", "America/Havana"},
                    SpanCase{"at + CASE WHEN id % 2 = 0 THEN span END", "Africa/Cairo"},
                    SpanCase{"at + interval '1 month'", "Europe/Berlin"},
                    SpanCase{"at - interval '1 mon 2 days 3.5 hours'", "Europe/Berlin"},
                    SpanCase{"day + interval '36 hours'", "UTC"},
                    SpanCase{"day::timestamptz + span", "Europe/Berlin"},
                    SpanCase{"day + interval '3 days'", "Europe/Berlin"},
                    SpanCase{"at + (other - '2024-01-01'::timestamptz)", "UTC"},
                    SpanCase{"other - (other - at)", "UTC"},
                    SpanCase{"extract(day FROM other - at)", "UTC"},
                    SpanCase{"extract(minute FROM at - other)", "Europe/Berlin"},
                    SpanCase{"extract(epoch FROM (at + span) - other)", "Europe/Berlin"},
                    SpanCase{"extract(hour FROM at + span)", "Europe/Berlin"},
                    SpanCase{"date_trunc('month', at + span)", "Europe/Berlin"}));

TEST(QuerySqlSpanRefusalTest, Rule6ADurationIsAddedInUtcOnly) {
  for (const char* const value :
       {"at + (other - at)", "at - (other - at)", "(other - at) + at", "day + (other - at)"}) {
    const auto bound = Bind(ValueOfRows(value, "Europe/Berlin"), Spans().table->shared_schema(), 0);
    EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument) << value;
    if (std::string(value).starts_with("day")) continue;
    EXPECT_THAT(std::string(bound.status().message()),
                testing::AllOf(
                    testing::HasSubstr(" duration in the zone Europe/Berlin, where PostgreSQL adds "
                                       "the days of a duration by the local clock; ask in UTC, or "
                                       "compare durations; allowed: "),
                    testing::HasSubstr("(at character ")));
  }
}

}  // namespace
}  // namespace sextant
