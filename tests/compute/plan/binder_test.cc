#include "compute/plan/binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/calendar.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const TimeSeries kAll = {};
const TimeSeries kDay = {.unit = CalendarUnit::kDay};
const TimeSeries kWeek = {.unit = CalendarUnit::kWeek};

std::shared_ptr<const Schema> TestSchema() {
  const auto field = [](const char* name, DataType type, const char* unit = "") {
    return Field{name, type, true, {}, unit};
  };
  return std::make_shared<const Schema>(std::vector<Field>{
      field("id", DataType::Of(TypeKind::kInt64)),
      field("author", DataType::Of(TypeKind::kText)),
      field("created_at", DataType::Of(TypeKind::kTimestamp)),
      field("closed_at", DataType::Of(TypeKind::kTimestamp)),
      field("day", DataType::Of(TypeKind::kDate)),
      field("additions", DataType::Of(TypeKind::kInt32), "lines"),
      field("deletions", DataType::Of(TypeKind::kInt32), "lines"),
      field("cost", DataType::Decimal(12, 3), "EUR"),
      field("score", DataType::Of(TypeKind::kFloat32)),
      field("labels", DataType::ListOf(TypeKind::kText)),
      field("payload", DataType::Of(TypeKind::kJson)),
      field("is_bot", DataType::Of(TypeKind::kBool)),
      field("worked", DataType::Of(TypeKind::kInterval)),
      field("token", DataType::Of(TypeKind::kUuid)),
  });
}

Metric MetricOf(std::string name, std::string expression,
                const std::optional<std::string>& at = std::nullopt) {
  return {.name = std::move(name),
          .dataset = "pull_requests",
          .expression = std::move(expression),
          .pin = at ? TimePin::At(*at) : TimePin()};
}

Query CountQuery() {
  Query query;
  query.metrics = {MetricOf("n", "count(*)", "created_at")};
  return query;
}

absl::StatusOr<BoundQuery> BindIt(const Query& query) { return Bind(query, TestSchema(), 0); }

/// The message of the error of `query`, and a check that it is the user's and names `field`.
std::string ErrorOf(const Query& query, const std::string& field) {
  const auto bound = BindIt(query);
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument);
  const auto detail = DetailOf(bound.status());
  EXPECT_TRUE(detail.has_value());
  if (detail) {
    EXPECT_EQ(detail->field, field);
  }
  return std::string(bound.status().message());
}

BoundMetric BoundOf(const std::string& expression) {
  Query query;
  query.metrics = {MetricOf("m", expression)};
  const auto bound = BindIt(query);
  EXPECT_TRUE(bound.ok()) << bound.status();
  return bound.ok() ? bound->metrics[0] : BoundMetric();
}

std::string ResultOf(const std::string& expression) {
  const BoundMetric metric = BoundOf(expression);
  return absl::StrCat(TypeName(metric.result_type), metric.unit.empty() ? "" : " in ", metric.unit);
}

TEST(BinderTest, ACountOfEverythingNeedsNothingElse) {
  const auto bound = BindIt(CountQuery());
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->datasets[0].name, "pull_requests");
  EXPECT_EQ(bound->aggregates[0].kind, AggregateKind::kCountRows);
  EXPECT_EQ(ToString(bound->aggregates[0].pin), "at (#2 timestamp with time zone)");
  EXPECT_EQ(bound->series.size(), 1u);
  EXPECT_EQ(bound->time_zone_name, "UTC");
  EXPECT_FALSE(bound->datasets[0].filter.has_value());
  EXPECT_FALSE(bound->HasTimeAxis());
}

TEST(BinderTest, Rule2ResultTypesOfSumAndAverage) {
  EXPECT_EQ(ResultOf("count(*)"), "bigint");
  EXPECT_EQ(ResultOf("count(additions)"), "bigint");
  EXPECT_EQ(ResultOf("count(DISTINCT author)"), "bigint");
  EXPECT_EQ(ResultOf("sum(additions)"), "bigint in lines");
  EXPECT_EQ(ResultOf("sum(additions - deletions)"), "bigint in lines");
  EXPECT_EQ(ResultOf("sum(cost)"), "numeric(38,3) in EUR");
  EXPECT_EQ(ResultOf("avg(cost)"), "double precision in EUR");
  EXPECT_EQ(ResultOf("avg(additions)"), "double precision in lines");
  EXPECT_EQ(ResultOf("sum(additions - id)"), "bigint");
}

