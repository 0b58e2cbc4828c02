// Intervals of every unit and of odd zones in the equivalent SQL.
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

/// Instants, days and spans around the changes of the clock of many zones, and ages ago.
constexpr char kMoments[] = R"sql(
CREATE TABLE moments (id bigserial PRIMARY KEY, tenant text NOT NULL DEFAULT 'acme', kind text,
  at timestamptz, until timestamptz, day date, last_day date, seen timestamptz[], seen_days date[],
  local timestamp);
INSERT INTO moments (kind, at, until, day, last_day, seen, local)
SELECT CASE n % 4 WHEN 0 THEN 'a' WHEN 1 THEN 'B' WHEN 2 THEN 'é' END, at + step,
  CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN at + step WHEN 2 THEN at ELSE at + step * 3 END,
  (at AT TIME ZONE 'UTC')::date + n::int % 3,
  CASE n % 4 WHEN 0 THEN NULL ELSE (at AT TIME ZONE 'UTC')::date + n::int % 5 END,
  CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE ARRAY[at, NULL, at + step, at] END,
  at AT TIME ZONE 'UTC' + step
FROM (SELECT at, step, row_number() OVER () AS n FROM unnest(ARRAY[
  '2011-12-29 10:00+00', '2011-12-30 09:59:59.999999+00', '2011-12-31 10:00+00', -- Apia
  '2024-04-06 14:59:59+00', '2024-04-06 15:00+00', '2024-10-05 15:30+00',        -- Lord Howe
  '2024-04-06 14:00+00', '2024-09-28 14:00+00', '2024-09-28 14:45+00',           -- Chatham
  '2024-03-10 02:00+00', '2024-04-14 02:00+00', '2024-03-11 00:00+00',           -- Casablanca
  '1985-12-31 18:15+00', '1986-01-01 00:00+00', '2024-02-29 18:15+00',           -- Kathmandu
  '1919-03-31 04:30+00', '1919-03-31 05:00+00', '1919-03-31 04:29:59+00',        -- Toronto
  '2024-03-31 01:00+00', '2024-10-27 00:30+00', '2024-01-01 00:00+00',           -- Berlin
  '2024-11-03 04:00+00', '2024-11-03 05:00+00', '2024-11-03 06:00+00',           -- Havana
  '1900-01-01 00:00+00', '1893-03-31 23:00+00', '0044-03-15 12:00+00 BC', NULL]::timestamptz[])
  AS at, unnest(ARRAY['0', '1 microsecond', '29 minutes', '61 minutes', '26 hours', '9 days',
  '40 days', '-100 days']::interval[]) AS step) AS all_moments;
INSERT INTO moments (at, until, day, last_day)
SELECT '2020-01-01', '2020-01-02', a, b
FROM unnest(ARRAY['2011-12-28', '2011-12-29', '2011-12-30', '2011-12-31', '2012-01-01', NULL]::date[])
  AS a, unnest(ARRAY['2011-12-28', '2011-12-29', '2011-12-30', '2011-12-31', '2012-01-01', NULL]::date[])
  AS b;
)sql";

const SqlItems& Moments() {
  static const SqlItems moments = [] {
    SqlItems made;
    made.conninfo = PostgresCluster::Shared().CreateDatabase();
    ExecuteSql(made.conninfo, kMoments);
    made.spec = TableDataset("moments");
    made.spec.tenant = "tenant";
    made.spec.key = {"id"};
    made.spec.zones = {{"local", "Australia/Lord_Howe"}};
    made.table = *LoadDataset(made.conninfo, made.spec);
    return made;
  }();
  return moments;
}

TimePin Pin(TimePin::Kind kind, std::string start, std::string end) {
  return {kind, std::move(start), std::move(end)};
}

