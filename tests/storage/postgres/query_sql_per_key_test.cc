// Metrics of two levels: a derived table is a subquery of the equivalent SQL (rule 23).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compute/plan/query.h"
#include "tests/storage/postgres/sql_agreement.h"

namespace sextant {
namespace {

Metric Per(std::vector<std::string> keys, std::vector<PerKey::Column> select,
           const std::string& expression) {
  auto per = std::make_shared<PerKey>();
  per->keys = std::move(keys);
  per->select = std::move(select);
  Metric metric = {.name = "m", .dataset = "d", .expression = expression};
  metric.per = per;
  return metric;
}

Query Ask(std::vector<Metric> metrics) {
  Query query;
  for (size_t i = 0; i < metrics.size(); ++i) metrics[i].name = "m" + std::to_string(i);
  query.metrics = std::move(metrics);
  return query;
}

TEST(QuerySqlPerKeyTest, Rule23DurationsOfKeys) {
  const std::vector<PerKey::Column> select = {{"took", "max(closed_at) - min(created_at)"},
                                              {"longest", "max(closed_at - created_at)"},
                                              {"begun", "min(created_at)"}};
  Query query = Ask({Per({"author"}, select, "avg(took)"), Per({"author"}, select, "max(longest)"),
                     Per({"author"}, select, "count(*) FILTER (WHERE took > interval '1 day')")});
  ExpectSqlGivesTheAnswer(query);
  for (Metric& metric : query.metrics) metric.pin = TimePin::At("begun");
  query.series = {{.unit = CalendarUnit::kDay}, {.unit = CalendarUnit::kAll}};
  query.time_zone = "Europe/Berlin";
  query.from = "2024-03-24T12:00:00";
  query.to = "2024-03-27";
  ExpectSqlGivesTheAnswer(query);
}

TEST(QuerySqlPerKeyTest, Rule23ColumnsOfEveryTypeAreSelected) {
  const std::vector<PerKey::Column> select = {{"a", "sum(big / 1000000)"},
                                              {"b", "sum(cost)"},
                                              {"c", "avg(lines)"},
                                              {"d", "min(note)"},
                                              {"e", "max(mood)"},
                                              {"f", "bool_or(is_bot)"},
                                              {"g", "mode() WITHIN GROUP (ORDER BY day)"},
                                              {"h", "min(span)"},
                                              {"i", "count(DISTINCT ref)"},
                                              {"j", "max(ratio)"},
                                              {"k", "(array_agg(ref ORDER BY id DESC))[1]"}};
  for (const char* of :
       {"sum(a)", "sum(b)", "max(c)", "max(d)", "min(e)", "bool_and(f)", "max(g)", "max(h)",
        "sum(i)", "avg(j)", "count(DISTINCT k)", "count(*) FILTER (WHERE d LIKE 'note%' OR f)",
        "count(*) FILTER (WHERE e > 'sad')", "min(d) FILTER (WHERE b > 10.5)"}) {
    SCOPED_TRACE(of);
    ExpectSqlGivesTheAnswer(Ask({Per({"code", "is_bot"}, select, of)}));
  }
}

TEST(QuerySqlPerKeyTest, Rule23KeysOfEveryTypeGroup) {
  for (const char* key : {"author", "code", "mood", "is_bot", "small", "lines", "ratio", "score",
                          "cost", "ref", "day", "created_at", "span"}) {
    SCOPED_TRACE(key);
    Query query = Ask({Per({key}, {{"n", "count(*)"}}, "sum(n)")});
    query.group_by = {GroupAxis::Of(key)};
    ExpectSqlGivesTheAnswer(query);
  }
}

TEST(QuerySqlPerKeyTest, Rule23ColumnsWithOneValuePerKeyFilterAndGroup) {
  Query query = Ask({Per({"id"}, {{"n", "count(*)"}}, "sum(n)"),
                     {.name = "rows", .dataset = "d", .expression = "count(*)"}});
  query.where = "lines > 0 AND closed_at - created_at > interval '1 hour' AND author <> 'zoe'";
  query.group_by = {GroupAxis::Of("mood"), GroupAxis::Of("code")};
  query.totals = Totals::kCube;
  ExpectSqlGivesTheAnswer(query);
}

TEST(QuerySqlPerKeyTest, Rule23TheMetricsFilterIsInside) {
  Metric metric = Per({"author"}, {{"n", "count(*)"}, {"last", "max(created_at)"}}, "avg(n)");
  metric.filter = "lines > 0";
  metric.pin = TimePin::At("last");
  Query query = Ask({metric});
  query.where = "n > 3";
  query.series = {{.unit = CalendarUnit::kWeek}};
  ExpectSqlGivesTheAnswer(query);
}

TEST(QuerySqlPerKeyTest, Rule23SpansAndTopGroupsOfDerivedRows) {
  Metric metric = Per({"lines"}, {{"s", "min(created_at)"}, {"e", "max(closed_at)"}}, "count(*)");
  metric.pin = {TimePin::Kind::kDuring, "s", "e"};
  Query query = Ask({metric});
  query.group_by = {GroupAxis::Of("lines")};
  query.top_n = TopN{.count = 3, .metric = "", .smallest = false, .others = true};
  query.series = {{.unit = CalendarUnit::kDay}};
  query.from = "2024-03-24";
  query.to = "2024-04-04";
  query.fill = FillMode::kDense;
  ExpectSqlGivesTheAnswer(query);
}

}  // namespace
}  // namespace sextant
