// Histograms: those whose edges PostgreSQL finds to the last bit have SQL.
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "compute/plan/query.h"
#include "tests/storage/postgres/sql_agreement.h"

namespace sextant {
namespace {

/// Of the samples of `expression`.
Metric HistogramOf(const std::string& expression, std::vector<std::string> edges, int64_t bins) {
  Metric metric = {.name = "h"};
  metric.histogram = Metric::Histogram{.of = "m", .bins = bins, .edges = std::move(edges)};
  Metric of = {.name = "m", .dataset = "d", .expression = expression};
  of.pin = TimePin::At("created_at");
  metric.components = {std::move(of)};
  return metric;
}

Query Ask(Metric metric) {
  Query query;
  query.metrics = {std::move(metric)};
  return query;
}

TEST(QuerySqlHistogramTest, OfEveryKindOfNumber) {
  for (const char* of : {"lines", "big", "cost", "ratio", "closed_at - created_at"}) {
    const std::string expression = std::string("avg(") + of + ")";
    ExpectSqlGivesTheAnswer(Ask(HistogramOf(expression, {"0", "1", "10", "100000"}, 0)));
    ExpectSqlGivesTheAnswer(Ask(HistogramOf(expression, {}, 7)));
  }
}

TEST(QuerySqlHistogramTest, InGroupsIntervalsAndTotals) {
  Query query = Ask(HistogramOf("avg(lines) FILTER (WHERE lines > 2)", {}, 3));
  query.group_by.push_back(GroupAxis::Of("author"));
  query.series = {{.unit = CalendarUnit::kDay}, {.unit = CalendarUnit::kAll}};
  query.totals = Totals::kGrand;
  ExpectSqlGivesTheAnswer(query);
}

TEST(QuerySqlHistogramTest, OfALogarithmicScaleWithEdges) {
  Metric metric = HistogramOf("avg(lines - 5)", {"1", "10", "100"}, 0);
  metric.histogram->is_log = true;
  ExpectSqlGivesTheAnswer(Ask(metric));
}

TEST(QuerySqlHistogramTest, OfAClip) {
  Query query = Ask(HistogramOf("avg(lines)", {}, 4));
  query.clip = Clip{.low = 0, .high = 0.75, .stride_days = 14};
  ExpectSqlGivesTheAnswer(query);
}

}  // namespace
}  // namespace sextant
