// Metrics over windows, and beside what they were (rule 22).
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
const DataType kTime = DataType::Of(TypeKind::kTimestamp);

/// Day 0 is 1970-01-01, a Thursday: days 0, 1, 1, 3, 9; open until some days later.
std::shared_ptr<const Table> Events() {
  const auto day = [](int64_t number) { return Int(number * kDayUs); };
  return TableOf(
      {{"at", kTime, {day(0), day(1), day(1), day(3), day(9)}},
       {"closed", kTime, {day(1), day(4), Null(), day(5), day(9)}},
       {"on_day", DataType::Of(TypeKind::kDate), {Int(0), Int(1), Int(1), Int(3), Int(9)}},
       {"seen",
        DataType::ListOf(TypeKind::kTimestamp),
        {List({day(0), day(2)}), List({day(2)}), List({}), Null(), List({day(9), Null()})}},
       {"n", DataType::Of(TypeKind::kInt64), {Int(1), Int(10), Int(20), Int(100), Int(1000)}},
       {"team",
        DataType::Of(TypeKind::kText),
        {Text("a"), Text("a"), Text("b"), Text("b"), Text("c")}}});
}

Metric Of(std::string name, std::string expression, TimePin pin = TimePin::At("at")) {
  return {.name = std::move(name),
          .dataset = "dataset",
          .expression = std::move(expression),
          .pin = std::move(pin)};
}

Metric Over(Metric of, std::string window, std::string to_date = "") {
  Metric metric;
  metric.name = absl::StrCat(of.name, "_over");
  metric.cumulative = Metric::Cumulative{of.name, std::move(window), std::move(to_date)};
  metric.components.push_back(std::move(of));
  return metric;
}

Query QueryOf(std::vector<Metric> metrics, std::string from, std::string to) {
  Query query;
  query.metrics = std::move(metrics);
  query.series = {{CalendarUnit::kDay}};
  query.from = std::move(from);
  query.to = std::move(to);
  return query;
}

std::vector<std::string> RowsOf(const Query& query) {
  absl::StatusOr<ResultText> result = RunQuery(query, Events());
  if (!result.ok()) return {std::string(result.status().message())};
  for (std::string& row : result->rows) {
    const size_t bar = row.find('|');
    if (row.find_first_not_of("0123456789") == bar && bar != std::string::npos) {
      row = absl::StrCat("day ", std::stoll(row) / kDayUs, row.substr(bar));
    }
  }
  return std::move(result->rows);
}

TEST(QueryFrameTest, Rule22AWindowEndsWithItsIntervalAndReadsBeforeTheRange) {
  const Query query =
      QueryOf({Of("n", "sum(n)"), Over(Of("n", "sum(n)"), "2d")}, "1970-01-02", "1970-01-06");
  EXPECT_THAT(RowsOf(query),
              ElementsAre("day 1|30|31", "day 2|-|30", "day 3|100|100", "day 4|-|100"));
}

TEST(QueryFrameTest, Rule22TheWindowOfARangeEndsWithTheRange) {
  Query query = QueryOf({Over(Of("n", "sum(n)"), "2d")}, "1970-01-02", "1970-01-04");
  query.series.clear();
  EXPECT_THAT(RowsOf(query), ElementsAre("30"));
}

TEST(QueryFrameTest, Rule22ToDateBeginsWithTheUnitOfTheLastInstant) {
  // Weeks begin on 1969-12-29 and 1970-01-05, day 4.
  const Query query = QueryOf({Over(Of("n", "count(*)"), "", "week")}, "1970-01-03", "1970-01-11");
  EXPECT_THAT(RowsOf(query), ElementsAre("day 2|3", "day 3|4", "day 9|1"));
}

TEST(QueryFrameTest, Rule22DaysOfDatesHaveWindowsToo) {
  const Query query =
      QueryOf({Over(Of("n", "count(*)", TimePin::At("on_day")), "2d")}, "1970-01-02", "1970-01-06");
  EXPECT_THAT(RowsOf(query), ElementsAre("day 1|3", "day 2|2", "day 3|1", "day 4|1"));
}