TEST(BinderTest, Rule3FloatsAggregateInFloat64) {
  EXPECT_EQ(ResultOf("sum(score)"), "double precision");
  EXPECT_EQ(ResultOf("avg(score)"), "double precision");
  EXPECT_EQ(ResultOf("max(score)"), "real");
}

TEST(BinderTest, Rule6DurationsAreSeconds) {
  EXPECT_EQ(ResultOf("avg(closed_at - created_at)"), "double precision in seconds");
  EXPECT_EQ(ResultOf("sum(closed_at - created_at)"), "double precision in seconds");
  EXPECT_EQ(ResultOf("max(closed_at - created_at)"), "double precision in seconds");
  EXPECT_EQ(ResultOf("max(day - day)"), "integer");
  Query query = CountQuery();
  query.metrics[0].expression = "avg(closed_at - created_at)";
  const BoundValue value = BindIt(query)->aggregates[0].value;
  EXPECT_EQ(value.column, 3u);
  EXPECT_EQ(value.minus, ColumnIndex{2});
}

TEST(BinderTest, MinAndMaxHaveTheTypeOfTheirValue) {
  EXPECT_EQ(ResultOf("min(created_at)"), "timestamp with time zone");
  EXPECT_EQ(ResultOf("max(author)"), "text");
  EXPECT_EQ(ResultOf("min(day)"), "date");
  EXPECT_EQ(ResultOf("min(cost)"), "numeric(12,3) in EUR");
  EXPECT_EQ(ResultOf("max(worked)"), "interval");
}

TEST(BinderTest, AggregatesThatATypeDoesNotHaveAreRefused) {
  for (const char* expression :
       {"sum(author)", "avg(created_at)", "sum(is_bot)", "avg(worked)", "sum(labels)",
        "min(payload)", "max(labels)", "min(is_bot)", "max(token)", "count(DISTINCT payload)",
        "count(DISTINCT labels)", "sum(day)", "avg(author - author)", "sum(worked - worked)"}) {
    Query query;
    query.metrics = {MetricOf("m", expression)};
    EXPECT_THAT(ErrorOf(query, "metrics[0].expression"), HasSubstr("allowed: ")) << expression;
  }
}

TEST(BinderTest, AnUnknownColumnOfAMetricIsNamedWithTheNearest) {
  Query query = CountQuery();
  query.metrics.push_back(MetricOf("m", "avg(closd_at - created_at)"));
  EXPECT_THAT(ErrorOf(query, "metrics[1].expression"),
              HasSubstr("unknown column 'closd_at'; did you mean 'closed_at'"));
  EXPECT_EQ(DetailOf(BindIt(query).status())->position, 4);
  query.metrics[1] = MetricOf("m", "count(*)", "create_at");
  EXPECT_THAT(ErrorOf(query, "metrics[1].at"), HasSubstr("did you mean 'created_at'"));
  EXPECT_THAT(DetailOf(BindIt(query).status())->nearest, ElementsAre("created_at"));
}

TEST(BinderTest, TheTimeColumnMustBeATimestampOrADate) {
  Query query = CountQuery();
  query.metrics[0].pin = TimePin::At("day");
  EXPECT_TRUE(BindIt(query).ok());
  for (const char* at : {"id", "author", "labels", "worked"}) {
    query.metrics[0].pin = TimePin::At(at);
    EXPECT_THAT(ErrorOf(query, "metrics[0].at"),
                HasSubstr("allowed: a timestamp or date column (created_at, closed_at, day)"))
        << at;
  }
  query.metrics[0].pin = TimePin::At("");
  EXPECT_THAT(ErrorOf(query, "metrics[0].at"), HasSubstr("no column is named"));
}

