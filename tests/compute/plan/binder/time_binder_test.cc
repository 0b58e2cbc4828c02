#include "compute/plan/binder/time_binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"

namespace sextant {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const TimeSeries kRollingWeek = {CalendarUnit::kDay, 7, true};

int64_t Us(std::string_view text) { return ParseTimestampTzUs(text, absl::UTCTimeZone()).value(); }

absl::StatusOr<BoundQuery> BindIt(const Query& query, std::string_view as_of = "2024-05-15 12:00") {
  BoundQuery bound;
  const absl::Status status = BindTime(query, Us(as_of), bound);
  if (!status.ok()) return status;
  return bound;
}

std::string ErrorOf(const Query& query, const std::string& field) {
  const absl::Status status = BindIt(query).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(status).value_or(ErrorDetail()).field, field);
  return std::string(status.message());
}

TEST(TimeBinderTest, Rule15RelativeRangesCountFromTheSnapshotInTheZone) {
  Query query;
  query.from = "last_month";
  query.to = "this_month";
  query.time_zone = "Europe/Berlin";
  const auto bound = BindIt(query);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(*bound->from_us, Us("2024-03-31T22:00Z"));
  EXPECT_EQ(*bound->to_us, Us("2024-04-30T22:00Z"));
  query.from = "-30d";
  query.to = "now";
  EXPECT_EQ(*BindIt(query)->from_us, Us("2024-04-15T12:00Z"));
  EXPECT_EQ(*BindIt(query)->to_us, Us("2024-05-15T12:00Z"));
}

TEST(TimeBinderTest, Rule15WeeksOfARangeBeginOnTheSelectedDay) {
  Query query;
  query.from = "this_week";
  query.week_start = 7;
  EXPECT_EQ(*BindIt(query)->from_us, Us("2024-05-12"));
}

TEST(TimeBinderTest, AnEmptyRangeSaysWhatItsEndsBecame) {
  Query query;
  query.from = "this_month";
  query.to = "last_month";
  EXPECT_THAT(ErrorOf(query, "time_range"),
              HasSubstr("from (this_month) must be before to (last_month) in UTC; they are "
                        "2024-05-01T00:00:00+00:00 and 2024-04-01T00:00:00+00:00"));
}

TEST(TimeBinderTest, Rule13SeriesThatMeanNothingAreRefused) {
  Query query;
  query.series = {{CalendarUnit::kMinute, 7}};
  EXPECT_THAT(ErrorOf(query, "series[0]"), HasSubstr("found the series '7 minute'; allowed: 1, 2"));
  query.series = {{CalendarUnit::kDay, 0}};
  EXPECT_THAT(ErrorOf(query, "series[0]"), HasSubstr("allowed: 1 to 100000 units"));
  query.series = {{}, {CalendarUnit::kAll, 2}};
  EXPECT_THAT(ErrorOf(query, "series[1]"), HasSubstr("'2 all'"));
}

TEST(TimeBinderTest, ARollingSeriesNeedsAStart) {
  Query query;
  query.series = {{}, kRollingWeek};
  EXPECT_THAT(ErrorOf(query, "series[1]"),
              HasSubstr("'rolling 7 day' begins at time_range.from, which is not given"));
  query.from = "2024-01-01";
  EXPECT_TRUE(BindIt(query).ok());
}

TEST(TimeBinderTest, ARollingSeriesIsNotTheAlignedOne) {
  Query query;
  query.from = "2024-01-01";
  query.series = {{CalendarUnit::kDay, 7}, kRollingWeek};
  EXPECT_TRUE(BindIt(query).ok());
  query.series = {kRollingWeek, kRollingWeek};
  EXPECT_THAT(ErrorOf(query, "series[1]"), HasSubstr("'rolling 7 day' is given twice"));
}

TEST(TimeBinderTest, Rule14PartialIntervalsCanBeLeftOut) {
  Query query;
  query.series = {{}, {CalendarUnit::kMonth}, {CalendarUnit::kYear}};
  auto bound = BindIt(query);
  ASSERT_TRUE(bound.ok());
  bound->exclude_partial = true;
  const auto series = ResolveSeries(*bound, Us("2024-01-15"), Us("2024-04-10"));
  ASSERT_TRUE(series.ok());
  // `all` is never partial.
  EXPECT_THAT((*series)[0].intervals,
              ElementsAre(ResolvedInterval{Us("2024-01-15"), Us("2024-04-10"), false}));
  EXPECT_THAT((*series)[1].intervals,
              ElementsAre(ResolvedInterval{Us("2024-02-01"), Us("2024-03-01"), false},
                          ResolvedInterval{Us("2024-03-01"), Us("2024-04-01"), false}));
  EXPECT_TRUE((*series)[2].intervals.empty());
}

}  // namespace
}  // namespace sextant
