// How many rows run at once: window sums over starts and ends, in the cells of the query.
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "compute/plan/query.h"
#include "tests/storage/postgres/sql_agreement.h"

namespace sextant {
namespace {

Metric Running(std::string name, Metric::Concurrency statistic) {
  Metric metric = {.name = std::move(name), .dataset = "d"};
  metric.pin = {TimePin::Kind::kDuring, "created_at", "closed_at"};
  metric.concurrency = statistic;
  return metric;
}

Query Both() {
  Query query;
  query.metrics = {Running("most", Metric::Concurrency::kMax),
                   Running("mean", Metric::Concurrency::kMean)};
  return query;
}

TEST(QuerySqlConcurrencyTest, OfAllRowsOverTheRangeOfTheSamples) {
  ExpectSqlGivesTheAnswer(Both());
}

TEST(QuerySqlConcurrencyTest, InGroupsIntervalsAndTotals) {
  Query query = Both();
  query.group_by.push_back(GroupAxis::Of("author"));
  query.series = {{.unit = CalendarUnit::kDay}, {.unit = CalendarUnit::kAll}};
  query.totals = Totals::kGrand;
  ExpectSqlGivesTheAnswer(query);
}

TEST(QuerySqlConcurrencyTest, OfAFilterBesideAnotherPin) {
  Query query = Both();
  query.metrics[0].filter = "lines > 2";
  query.metrics.push_back(
      {.name = "n", .dataset = "d", .expression = "count(*)", .pin = TimePin::At("closed_at")});
  query.series = {{.unit = CalendarUnit::kDay}};
  query.fill = FillMode::kDense;
  ExpectSqlGivesTheAnswer(query);
}

TEST(QuerySqlConcurrencyTest, OverWindows) {
  Query query = Both();
  for (Metric& metric : query.metrics) {
    Metric over = {.name = metric.name};
    over.cumulative = Metric::Cumulative{.of = metric.name, .window = "3d"};
    over.components = {metric};
    metric = over;
  }
  query.series = {{.unit = CalendarUnit::kDay}};
  ExpectSqlGivesTheAnswer(query);
}

TEST(QuerySqlConcurrencyTest, AsTheRankOfTopN) {
  Query query = Both();
  query.group_by.push_back(GroupAxis::Of("author"));
  query.series = {{.unit = CalendarUnit::kDay}};
  query.top_n = TopN{.count = 1, .metric = "most", .others = true};
  ExpectSqlGivesTheAnswer(query);
}

TEST(QuerySqlConcurrencyTest, AsTheRankOfARangeThatTheSamplesHave) {
  Query query = Both();
  query.group_by.push_back(GroupAxis::Of("author"));
  query.series = {{.unit = CalendarUnit::kDay}};
  query.top_n = TopN{.count = 1, .metric = "mean"};
  query.exclude_partial = true;
  ExpectSqlGivesTheAnswer(query);
}

}  // namespace
}  // namespace sextant