TEST(BinderTest, Rule14ASeriesNeedsATimeColumnInEveryMetric) {
  Query query = CountQuery();
  query.metrics.push_back(MetricOf("total", "sum(additions)"));
  query.series = {kAll};
  EXPECT_TRUE(BindIt(query).ok());
  query.series = {kAll, kWeek};
  const auto bound = BindIt(query);
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(bound.status().message()),
              HasSubstr("metrics[1].at: metric 'total' has no time column"));
  const auto detail = DetailOf(bound.status());
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->reason, "METRIC_WITHOUT_TIME_COLUMN");
  EXPECT_EQ(detail->metadata[1].second, "created_at, closed_at, day");
}

TEST(BinderTest, MetricsHaveDistinctNames) {
  Query query = CountQuery();
  query.metrics.push_back(query.metrics[0]);
  EXPECT_THAT(ErrorOf(query, "metrics[1].name"), HasSubstr("two columns 'n'"));
  query.metrics[1].name = "";
  EXPECT_THAT(ErrorOf(query, "metrics[1].name"), HasSubstr("allowed: 1 to 256"));
  query.metrics[1].name = "author";
  query.group_by = {GroupAxis::Of("author")};
  EXPECT_THAT(ErrorOf(query, "metrics[1].name"), HasSubstr("two columns 'author'"));
  query.metrics[1].name = "start";
  EXPECT_TRUE(BindIt(query).ok());
  query.series = {kWeek};
  query.metrics[1].pin = TimePin::At("closed_at");
  EXPECT_THAT(ErrorOf(query, "metrics[1].name"), HasSubstr("two columns 'start'"));
}

TEST(BinderTest, AMetricIsCountedOnceBesideItsEarlierInterval) {
  Query query = CountQuery();
  query.metrics.push_back(query.metrics[0]);
  query.metrics[1].name = "m";
  query.metrics.push_back(query.metrics[0]);
  query.metrics[2].name = "n.previous";
  query.metrics[0].pin = query.metrics[1].pin = query.metrics[2].pin = TimePin::At("closed_at");
  query.from = "2024-01-01";
  query.to = "2024-02-01";
  query.compare_to = {"previous"};
  EXPECT_THAT(ErrorOf(query, "metrics[2].name"), HasSubstr("two columns 'n.previous'"));
}

TEST(BinderTest, TheNumberOfMetricsIsLimited) {
  Query query = CountQuery();
  for (int i = 1; i < 512; ++i) query.metrics.push_back(MetricOf(absl::StrCat("m", i), "count(*)"));
  EXPECT_TRUE(BindIt(query).ok());
  query.metrics.push_back(MetricOf("one_more", "count(*)"));
  EXPECT_THAT(ErrorOf(query, "metrics"), HasSubstr("513 metrics; 512 are allowed"));
}

TEST(BinderTest, DatasetsAreInTheOrderOfTheirFirstUse) {
  Query query;
  EXPECT_THAT(ErrorOf(query, "metrics"), HasSubstr("no metric is asked"));
  query = CountQuery();
  EXPECT_THAT(DatasetsOf(query).value(), ElementsAre("pull_requests"));
  Metric ratio = {.name = "r", .ratio = Metric::Ratio{"a", "b"}};
  ratio.components = {MetricOf("a", "count(*)"), MetricOf("b", "count(*)")};
  ratio.components[0].dataset = "issues";
  query.metrics.push_back(ratio);
  EXPECT_THAT(DatasetsOf(query).value(), ElementsAre("pull_requests", "issues"));
  query.metrics.push_back(MetricOf("m", "count(*)"));
  query.metrics[2].dataset = "";
  EXPECT_THAT(ErrorOf(query, "metrics[2].dataset"), HasSubstr("no dataset is named"));
}