/// The same count by every kind of pin.
Query AllPins(const std::string& zone, std::vector<TimeSeries> series) {
  Query query;
  const std::vector<TimePin> pins = {TimePin::At("at"),
                                     TimePin::At("day"),
                                     TimePin::At("seen"),
                                     TimePin::At("local"),
                                     Pin(TimePin::Kind::kDuring, "at", "until"),
                                     Pin(TimePin::Kind::kDuring, "day", "last_day"),
                                     Pin(TimePin::Kind::kDuring, "day", "until"),
                                     Pin(TimePin::Kind::kAsOfEnd, "at", "until"),
                                     Pin(TimePin::Kind::kAsOfEnd, "day", "last_day"),
                                     Pin(TimePin::Kind::kAsOfEnd, "at", "last_day")};
  for (const TimePin& pin : pins) {
    Metric metric;
    metric.name = absl::StrCat("m", query.metrics.size());
    metric.dataset = "d";
    metric.expression = "count(*)";
    metric.pin = pin;
    query.metrics.push_back(std::move(metric));
  }
  query.time_zone = zone;
  query.series = std::move(series);
  return query;
}

Query InRange(Query query, std::string from, std::string to) {
  query.from = std::move(from);
  query.to = std::move(to);
  return query;
}

struct ZoneCase {
  const char* zone;
  const char* from;
  const char* to;
};
void PrintTo(const ZoneCase& one, std::ostream* out) { *out << one.zone << " from " << one.from; }

class QuerySqlOddZoneTest : public testing::TestWithParam<ZoneCase> {};

TEST_P(QuerySqlOddZoneTest, Rule11DaysAndHoursHaveTheBordersOfTheZone) {
  const auto& [zone, from, to] = GetParam();
  const std::vector<TimeSeries> series = {
      {.unit = CalendarUnit::kDay}, {.unit = CalendarUnit::kHour}, {.unit = CalendarUnit::kAll}};
  ExpectSqlGivesTheAnswer(InRange(AllPins(zone, series), from, to), Moments());
}

TEST_P(QuerySqlOddZoneTest, Rule13SeveralUnitsHaveTheBordersOfTheZone) {
  const auto& [zone, from, to] = GetParam();
  const std::vector<TimeSeries> series = {{.unit = CalendarUnit::kMinute, .count = 30},
                                          {.unit = CalendarUnit::kHour, .count = 6},
                                          {.unit = CalendarUnit::kDay, .count = 3},
                                          {.unit = CalendarUnit::kDay, .is_rolling = true}};
  Query query = InRange(AllPins(zone, series), from, to);
  query.group_by = {GroupAxis::Of("kind")};
  ExpectSqlGivesTheAnswer(query, Moments());
}

TEST_P(QuerySqlOddZoneTest, Rule14WithoutARangeItIsOfTheSamples) {
  const std::vector<TimeSeries> series = {{.unit = CalendarUnit::kMonth, .count = 3},
                                          {.unit = CalendarUnit::kYear},
                                          {.unit = CalendarUnit::kAll}};
  Query query = AllPins(GetParam().zone, series);
  query.where = "at > '1960-01-01' AND until IS NOT NULL AND last_day IS NOT NULL";
  ExpectSqlGivesTheAnswer(query, Moments());
}

TEST_P(QuerySqlOddZoneTest, Rule10ACastOfADateIsTheMidnightOfPostgres) {
  Query query = AllPins(GetParam().zone, {});
  query.metrics.resize(2);
  query.metrics[0].expression = "max(day::timestamptz)";
  query.metrics[0].pin = {};
  query.metrics[1].expression =
      "count(*) FILTER (WHERE last_day::timestamptz <= at OR extract(hour FROM at) = 0)";
  query.metrics[1].pin = {};
  query.group_by = {GroupAxis::Of("day")};
  ExpectSqlGivesTheAnswer(query, Moments());
}