TEST(QueryFrameTest, Rule22ARowOfAListIsInAWindowOnce) {
  const Query query =
      QueryOf({Over(Of("n", "count(*)", TimePin::At("seen")), "3d")}, "1970-01-01", "1970-01-06");
  EXPECT_THAT(RowsOf(query), ElementsAre("day 0|1", "day 1|1", "day 2|2", "day 3|2", "day 4|2"));
}

TEST(QueryFrameTest, Rule22ASpanIsInEveryWindowThatItOverlaps) {
  const TimePin during = {TimePin::Kind::kDuring, "at", "closed"};
  const Query query =
      QueryOf({Of("alive", "count(*)", during), Over(Of("n", "count(*)", during), "2d")},
              "1970-01-04", "1970-01-08");
  EXPECT_THAT(RowsOf(query), ElementsAre("day 3|3|3", "day 4|2|3", "day 5|1|2", "day 6|1|1"));
}

TEST(QueryFrameTest, Rule22ARatioOverAWindowIsOfBothOfItsSides) {
  Metric ratio;
  ratio.name = "share";
  ratio.ratio = Metric::Ratio{"b", "all"};
  ratio.components = {Of("b", "count(*) FILTER (WHERE team = 'b')"), Of("all", "count(*)")};
  EXPECT_THAT(RowsOf(QueryOf({Over(ratio, "2d")}, "1970-01-02", "1970-01-04")),
              ElementsAre("day 1|0.3333333333333333", "day 2|0.5"));
}

TEST(QueryFrameTest, WindowsWithinWindowsAreRefused) {
  const Query query =
      QueryOf({Over(Over(Of("n", "count(*)"), "2d"), "3d")}, "1970-01-02", "1970-01-04");
  EXPECT_THAT(RowsOf(query), ElementsAre(HasSubstr("windows within windows")));
}

TEST(QueryFrameTest, AWindowOfAStateAtTheEndIsRefused) {
  const TimePin state = {TimePin::Kind::kAsOfEnd, "at", "closed"};
  const Query query = QueryOf({Over(Of("n", "count(*)", state), "2d")}, "1970-01-02", "1970-01-04");
  EXPECT_THAT(RowsOf(query), ElementsAre(HasSubstr("the state at the end")));
}

TEST(QueryFrameTest, AWindowOfAMetricWithoutTimeIsRefused) {
  Query query = QueryOf({Over(Of("n", "count(*)", {}), "2d")}, "1970-01-02", "1970-01-04");
  query.series.clear();
  EXPECT_THAT(RowsOf(query), ElementsAre(HasSubstr("has no time column")));
}

TEST(QueryFrameTest, AWindowWithoutALengthIsRefused) {
  for (const char* window : {"0d", "28", "d", "1 month", "-3d", "9999999d"}) {
    const Query query = QueryOf({Over(Of("n", "count(*)"), window)}, "1970-01-02", "1970-01-04");
    EXPECT_THAT(RowsOf(query), ElementsAre(HasSubstr("allowed: a length of time"))) << window;
  }
}

TEST(QueryFrameTest, Rule22EachMetricIsFollowedByWhatItWas) {
  Query query = QueryOf({Of("n", "sum(n)")}, "1970-01-04", "1970-01-06");
  query.compare_to = PeriodComparison{"previous"};
  EXPECT_THAT(RowsOf(query), ElementsAre("day 3|100|30"));
  query.fill = FillMode::kDense;
  EXPECT_THAT(RowsOf(query), ElementsAre("day 3|100|30", "day 4|-|-"));
}