TEST(BinderTest, AxesAreColumnsAndElementsOfLists) {
  Query query = CountQuery();
  query.group_by = {GroupAxis::Of("author"), GroupAxis::Of("labels")};
  const auto bound = BindIt(query);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_FALSE(bound->axes()[0].is_list);
  EXPECT_TRUE(bound->axes()[1].is_list);
  EXPECT_EQ(bound->axes()[1].type, DataType::Of(TypeKind::kText));
  EXPECT_EQ(bound->axes()[1].column, 9u);
}

TEST(BinderTest, AxesThatCannotBeAreRefused) {
  Query query = CountQuery();
  query.group_by = {GroupAxis::Of("payload")};
  EXPECT_THAT(ErrorOf(query, "group_by[0].column"), HasSubstr("json, which has no equality"));
  query.group_by = {GroupAxis::Of("author"), GroupAxis::Of("autor")};
  EXPECT_THAT(ErrorOf(query, "group_by[1].column"), HasSubstr("did you mean 'author'"));
  query.group_by = {GroupAxis::Of("author"), GroupAxis::Of("author")};
  EXPECT_THAT(ErrorOf(query, "group_by[1].column"), HasSubstr("two columns 'author'"));
  query.group_by = {GroupAxis::Of("lower(author)")};
  EXPECT_THAT(ErrorOf(query, "group_by[0].column"),
              HasSubstr("found the expression 'lower(author)'; allowed: a column; declare the "
                        "expression under `derived:` of the dataset, or group by sets"));
  query.group_by = {GroupAxis::Of("created_at::date")};
  EXPECT_THAT(ErrorOf(query, "group_by[0].column"),
              HasSubstr("found the expression 'created_at::date'; allowed: a column"));
  query.group_by = {GroupAxis::Of("")};
  EXPECT_THAT(ErrorOf(query, "group_by[0].column"), HasSubstr("no column is named"));
}

TEST(BinderTest, Rule15TheRangeIsReadInTheZone) {
  Query query = CountQuery();
  query.time_zone = "Europe/Berlin";
  query.from = "2024-07-01";
  query.to = "2024-07-02T00:00:00Z";
  const auto bound = BindIt(query);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(FormatInstant(*bound->from_us, absl::UTCTimeZone()), "2024-06-30T22:00:00+00:00");
  EXPECT_EQ(FormatInstant(*bound->to_us, absl::UTCTimeZone()), "2024-07-02T00:00:00+00:00");
}

TEST(BinderTest, Rule14AnEndThatIsNotGivenIsLeftToTheSamples) {
  Query query = CountQuery();
  query.from = "2024-07-01";
  const auto bound = BindIt(query);
  ASSERT_TRUE(bound.ok());
  EXPECT_TRUE(bound->from_us.has_value());
  EXPECT_FALSE(bound->to_us.has_value());
}

TEST(BinderTest, FromMustBeBeforeTo) {
  Query query = CountQuery();
  query.from = "2024-07-02";
  query.to = "2024-07-02";
  EXPECT_THAT(ErrorOf(query, "time_range"),
              HasSubstr("from (2024-07-02) must be before to (2024-07-02)"));
  query.to = "2024-07-01";
  ErrorOf(query, "time_range");
  query.to = "tomorrow";
  EXPECT_THAT(ErrorOf(query, "time_range.to"), HasSubstr("'tomorrow' is not a date or time"));
  query.from = "2024-02-30";
  EXPECT_THAT(ErrorOf(query, "time_range.from"), HasSubstr("'2024-02-30' is not a date"));
}

TEST(BinderTest, AnUnknownZoneIsNamedWithTheNearest) {
  Query query = CountQuery();
  query.time_zone = "Europe/Berln";
  EXPECT_THAT(ErrorOf(query, "time_zone"), HasSubstr("did you mean 'Europe/Berlin'"));
  query.time_zone = "/etc/passwd";
  ErrorOf(query, "time_zone");
}