INSTANTIATE_TEST_SUITE_P(
    Zones, QuerySqlOddZoneTest,
    testing::Values(ZoneCase{"Australia/Lord_Howe", "2024-04-05", "2024-04-09"},
                    ZoneCase{"Australia/Lord_Howe", "2024-10-05", "2024-10-07T03:15:00"},
                    ZoneCase{"Asia/Kathmandu", "1985-12-30", "1986-01-03"},
                    ZoneCase{"Asia/Kathmandu", "2024-02-28", "2024-03-03"},
                    ZoneCase{"Pacific/Apia", "2011-12-28", "2012-01-02"},
                    ZoneCase{"Africa/Casablanca", "2024-03-09", "2024-03-13"},
                    ZoneCase{"Africa/Casablanca", "2024-04-13", "2024-04-16"},
                    ZoneCase{"Pacific/Chatham", "2024-04-06", "2024-04-09"},
                    ZoneCase{"Pacific/Chatham", "2024-09-28", "2024-10-01"},
                    ZoneCase{"Europe/Berlin", "1893-03-30", "1893-04-03"},
                    ZoneCase{"America/Havana", "2024-03-09", "2024-03-12"},
                    ZoneCase{"America/Havana", "2024-11-02", "2024-11-05"},
                    ZoneCase{"America/Toronto", "1919-03-30", "1919-04-02"},
                    ZoneCase{"Asia/Beirut", "2024-03-30", "2024-04-02"},
                    ZoneCase{"Asia/Gaza", "2024-04-19", "2024-04-22"}));

struct SeriesCase {
  std::string name;
  std::vector<TimeSeries> series;
  int week_start = 1;
  bool exclude_partial = false;
};
void PrintTo(const SeriesCase& one, std::ostream* out) { *out << one.name; }

class QuerySqlSeriesTest : public testing::TestWithParam<SeriesCase> {};

TEST_P(QuerySqlSeriesTest, Rule13TheSqlGivesTheAnswer) {
  for (const char* const zone : {"UTC", "Pacific/Chatham", "Europe/Berlin"}) {
    Query query = InRange(AllPins(zone, GetParam().series), "2023-11-07", "2025-02-03T04:05:06");
    query.week_start = GetParam().week_start;
    query.exclude_partial = GetParam().exclude_partial;
    ExpectSqlGivesTheAnswer(query, Moments());
    query.group_by = {GroupAxis::Of("kind")};
    query.totals = Totals::kGrand;
    query.top_n = TopN{.count = 2, .metric = "m1", .others = true};
    query.order_by = {{"start", true}};
    ExpectSqlGivesTheAnswer(query, Moments());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Series, QuerySqlSeriesTest,
    testing::Values(
        SeriesCase{"ThreeMonths", {{.unit = CalendarUnit::kMonth, .count = 3}}},
        SeriesCase{"FiveMonths", {{.unit = CalendarUnit::kMonth, .count = 5}}, 1, true},
        SeriesCase{"TwoQuarters", {{.unit = CalendarUnit::kQuarter, .count = 2}}},
        SeriesCase{"QuartersAndYears",
                   {{.unit = CalendarUnit::kQuarter}, {.unit = CalendarUnit::kYear}}},
        SeriesCase{"SundayWeeks", {{.unit = CalendarUnit::kWeek}}, 7},
        SeriesCase{"TwoWeeksFromWednesday", {{.unit = CalendarUnit::kWeek, .count = 2}}, 3},
        SeriesCase{
            "WholeWeeks", {{.unit = CalendarUnit::kWeek}, {.unit = CalendarUnit::kAll}}, 4, true},
        SeriesCase{"RollingMonths", {{.unit = CalendarUnit::kMonth, .is_rolling = true}}},
        SeriesCase{"RollingTenDays",
                   {{.unit = CalendarUnit::kDay, .count = 10, .is_rolling = true}}},
        SeriesCase{"WholeRollingWeeks",
                   {{.unit = CalendarUnit::kWeek, .count = 3, .is_rolling = true}},
                   1,
                   true},
        SeriesCase{"TwoYears", {{.unit = CalendarUnit::kYear, .count = 2}}}),
    [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace sextant
