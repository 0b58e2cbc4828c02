#include "compute/plan/rows_query.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<const Schema> PullRequests() {
  return std::make_shared<const Schema>(std::vector<Field>{
      {.name = "id", .type = DataType::Of(TypeKind::kInt64), .nullable = false},
      {.name = "team", .type = DataType::Of(TypeKind::kText)},
      {.name = "labels", .type = DataType::ListOf(TypeKind::kText)},
      {.name = "ids", .type = DataType::ListOf(TypeKind::kUuid)},
      {.name = "lines", .type = DataType::Of(TypeKind::kInt32)},
      {.name = "score", .type = DataType::Of(TypeKind::kFloat64)},
      {.name = "facts", .type = DataType::Of(TypeKind::kJson)},
      {.name = "opened_at", .type = DataType::Of(TypeKind::kTimestamp)},
  });
}

Literal TextLiteral(std::string text) {
  Literal literal;
  literal.kind = Literal::Kind::kString;
  literal.text = std::move(text);
  return literal;
}

class RowsQueryTest : public ::testing::Test {
 protected:
  RowsQueryTest() {
    query_.metrics.push_back({.name = "opened",
                              .dataset = "pull_requests",
                              .expression = "count(*)",
                              .pin = TimePin::At("opened_at")});
    query_.from = "2024-01-01";
    query_.to = "2024-02-01";
  }

  absl::StatusOr<BoundRowsQuery> Bind(const RowsQuery& rows, const RowsLimits& limits = {}) const {
    const std::vector<std::string> names = *DatasetsOf(query_);
    const std::vector<std::shared_ptr<const Schema>> schemas(names.size(), PullRequests());
    const absl::StatusOr<BoundQuery> bound = sextant::Bind(query_, schemas, /*as_of_us=*/0);
    EXPECT_TRUE(bound.ok()) << bound.status();
    return BindRows(rows, *bound, /*as_of_us=*/0, limits);
  }
  /// The filter of the rows, as text.
  std::string FilterOf(const RowsQuery& rows) const {
    const absl::StatusOr<BoundRowsQuery> bound = Bind(rows);
    if (!bound.ok()) return bound.status().ToString();
    const auto& filter = bound->cell.datasets[0].filter;
    return filter ? ToString(*filter) : "all";
  }
  ErrorDetail RefusalOf(const RowsQuery& rows, const RowsLimits& limits = {}) const {
    const absl::StatusOr<BoundRowsQuery> bound = Bind(rows, limits);
    EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument);
    return DetailOf(bound.status()).value_or(ErrorDetail());
  }
  /// The same as a filter of an ordinary query.
  std::string WhereOf(const std::string& where) const {
    Query query;
    query.metrics = query_.metrics;
    query.where = where;
    const absl::StatusOr<BoundQuery> bound = sextant::Bind(query, PullRequests(), /*as_of_us=*/0);
    EXPECT_TRUE(bound.ok()) << bound.status();
    return ToString(*bound->datasets[0].filter);
  }

  Query query_;
};

TEST_F(RowsQueryTest, AGroupOfAColumnIsTheConditionThatItIsEqual) {
  query_.group_by.push_back(GroupAxis::Of("team"));
  EXPECT_EQ(FilterOf({.group = {{"team", TextLiteral("web")}}}), WhereOf("team = 'web'"));
}

TEST_F(RowsQueryTest, TheGroupOfNullIsTheConditionThatItIsNull) {
  query_.group_by.push_back(GroupAxis::Of("team"));
  EXPECT_EQ(FilterOf({.group = {{"team", std::nullopt}}}), WhereOf("team IS NULL"));
}

TEST_F(RowsQueryTest, AGroupOfAListIsTheConditionThatItHasTheElement) {
  query_.group_by.push_back(GroupAxis::Of("labels"));
  EXPECT_EQ(FilterOf({.group = {{"labels", TextLiteral("bug")}}}),
            WhereOf("labels && ARRAY['bug']"));
}