TEST(BinderTest, SeriesThatCannotBeAreRefused) {
  Query query = CountQuery();
  query.series = {kDay, kDay};
  EXPECT_THAT(ErrorOf(query, "series[1]"), HasSubstr("'day' is given twice"));
  query.series = {{.unit = CalendarUnit::kAll, .count = 2}};
  EXPECT_THAT(ErrorOf(query, "series[0]"), HasSubstr("found the series '2 all'"));
  query.series = {{.unit = CalendarUnit::kDay, .count = 0}};
  EXPECT_THAT(ErrorOf(query, "series[0]"), HasSubstr("allowed: 1 to 100000 units"));
  query.series = {kWeek};
  query.week_start = 0;
  EXPECT_THAT(ErrorOf(query, "week_start"), HasSubstr("1 (Monday) to 7 (Sunday)"));
  query.week_start = 8;
  ErrorOf(query, "week_start");
}

TEST(BinderTest, TheIntervalsOfAllSeriesTogetherAreLimited) {
  Query query = CountQuery();
  query.from = "1900-01-01";
  query.to = "2100-01-01";
  query.series = {kDay, kWeek};
  EXPECT_TRUE(BindIt(query).ok());
  query.series = {kDay, {.unit = CalendarUnit::kDay, .count = 2}};
  EXPECT_THAT(ErrorOf(query, "series[1]"), HasSubstr("26951 are allowed"));
}

TEST(BinderTest, FilterAndWhereAreBothKept) {
  Query query = CountQuery();
  query.where = "author = 'x'";
  Predicate is_bot;
  is_bot.kind = Predicate::Kind::kBoolean;
  is_bot.value = Expression::Column("is_bot");
  query.filter = is_bot;
  const auto bound = BindIt(query);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(ToString(*bound->datasets[0].filter),
            "and((#11 boolean) in [1, 1], (#1 text) in {'x'})");
  query.where = "";
  EXPECT_EQ(ToString(*BindIt(query)->datasets[0].filter), "(#11 boolean) in [1, 1]");
  query.filter.reset();
  query.where = "autor = 'x'";
  EXPECT_THAT(ErrorOf(query, "where"), HasSubstr("did you mean 'author'"));
  query.where = "additions = 'x'";
  EXPECT_THAT(ErrorOf(query, "where"),
              HasSubstr("the constant 'x' is no integer, which additions is"));
}

TEST(BinderTest, OrderNamesAColumnOfTheResult) {
  Query query = CountQuery();
  query.series = {kWeek};
  query.group_by = {GroupAxis::Of("author")};
  query.order_by = {{"n", true}, {"start", false}, {"author", false}};
  const auto bound = BindIt(query);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->order_by[0].target, BoundOrder::Target::kMetric);
  EXPECT_TRUE(bound->order_by[0].descending);
  EXPECT_EQ(bound->order_by[1].target, BoundOrder::Target::kStart);
  EXPECT_EQ(bound->order_by[2].target, BoundOrder::Target::kAxis);
  query.order_by = {{"autor", false}};
  EXPECT_THAT(ErrorOf(query, "order_by[0].name"), HasSubstr("did you mean 'author'"));
  query.series = {};
  query.order_by = {{"n", false}, {"start", false}};
  EXPECT_THAT(ErrorOf(query, "order_by[1].name"), HasSubstr("no column 'start'"));
}

TEST(BinderTest, MaxCellsLowersTheLimitOfValues) {
  Query query = CountQuery();
  query.metrics.push_back(MetricOf("m", "count(*)"));
  query.max_cells = 100;
  EXPECT_EQ(BindIt(query)->limits.max_values, 200u);
  query.max_cells = UINT64_MAX;
  EXPECT_EQ(BindIt(query)->limits.max_values, QueryLimits().max_values);
  query.max_cells = 0;
  ErrorOf(query, "max_cells");
}

TEST(BinderTest, Rule5ADerivedColumnIsADifference) {
  const auto schema = TestSchema();
  const auto derived = BindDerived("lead_time", "closed_at - created_at", *schema);
  ASSERT_TRUE(derived.ok()) << derived.status();
  EXPECT_EQ(derived->field.name, "lead_time");
  EXPECT_EQ(derived->field.type, DataType::Of(TypeKind::kDuration));
  EXPECT_EQ(derived->field.unit, "seconds");
  EXPECT_TRUE(derived->field.nullable);
  EXPECT_EQ(derived->value.minus, ColumnIndex{2});
}