TEST(QueryFrameTest, Rule22TheHeaderTellsWhatIntervalsAreComparedWith) {
  Query query = QueryOf({Of("n", "sum(n)")}, "1970-01-04", "1970-01-06");
  query.compare_to = PeriodComparison{"1d"};
  const absl::StatusOr<ResultText> result = RunQuery(query, Events());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->header.columns.back().name, "n.previous");
  ASSERT_EQ(result->header.compared_series.size(), 1u);
  EXPECT_THAT(result->header.compared_series[0].intervals,
              ElementsAre(ResolvedInterval{2 * kDayUs, 3 * kDayUs, false},
                          ResolvedInterval{3 * kDayUs, 4 * kDayUs, false}));
}

TEST(QueryFrameTest, NothingIsComparedUnlessItIsAsked) {
  const absl::StatusOr<ResultText> result =
      RunQuery(QueryOf({Of("n", "sum(n)")}, "1970-01-04", "1970-01-06"), Events());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->header.compared_series, IsEmpty());
}

TEST(QueryFrameTest, Rule22GroupsOfEitherRangeAreThere) {
  Query query = QueryOf({Of("n", "count(*)")}, "1970-01-03", "1970-01-06");
  query.series.clear();
  query.group_by = {GroupAxis::Of("team")};
  query.compare_to = PeriodComparison{"2d"};
  EXPECT_THAT(RowsOf(query), ElementsAre("a|0|2", "b|1|1"));
}

TEST(QueryFrameTest, Rule22AStateIsComparedWithThatAtTheEndOfTheEarlierInterval) {
  const TimePin state = {TimePin::Kind::kAsOfEnd, "at", "closed"};
  Query query = QueryOf({Of("open", "count(*)", state)}, "1970-01-05", "1970-01-06");
  query.compare_to = PeriodComparison{"2d"};
  // Of the end of day 4: those of days 1 and 3 that are open; of day 2: those of day 1.
  EXPECT_THAT(RowsOf(query), ElementsAre("day 4|2|2"));
}

TEST(QueryFrameTest, Rule22AWindowIsComparedWithTheWindowOfTheEarlierInterval) {
  Query query = QueryOf({Over(Of("n", "sum(n)"), "2d")}, "1970-01-04", "1970-01-05");
  query.compare_to = PeriodComparison{"2d"};
  EXPECT_THAT(RowsOf(query), ElementsAre("day 3|100|31"));
}

TEST(QueryFrameTest, Rule22AnEarlierIntervalThatIsNotThereHasNoSamples) {
  // March has 31 days, February 1970 had 28.
  Query query = QueryOf({Of("n", "count(*)")}, "1970-03-01", "1970-04-01");
  query.compare_to = PeriodComparison{"previous"};
  query.fill = FillMode::kDense;
  const absl::StatusOr<ResultText> result = RunQuery(query, Events());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->header.series[0].intervals.size(), 31u);
  EXPECT_EQ(result->header.compared_series[0].intervals.size(), 28u);
}

TEST(QueryFrameTest, StatisticsBesideAComparisonAreOfTheRangeAndNotOfTheEarlierOne) {
  Query query = QueryOf({Of("mean", "avg(n)")}, "1970-01-04", "1970-01-05");
  query.compare_to = PeriodComparison{"2d"};
  query.samples = true;
  const absl::StatusOr<ResultText> result = RunQuery(query, Events());
  ASSERT_TRUE(result.ok()) << result.status();
  std::vector<std::string> names;
  for (const ResultColumn& column : result->header.columns) names.push_back(column.name);
  EXPECT_THAT(names,
              ElementsAre("start", "mean", "mean.samples", "mean.samples_kept", "mean.previous"));
  EXPECT_THAT(RowsOf(query), ElementsAre("day 3|100|1|1|15"));
}

TEST(QueryFrameTest, Rule20OutliersOfTheEarlierRangeAreLeftOutByItsOwnTiles) {
  Query query = QueryOf({Of("mean", "avg(n)")}, "1970-01-10", "1970-01-11");
  query.clip = Clip{.low = 0, .high = 0.5, .stride_days = 2};
  query.compare_to = PeriodComparison{"8d"};
  // Day 1 is in a tile with 1, 10 and 20 or without 1: the highest goes.
  const std::vector<std::string> rows = RowsOf(query);
  EXPECT_THAT(rows, ElementsAre("day 9|1000|10"));
}