TEST_F(RowsQueryTest, AGroupOfBinsIsTheConditionThatItIsWithin) {
  GroupAxis bins = GroupAxis::Of("lines");
  bins.kind = GroupAxis::Kind::kBins;
  bins.edges = {"0", "10", "100"};
  query_.group_by.push_back(bins);
  EXPECT_EQ(FilterOf({.group = {{"lines", TextLiteral("10")}}}),
            WhereOf("lines BETWEEN 10 AND 99"));
}

TEST_F(RowsQueryTest, AGroupOfSetsIsTheConditionOfTheMember) {
  GroupAxis sets;
  sets.kind = GroupAxis::Kind::kSets;
  sets.name = "teams";
  sets.members = {{"web", "team = 'web'"}, {"large", "lines > 100"}};
  query_.group_by.push_back(sets);
  EXPECT_EQ(FilterOf({.group = {{"teams", TextLiteral("large")}}}), WhereOf("lines > 100"));
}

TEST_F(RowsQueryTest, AnAxisThatIsLeftOutWantsRowsOfAnyGroupOfIt) {
  GroupAxis sets;
  sets.kind = GroupAxis::Kind::kSets;
  sets.name = "teams";
  sets.members = {{"web", "team = 'web'"}, {"large", "lines > 100"}};
  query_.group_by.push_back(sets);
  query_.group_by.push_back(GroupAxis::Of("team"));
  EXPECT_EQ(FilterOf({}), WhereOf("team = 'web' OR lines > 100"));
}

TEST_F(RowsQueryTest, TheFilterOfTheQueryStays) {
  query_.where = "lines > 3";
  query_.group_by.push_back(GroupAxis::Of("team"));
  EXPECT_EQ(FilterOf({.group = {{"team", TextLiteral("web")}}}),
            WhereOf("lines > 3 AND team = 'web'"));
}

TEST_F(RowsQueryTest, ColumnsAreAllUnlessNamed) {
  EXPECT_EQ(Bind({})->columns.size(), 8u);
  EXPECT_THAT(Bind({.columns = {"lines", "id"}})->columns, ElementsAre(4, 0));
}

TEST_F(RowsQueryTest, AnUnknownColumnIsRefusedWithTheNearestNames) {
  const ErrorDetail detail = RefusalOf({.columns = {"id", "lable"}});
  EXPECT_EQ(detail.field, "columns[1]");
  EXPECT_THAT(detail.nearest, ElementsAre("labels"));
}

TEST_F(RowsQueryTest, AColumnThatIsNamedTwiceIsRefused) {
  EXPECT_EQ(RefusalOf({.columns = {"id", "id"}}).field, "columns[1]");
}

TEST_F(RowsQueryTest, AnOrderByAnUnknownColumnIsRefused) {
  EXPECT_EQ(RefusalOf({.order_by = {{.column = "oppened_at"}}}).field, "order_by[0].name");
}

TEST_F(RowsQueryTest, AnOrderByAListIsRefused) {
  EXPECT_EQ(RefusalOf({.order_by = {{.column = "labels"}}}).field, "order_by[0].name");
}

TEST_F(RowsQueryTest, AnOrderByJsonIsRefused) {
  EXPECT_EQ(RefusalOf({.order_by = {{.column = "facts"}}}).field, "order_by[0].name");
}

TEST_F(RowsQueryTest, AnOrderOfMoreColumnsThanThereAreIsRefused) {
  EXPECT_EQ(RefusalOf({.order_by = std::vector<OrderBy>(9, {.column = "id"})}).field, "order_by");
}

TEST_F(RowsQueryTest, TheLimitIsAllowedUpToItsEdge) {
  const RowsLimits limits = {.max_rows = 50, .default_rows = 7};
  EXPECT_EQ(Bind({}, limits)->limit, 7u);
  EXPECT_EQ(Bind({.limit = 1}, limits)->limit, 1u);
  EXPECT_EQ(Bind({.limit = 50}, limits)->limit, 50u);
  EXPECT_EQ(RefusalOf({.limit = 51}, limits).field, "limit");
  EXPECT_EQ(RefusalOf({.limit = 0}, limits).field, "limit");
}