TEST(BinderTest, ADerivedColumnThatCannotBeIsRefused) {
  const auto schema = TestSchema();
  for (const char* text : {"", "closed_at + created_at", "closed - created_at", "author - author",
                           "closed_at, created_at", "count(*)", "now()", "author + 1"}) {
    const auto derived = BindDerived("x", text, *schema);
    EXPECT_EQ(derived.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(DetailOf(derived.status())->field, "derived.x") << text;
  }
  EXPECT_FALSE(BindDerived("", "closed_at", *schema).ok());
  EXPECT_FALSE(BindDerived("author", "closed_at", *schema).ok());
}

TEST(BinderTest, Rule11SeriesResolveOverARange) {
  Query query = CountQuery();
  query.series = {kAll, kWeek};
  const auto bound = BindIt(query);
  ASSERT_TRUE(bound.ok());
  const int64_t day_us = 86'400'000'000;
  const auto series = ResolveSeries(*bound, 0, 14 * day_us);
  ASSERT_TRUE(series.ok());
  EXPECT_EQ((*series)[0].name, "all");
  EXPECT_THAT((*series)[0].intervals, ElementsAre(ResolvedInterval{0, 14 * day_us, false}));
  EXPECT_EQ((*series)[1].name, "week");
  // 1970-01-01 was a Thursday.
  EXPECT_THAT((*series)[1].intervals,
              ElementsAre(ResolvedInterval{0, 4 * day_us, true},
                          ResolvedInterval{4 * day_us, 11 * day_us, false},
                          ResolvedInterval{11 * day_us, 14 * day_us, true}));
}

TEST(BinderTest, Rule14ASeriesOverNoSamplesHasNoIntervals) {
  Query query = CountQuery();
  query.series = {kAll, kWeek};
  const auto series = ResolveSeries(*BindIt(query), 0, 0);
  ASSERT_TRUE(series.ok());
  EXPECT_EQ((*series)[0].intervals.size(), 1u);
  EXPECT_TRUE((*series)[1].intervals.empty());
}

TEST(BinderTest, Rule10ADateIsTheMidnightOfTheZone) {
  const absl::TimeZone kolkata = *FindTimeZone("Asia/Kolkata");
  EXPECT_EQ(MidnightOf(kolkata, 0), -19'800'000'000);
  EXPECT_EQ(FirstDayNotBefore(kolkata, -19'800'000'000), 0);
  EXPECT_EQ(FirstDayNotBefore(kolkata, -19'800'000'000 + 1), 1);
  const absl::TimeZone apia = *FindTimeZone("Pacific/Apia");
  const int64_t skipped = 15'338;  // 2011-12-30
  EXPECT_EQ(MidnightOf(apia, skipped), MidnightOf(apia, skipped + 1));
  EXPECT_EQ(FirstDayNotBefore(apia, MidnightOf(apia, skipped)), skipped);
}

TEST(BinderTest, Rule10DaysOfExtremeInstantsAreFound) {
  for (const char* name : {"UTC", "America/Havana", "Pacific/Apia"}) {
    const absl::TimeZone zone = *FindTimeZone(name);
    for (const int64_t instant_us : {INT64_MIN, kMinInstantUs, kMaxInstantUs, INT64_MAX}) {
      const int64_t day = FirstDayNotBefore(zone, instant_us);
      EXPECT_LT(MidnightOf(zone, day - 1), std::clamp(instant_us, kMinInstantUs, kMaxInstantUs));
    }
  }
}

TEST(BinderTest, Rule10EveryDayIsItsOwnFirstDay) {
  for (const char* name : {"America/Havana", "America/St_Johns", "Asia/Gaza", "Europe/Berlin"}) {
    const absl::TimeZone zone = *FindTimeZone(name);
    for (int64_t day = 13'000; day < 20'000; ++day) {
      ASSERT_EQ(FirstDayNotBefore(zone, MidnightOf(zone, day)), day) << name;
    }
  }
}

}  // namespace
}  // namespace sextant