TEST(QueryFrameTest, AComparisonWithoutARangeIsRefused) {
  Query query = QueryOf({Of("n", "count(*)")}, "1970-01-03", "");
  query.compare_to = PeriodComparison{"previous"};
  EXPECT_THAT(RowsOf(query), ElementsAre(HasSubstr("the time range is open")));
}

TEST(QueryFrameTest, AComparisonOfAMetricWithoutTimeIsRefused) {
  Query query = QueryOf({Of("n", "count(*)", {})}, "1970-01-03", "1970-01-05");
  query.series.clear();
  query.compare_to = PeriodComparison{"previous"};
  EXPECT_THAT(RowsOf(query), ElementsAre(HasSubstr("has no time column")));
}

TEST(QueryFrameTest, ClippingTheWholeRangeIsRefusedWhereOtherTimesAreRead) {
  Query query = QueryOf({Of("mean", "avg(n)")}, "1970-01-03", "1970-01-05");
  query.clip = Clip{.low = 0, .high = 0.9, .stride_days = 0};
  query.compare_to = PeriodComparison{"previous"};
  EXPECT_THAT(RowsOf(query), ElementsAre(HasSubstr("clip.stride")));
}

TEST(QueryFrameTest, Rule17ASumThatIsZeroWhenEmptyIsThereInEveryCell) {
  Metric sum = Of("sum", "sum(n)");
  sum.is_zero_when_empty = true;
  Query query = QueryOf({sum, Of("plain", "sum(n)")}, "1970-01-02", "1970-01-05");
  query.fill = FillMode::kDense;
  EXPECT_THAT(RowsOf(query), ElementsAre("day 1|30|30", "day 2|0|-", "day 3|100|100"));
}

TEST(QueryFrameTest, AMeanIsNotZeroWhenEmpty) {
  Metric mean = Of("mean", "avg(n)");
  mean.is_zero_when_empty = true;
  EXPECT_THAT(RowsOf(QueryOf({mean}, "1970-01-02", "1970-01-05")),
              ElementsAre(HasSubstr("found 'zero' beside avg")));
}

GroupAxis SetsOf(std::string name, std::vector<SetMember> members) {
  GroupAxis sets;
  sets.kind = GroupAxis::Kind::kSets;
  sets.name = std::move(name);
  sets.members = std::move(members);
  return sets;
}

TEST(QueryFrameTest, ZippedSetsHaveTheRowsThatAreInBothOfThem) {
  GroupAxis zip;
  zip.kind = GroupAxis::Kind::kSets;
  zip.zipped = {SetsOf("teams", {{"first", "team IN ('a', 'b')"}, {"second", "team = 'b'"}}),
                SetsOf("sizes", {{"x", "n >= 10"}, {"y", "n = 100"}})};
  Query query = QueryOf({Of("n", "count(*)")}, "1970-01-01", "1970-01-20");
  query.series.clear();
  query.group_by = {zip};
  EXPECT_THAT(RowsOf(query), ElementsAre("first|3", "second|1"));
}

TEST(QueryFrameTest, ZippedSetsOfUnequalLengthsAreRefused) {
  GroupAxis zip;
  zip.kind = GroupAxis::Kind::kSets;
  zip.zipped = {SetsOf("teams", {{"first", "team = 'a'"}, {"second", "team = 'b'"}}),
                SetsOf("sizes", {{"x", "n >= 10"}})};
  Query query = QueryOf({Of("n", "count(*)")}, "1970-01-01", "1970-01-20");
  query.group_by = {zip};
  EXPECT_THAT(RowsOf(query),
              ElementsAre(HasSubstr("the set 'sizes' has 1 members, and the first one has 2")));
}

}  // namespace
}  // namespace sextant