TEST_F(RowsQueryTest, AGroupThatTheQueryDoesNotHaveIsRefusedWithTheNearestNames) {
  query_.group_by.push_back(GroupAxis::Of("team"));
  const ErrorDetail detail = RefusalOf({.group = {{"teem", TextLiteral("web")}}});
  EXPECT_EQ(detail.field, "group[0].axis");
  EXPECT_THAT(detail.nearest, ElementsAre("team"));
}

TEST_F(RowsQueryTest, AGroupThatIsGivenTwiceIsRefused) {
  query_.group_by.push_back(GroupAxis::Of("team"));
  EXPECT_EQ(
      RefusalOf({.group = {{"team", TextLiteral("web")}, {"team", TextLiteral("app")}}}).field,
      "group[1].axis");
}

TEST_F(RowsQueryTest, AGroupOfAnotherTypeIsRefused) {
  query_.group_by.push_back(GroupAxis::Of("lines"));
  EXPECT_EQ(RefusalOf({.group = {{"lines", TextLiteral("many")}}}).field, "group[0].value");
}

TEST_F(RowsQueryTest, AMemberThatTheSetsDoNotHaveIsRefusedWithTheNearestNames) {
  GroupAxis sets;
  sets.kind = GroupAxis::Kind::kSets;
  sets.name = "teams";
  sets.members = {{"platform", "team = 'web'"}};
  query_.group_by.push_back(sets);
  const ErrorDetail detail = RefusalOf({.group = {{"teams", TextLiteral("platfrom")}}});
  EXPECT_EQ(detail.field, "group[0].value");
  EXPECT_THAT(detail.nearest, ElementsAre("platform"));
}

TEST_F(RowsQueryTest, ABinThatDoesNotBeginThereIsRefused) {
  GroupAxis bins = GroupAxis::Of("score");
  bins.kind = GroupAxis::Kind::kBins;
  bins.edges = {"0", "0.5", "1"};
  query_.group_by.push_back(bins);
  EXPECT_TRUE(Bind({.group = {{"score", TextLiteral("0.50")}}}).ok());
  EXPECT_EQ(RefusalOf({.group = {{"score", TextLiteral("0.25")}}}).field, "group[0].value");
  EXPECT_EQ(RefusalOf({.group = {{"score", TextLiteral("1")}}}).field, "group[0].value");
  EXPECT_EQ(RefusalOf({.group = {{"score", TextLiteral("many")}}}).field, "group[0].value");
  EXPECT_EQ(RefusalOf({.group = {{"score", std::nullopt}}}).field, "group[0].value");
}

TEST_F(RowsQueryTest, AnElementOfSixteenBytesIsRefused) {
  query_.group_by.push_back(GroupAxis::Of("ids"));
  EXPECT_EQ(RefusalOf({.group = {{"ids", std::nullopt}}}).field, "group[0].value");
}

TEST_F(RowsQueryTest, OneOfSeveralMetricsIsToBeNamed) {
  query_.metrics.push_back(query_.metrics[0]);
  query_.metrics[1].name = "merged";
  EXPECT_EQ(RefusalOf({}).field, "metric");
  EXPECT_TRUE(Bind({.metric = "merged"}).ok());
  const ErrorDetail detail = RefusalOf({.metric = "mergd"});
  EXPECT_THAT(detail.nearest, ElementsAre("merged"));
}

