// Groups of every type in the equivalent SQL: joined across pins, intervals and kept tuples.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "compute/plan/query.h"
#include "tests/storage/postgres/sql_agreement.h"

namespace sextant {
namespace {

Metric MetricOf(std::string name, std::string expression, TimePin pin) {
  Metric metric;
  metric.name = std::move(name);
  metric.dataset = "d";
  metric.expression = std::move(expression);
  metric.pin = std::move(pin);
  return metric;
}

/// Cells of two pins in days and weeks, each tuple in each of them.
Query Ask(const std::vector<std::string>& group_by) {
  Query query;
  query.metrics = {MetricOf("m", "count(*) FILTER (WHERE id % 3 = 0)", TimePin::At("created_at")),
                   MetricOf("n", "sum(lines) FILTER (WHERE id % 3 = 1)", TimePin::At("closed_at")),
                   MetricOf("p", "max(author)", TimePin::At("seen_at"))};
  for (const std::string& column : group_by) query.group_by.push_back(GroupAxis::Of(column));
  query.series = {{.unit = CalendarUnit::kDay, .count = 5}, {.unit = CalendarUnit::kWeek}};
  query.from = "2024-03-26";
  query.to = "2024-04-05";
  query.fill = FillMode::kDense;
  return query;
}

std::string OtherThan(const std::string& column) { return column == "is_bot" ? "mood" : "is_bot"; }

class QuerySqlGroupTest : public testing::TestWithParam<const char*> {};

TEST_P(QuerySqlGroupTest, Rule17EveryTupleMeetsItselfInEveryInterval) {
  ExpectSqlGivesTheAnswer(Ask({GetParam()}));
}

TEST_P(QuerySqlGroupTest, Rule18AKeptTupleIsNotAmongTheOthers) {
  Query query = Ask({GetParam(), OtherThan(GetParam())});
  query.fill = FillMode::kSparse;
  query.top_n = TopN{.count = 4, .metric = "m", .others = true};
  query.totals = Totals::kCube;
  ExpectSqlGivesTheAnswer(query);
}

TEST_P(QuerySqlGroupTest, Rule18OrderIsOfCellsAndNotOfTotals) {
  Query query = Ask({GetParam(), OtherThan(GetParam())});
  query.fill = FillMode::kSparse;
  query.totals = Totals::kRollup;
  query.top_n = TopN{.count = 12, .metric = "m", .others = true};
  query.order_by = {{"m", true}, {"start", true}, {GetParam(), true}};
  query.limit = 30;
  ExpectSqlGivesTheAnswer(query);
}

INSTANTIATE_TEST_SUITE_P(Columns, QuerySqlGroupTest,
                         testing::Values("author", "code", "mood", "is_bot", "small", "big",
                                         "ratio", "score", "cost", "ref", "day", "created_at",
                                         "logged_at", "labels", "points", "seen_at", "span",
                                         "moods", "weights", "local_times"));

TEST(QuerySqlListTest, AnElementThatIsNullIsNotKnownToDifferFromAnything) {
  Query query;
  query.metrics = {MetricOf("m", "count(*)", {})};
  for (const char* const where :
       {"1.5 <> ALL (points)", "NOT 1.5 = ANY (points)", "5 <> ALL (points)", "7 <> ALL (points)",
        "9999999999 <> ALL (points)"}) {
    query.where = where;
    ExpectSqlGivesTheAnswer(query);
  }
}

TEST(QuerySqlTopTest, Rule22TheWindowOfAnOpenRangeEndsWithItsSamples) {
  Query query;
  Metric& windowed = query.metrics.emplace_back();
  windowed.name = "w";
  windowed.cumulative = {.of = "c", .window = "2d"};
  windowed.components = {MetricOf("c", "sum(lines)", TimePin::At("created_at"))};
  query.group_by = {GroupAxis::Of("author")};
  query.series = {{.unit = CalendarUnit::kDay, .count = 3}};
  query.exclude_partial = true;
  query.top_n = TopN{.count = 2, .metric = "w", .others = true};
  ExpectSqlGivesTheAnswer(query);
}

class QuerySqlEndTest : public testing::TestWithParam<const char*> {};

TEST_P(QuerySqlEndTest, TheEndsOfATypeAreBoundsOfItsValues) {
  Query query;
  query.metrics = {MetricOf("m", "count(*)", {})};
  query.where = GetParam();
  ExpectSqlGivesTheAnswer(query);
  query.where = "NOT (" + query.where + ")";
  ExpectSqlGivesTheAnswer(query);
}

INSTANTIATE_TEST_SUITE_P(
    Conditions, QuerySqlEndTest,
    testing::Values("ref >= 'ffffffff-ffff-ffff-ffff-ffffffffffff'",
                    "ref <= '00000000-0000-0000-0000-000000000000'",
                    "ref >= '00000000-0000-0000-0000-000000000000'",
                    "ref <= 'ffffffff-ffff-ffff-ffff-ffffffffffff'",
                    "ref > 'ffffffff-ffff-ffff-ffff-ffffffffffff'",
                    "span >= interval '178956970 years 7 months'",
                    "span <= interval '2147483647 months 2147483647 days'",
                    "span > interval '-2147483647 months -2147483647 days'",
                    "span < interval '-2147483647 months'", "span = interval '30 days'",
                    "span IN (interval '1 month', interval '-1 day')", "span > interval '0'",
                    "author LIKE 'ÿ%'", "author LIKE '\x7f%' OR author LIKE '􏿿%'",
                    "'􏿿' >= ANY (labels)", "coalesce(nullif('Z', author), 'a') < 'b'",
                    "greatest('b', 'C') > note", "CASE WHEN lines > 0 THEN 'Z' ELSE 'a' END < 'b'",
                    "big >= 9223372036854775807", "big <= -9223372036854775808",
                    "small >= 40000 OR small < -32768", "lines > 3000000000", "score >= 'Infinity'",
                    "score <= '-Infinity'", "score > 'NaN'",
                    "day >= '9999-12-31' OR until < '0001-01-01'",
                    "created_at >= '9999-12-31' OR closed_at > '0001-01-01'",
                    "cost >= 99999999999 OR cost < -10000000000", "mood > 'glad' OR mood < 'sad'",
                    "is_bot > true OR is_bot >= false"));

}  // namespace
}  // namespace sextant
