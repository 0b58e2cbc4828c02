// Several datasets in one request: their equivalent SQL joins cells on values (rule 19).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "compute/plan/query.h"
#include "tests/storage/postgres/sql_agreement.h"
#include "tests/storage/postgres/sql_releases.h"

namespace sextant {
namespace {

void Expect(const Query& query) {
  ExpectSqlGivesTheAnswer(query, {&SqlItems::Get(), &SqlReleases()}, DimensionsOfReleases());
}

Metric MetricOf(std::string name, std::string dataset, std::string expression, TimePin pin = {}) {
  Metric metric;
  metric.name = std::move(name);
  metric.dataset = std::move(dataset);
  metric.expression = std::move(expression);
  metric.pin = std::move(pin);
  return metric;
}

Query Ask(const std::vector<std::string>& group_by) {
  Query query;
  query.metrics = {MetricOf("m", "d", "sum(lines)"), MetricOf("n", "releases", "count(*)"),
                   MetricOf("best", "releases", "max(cost)")};
  for (const std::string& column : group_by) query.group_by.push_back(GroupAxis::Of(column));
  return query;
}

Query OverTime(const std::vector<std::string>& group_by) {
  Query query = Ask(group_by);
  query.metrics = {
      MetricOf("opened", "d", "count(*)", TimePin::At("created_at")),
      MetricOf("seen", "d", "count(*)", TimePin::At("seen_at")),
      MetricOf("deployed", "releases", "count(*)", TimePin::At("deployed_at")),
      MetricOf("alive", "releases", "sum(lines)",
               {TimePin::Kind::kAsOfEnd, "deployed_at", "retired_at"}),
      MetricOf("days", "releases", "avg(cost) FILTER (WHERE is_bot)", TimePin::At("day"))};
  query.series = {{.unit = CalendarUnit::kDay}, {.unit = CalendarUnit::kAll}};
  query.time_zone = "Europe/Berlin";
  query.from = "2024-03-27";
  query.to = "2024-04-04T11:00:00";
  return query;
}

class QuerySqlDatasetsTest : public testing::TestWithParam<const char*> {};

TEST_P(QuerySqlDatasetsTest, Rule19CellsJoinOnValues) { Expect(Ask({GetParam()})); }

TEST_P(QuerySqlDatasetsTest, Rule19CellsOfIntervalsJoinOnValues) { Expect(OverTime({GetParam()})); }

TEST_P(QuerySqlDatasetsTest, Rule19TotalsAndOthersAreOfAllDatasets) {
  Query query = OverTime({GetParam(), std::string(GetParam()) == "is_bot" ? "mood" : "is_bot"});
  query.totals = Totals::kCube;
  query.top_n = TopN{.count = 3, .metric = "deployed", .others = true};
  Expect(query);
}

TEST_P(QuerySqlDatasetsTest, Rule19DenseCellsAreOfAllDatasets) {
  Query query = OverTime({GetParam()});
  query.fill = FillMode::kDense;
  query.order_by = {{"alive", true}, {GetParam(), true}};
  query.limit = 40;
  Expect(query);
}

INSTANTIATE_TEST_SUITE_P(Columns, QuerySqlDatasetsTest,
                         testing::Values("person", "mood", "is_bot", "lines", "score", "cost",
                                         "ref", "day", "at", "labels", "span"));

TEST(QuerySqlDatasetsFilterTest, Rule19FiltersResolveInEachDataset) {
  Query query = OverTime({"person"});
  query.where = "person <> 'Ann' AND id > 20 AND (mood >= 'ok' OR is_bot) AND at > '2024-03-27'";
  Expect(query);
}

TEST(QuerySqlDatasetsFilterTest, Rule19HavingSeesTheJoinedCell) {
  Query query = OverTime({"person", "mood"});
  query.having_text = "opened > deployed AND mood > 'sad' AND person IS NOT NULL";
  Expect(query);
}

TEST(QuerySqlDatasetsFilterTest, Rule1ADerivedMetricMayBeOfSeveralDatasets) {
  Query query = Ask({"person"});
  Metric share;
  share.name = "share";
  share.derived = "a / (b + 1) - c";
  share.components = {MetricOf("a", "d", "count(*)"), MetricOf("b", "releases", "sum(lines)"),
                      MetricOf("c", "releases", "count(DISTINCT mood)")};
  Metric ratio;
  ratio.name = "ratio";
  ratio.ratio = Metric::Ratio{"x", "y", 0};
  ratio.components = {MetricOf("x", "releases", "avg(cost)"), MetricOf("y", "d", "count(note)")};
  query.metrics.push_back(share);
  query.metrics.push_back(ratio);
  Expect(query);
}

TEST(QuerySqlDatasetsFilterTest, Rule19BinsAndSetsAreOfEachDataset) {
  Query query = OverTime({});
  GroupAxis bins;
  bins.kind = GroupAxis::Kind::kBins;
  bins.column = "lines";
  bins.edges = {"-20", "0", "7", "25"};
  GroupAxis sets;
  sets.kind = GroupAxis::Kind::kSets;
  sets.name = "team";
  sets.members = {{"web", "person = 'zoe' OR cost > 2"}, {"app", "'ui' = ANY (labels)"}};
  query.group_by = {bins, sets};
  query.totals = Totals::kRollup;
  Expect(query);
}

TEST(QuerySqlDatasetsRefusalTest, Rule25OneStatementReadsOneSource) {
  const std::vector<std::shared_ptr<const Schema>> schemas = {
      SqlItems::Get().table->shared_schema(), SqlReleases().table->shared_schema()};
  const auto bound = Bind(Ask({}), schemas, 0);
  ASSERT_TRUE(bound.ok()) << bound.status();
  DatasetSpec here = SqlItems::Get().spec;
  DatasetSpec there = SqlReleases().spec;
  here.source = "here";
  there.source = "there";
  const DatasetSpec* const specs[] = {&there, &here};
  const auto sql = PrintQuerySql(*bound, specs, *ResolveSeries(*bound, 0, 0), TenantClaim::None());
  ASSERT_TRUE(sql.ok()) << sql.status();
  EXPECT_THAT(sql->unsupported,
              testing::ElementsAre("datasets of several sources: 'd' is in 'here', 'releases' in "
                                   "'there'; one statement reads one of them"));
}

TEST(QuerySqlDatasetsFilterTest, Rule14TheRangeIsOfTheSamplesOfAllDatasets) {
  Query query = OverTime({"person"});
  query.from.clear();
  query.to.clear();
  query.exclude_partial = true;
  Expect(query);
}

}  // namespace
}  // namespace sextant