TEST_F(RowsQueryTest, OfAMetricOverSeveralDatasetsOneIsToBeNamed) {
  Metric ratio;
  ratio.name = "share";
  ratio.ratio = Metric::Ratio{"opened", "closed", 0};
  ratio.components = {query_.metrics[0], query_.metrics[0]};
  ratio.components[1].name = "closed";
  ratio.components[1].dataset = "issues";
  query_.metrics = {ratio};
  EXPECT_EQ(RefusalOf({}).field, "dataset");
  const absl::StatusOr<BoundRowsQuery> bound = Bind({.dataset = "issues"});
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->dataset, 1u);
  EXPECT_EQ(bound->cell.aggregates.size(), 1u);
  EXPECT_EQ(RefusalOf({.dataset = "isues"}).field, "dataset");
}

TEST_F(RowsQueryTest, OneOfSeveralSeriesIsToBeNamed) {
  query_.series = {{.unit = CalendarUnit::kWeek}, {.unit = CalendarUnit::kDay}};
  EXPECT_EQ(RefusalOf({}).field, "interval");
  EXPECT_EQ(RefusalOf({.series = "month"}).field, "interval");
  EXPECT_EQ(RefusalOf({.series = "fortnight"}).field, "interval");
  EXPECT_EQ(Bind({.series = "Day"})->cell.series[0].unit, CalendarUnit::kDay);
}

TEST_F(RowsQueryTest, TheStartMayBeAnyInstantOfItsInterval) {
  query_.series = {{.unit = CalendarUnit::kWeek}};
  const absl::StatusOr<BoundRowsQuery> bound = Bind({.start = "2024-01-10T12:00:00Z"});
  ASSERT_TRUE(bound.ok()) << bound.status();
  const auto series = ResolveInterval(*bound, *bound->cell.from_us, *bound->cell.to_us);
  ASSERT_TRUE(series.ok()) << series.status();
  ASSERT_EQ(series->intervals.size(), 1u);
  EXPECT_EQ(series->intervals[0].start_us, int64_t{1'704'672'000} * 1'000'000);  // Monday, the 8th
}

TEST_F(RowsQueryTest, WithoutAStartAllIntervalsOfTheSeriesCount) {
  query_.series = {{.unit = CalendarUnit::kWeek}};
  const absl::StatusOr<BoundRowsQuery> bound = Bind({});
  const auto series = ResolveInterval(*bound, *bound->cell.from_us, *bound->cell.to_us);
  EXPECT_EQ(series->intervals.size(), 5u);
}

TEST_F(RowsQueryTest, AStartOutsideOfTheRangeIsRefused) {
  query_.series = {{.unit = CalendarUnit::kWeek}};
  const absl::StatusOr<BoundRowsQuery> bound = Bind({.start = "2024-02-01"});
  const auto series = ResolveInterval(*bound, *bound->cell.from_us, *bound->cell.to_us);
  EXPECT_EQ(DetailOf(series.status())->field, "start");
  EXPECT_THAT(std::string(series.status().message()), HasSubstr("2024-01-01T00:00:00+00:00"));
}

TEST_F(RowsQueryTest, AStartThatIsNoTimeIsRefused) {
  query_.series = {{.unit = CalendarUnit::kWeek}};
  EXPECT_EQ(RefusalOf({.start = "soon"}).field, "start");
}

TEST_F(RowsQueryTest, AStartInTheSeriesOfAllTimeIsRefused) {
  EXPECT_EQ(RefusalOf({.start = "2024-01-01"}).field, "start");
}

TEST_F(RowsQueryTest, AnOpenRangeIsLeftToAQueryOfAllItsMetrics) {
  query_.metrics.push_back(query_.metrics[0]);
  query_.metrics[1].name = "lines";
  query_.metrics[1].expression = "sum(lines) FILTER (WHERE lines > 3)";
  EXPECT_FALSE(Bind({.metric = "lines"})->range.has_value());
  query_.to = "";
  const absl::StatusOr<BoundRowsQuery> bound = Bind({.metric = "lines"});
  ASSERT_TRUE(bound->range.has_value());
  EXPECT_EQ(bound->range->aggregates.size(), 2u);
  EXPECT_TRUE(bound->range->axes().empty());
}

}  // namespace
}  // namespace sextant
