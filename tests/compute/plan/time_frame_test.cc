#include "compute/plan/time_frame.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "compute/plan/binder.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

int64_t Us(const std::string& text) {
  return ParseTimestampTzUs(text, absl::UTCTimeZone()).value();
}

TimeFrame FrameIn(const std::string& zone) {
  TimeFrame frame;
  frame.time_zone = FindTimeZone(zone).value();
  frame.max_intervals = 1000;
  return frame;
}

ResolvedSeries Days(std::vector<ResolvedInterval> intervals) {
  return {.series = {CalendarUnit::kDay}, .name = "day", .intervals = std::move(intervals)};
}

TEST(TimeFrameTest, Rule22DaysOfAWindowAreThoseOfTheLocalClock) {
  TimeFrame frame = FrameIn("Europe/Berlin");
  frame.window = TimeFrame::Window::kTrailing;
  frame.length = {0, 1, 0};
  // The clock was set forward on 2024-03-31: that day had 23 hours.
  const ResolvedSeries day = Days({{Us("2024-03-30T23:00Z"), Us("2024-03-31T22:00Z"), false}});
  const auto framed = FrameSeries(frame, {&day, 1});
  ASSERT_TRUE(framed.ok()) << framed.status();
  EXPECT_THAT(
      (*framed)[0].intervals,
      ElementsAre(ResolvedInterval{Us("2024-03-30T23:00Z"), Us("2024-03-31T22:00Z"), false}));
}

std::optional<int64_t> Before(const std::string& instant, const IntervalValue& length,
                              const std::string& zone) {
  return InstantBeforeUs(Us(instant), length, FindTimeZone(zone).value());
}

TEST(TimeFrameTest, Rule22ADayBeforeADayIsAllOfItThoughItsMidnightIsRepeated) {
  // Havana's clock went back to the midnight of 2024-11-03, at one.
  EXPECT_EQ(Before("2024-11-04T05:00Z", {0, 1, 0}, "America/Havana"), Us("2024-11-03T04:00Z"));
  EXPECT_EQ(Before("2024-11-04T05:00Z", {0, 2, 0}, "America/Havana"), Us("2024-11-02T04:00Z"));
}

TEST(TimeFrameTest, Rule22AMonthBeforeAMonthIsAllOfItThoughItsMidnightIsRepeated) {
  EXPECT_EQ(Before("2015-12-01T05:00Z", {1, 0, 0}, "America/Havana"), Us("2015-11-01T04:00Z"));
}

TEST(TimeFrameTest, Rule22ADayBeforeADayThatBeginsAtOneBeginsAtMidnight) {
  // Santiago's clock went from midnight to one on 2024-09-08.
  EXPECT_EQ(Before("2024-09-08T04:00Z", {0, 1, 0}, "America/Santiago"), Us("2024-09-07T04:00Z"));
  EXPECT_EQ(Before("2024-09-09T03:00Z", {0, 1, 0}, "America/Santiago"), Us("2024-09-08T04:00Z"));
}

TEST(TimeFrameTest, Rule22ADayBeforeADayIsNotOneThatTheZoneSkipped) {
  // After 2011-12-29 came 2011-12-31 in Apia.
  EXPECT_EQ(Before("2011-12-30T10:00Z", {0, 1, 0}, "Pacific/Apia"), Us("2011-12-29T10:00Z"));
  EXPECT_EQ(Before("2011-12-31T10:00Z", {0, 1, 0}, "Pacific/Apia"), Us("2011-12-30T10:00Z"));
}

TEST(TimeFrameTest, Rule22AMonthBeforeTheLastDayOfALongMonthIsTheLastOfAShortOne) {
  EXPECT_EQ(Before("2024-03-31T00:00Z", {1, 0, 0}, "UTC"), Us("2024-02-29T00:00Z"));
  EXPECT_EQ(Before("2024-03-31T00:00Z", {1, 1, 0}, "UTC"), Us("2024-02-28T00:00Z"));
}

TEST(TimeFrameTest, Rule22BeforeWhatBeginsNoDayTimeIsSubtractedAsPostgreSqlDoes) {
  EXPECT_EQ(Before("2024-11-04T06:30Z", {0, 1, 0}, "America/Havana"), Us("2024-11-03T06:30Z"));
  EXPECT_EQ(Before("2024-11-04T05:00Z", {0, 0, 3'600'000'000}, "America/Havana"),
            Us("2024-11-04T04:00Z"));
}

TEST(TimeFrameTest, BeforeAllInstantsThereIsNone) {
  EXPECT_EQ(Before("2024-03-31T00:00Z", {0, 2'000'000'000, 0}, "UTC"), std::nullopt);
  EXPECT_EQ(Before("2024-03-31T00:00Z", {2'000'000'000, 0, 0}, "UTC"), std::nullopt);
}

TEST(TimeFrameTest, Rule22ToDateIsOfTheUnitThatHoldsTheLastInstant) {
  TimeFrame frame = FrameIn("UTC");
  frame.window = TimeFrame::Window::kToDate;
  frame.unit = CalendarUnit::kQuarter;
  // The first ends with the quarter, the second begins with the next one.
  const ResolvedSeries days = Days({{Us("2024-06-30T00:00Z"), Us("2024-07-01T00:00Z"), false},
                                    {Us("2024-07-01T00:00Z"), Us("2024-07-02T00:00Z"), false}});
  const auto framed = FrameSeries(frame, {&days, 1});
  ASSERT_TRUE(framed.ok()) << framed.status();
  EXPECT_EQ((*framed)[0].intervals[0].start_us, Us("2024-04-01T00:00Z"));
  EXPECT_EQ((*framed)[0].intervals[1].start_us, Us("2024-07-01T00:00Z"));
}

TEST(TimeFrameTest, Rule22WeeksToDateBeginOnTheDayThatWasChosen) {
  TimeFrame frame = FrameIn("UTC");
  frame.window = TimeFrame::Window::kToDate;
  frame.unit = CalendarUnit::kWeek;
  frame.week_start = 7;
  const ResolvedSeries day = Days({{Us("2024-05-15T00:00Z"), Us("2024-05-16T00:00Z"), false}});
  EXPECT_EQ((*FrameSeries(frame, {&day, 1}))[0].intervals[0].start_us, Us("2024-05-12T00:00Z"));
}

TEST(TimeFrameTest, Rule22ASeriesOfWeeksHasARangeOfItsOwn) {
  TimeFrame frame = FrameIn("UTC");
  frame.shift = {{Us("2023-05-06T00:00Z"), Us("2023-05-13T00:00Z")},
                 {Us("2023-05-08T00:00Z"), Us("2023-05-15T00:00Z")}};
  const ResolvedSeries week = {.series = {CalendarUnit::kWeek},
                               .name = "week",
                               .intervals = {{Us("2024-05-06T00:00Z"), Us("2024-05-13T00:00Z")}}};
  const ResolvedSeries all = {.series = {},
                              .name = "all",
                              .intervals = {{Us("2024-05-06T00:00Z"), Us("2024-05-13T00:00Z")}}};
  const std::vector<ResolvedSeries> both = {week, all};
  const auto framed = FrameSeries(frame, both);
  ASSERT_TRUE(framed.ok()) << framed.status();
  EXPECT_EQ((*framed)[0].intervals[0].start_us, Us("2023-05-08T00:00Z"));
  EXPECT_EQ((*framed)[1].intervals[0].start_us, Us("2023-05-06T00:00Z"));
}

TEST(TimeFrameTest, Rule22AnEarlierRangeHasNoMoreIntervalsThanTheRange) {
  TimeFrame frame = FrameIn("UTC");
  frame.shift = {{Us("2024-01-01T00:00Z"), Us("2024-02-01T00:00Z")}, {}};
  const ResolvedSeries days = Days({{Us("2024-02-01T00:00Z"), Us("2024-02-02T00:00Z"), false}});
  EXPECT_EQ((*FrameSeries(frame, {&days, 1}))[0].intervals.size(), 1u);
}

/// Days of [from, to) without the partial ones, beside those of a range that begins 36 hours
/// before.
std::vector<ResolvedInterval> WholeDaysBeside(const std::string& from, const std::string& to,
                                              TimeFrame frame = FrameIn("UTC")) {
  frame.exclude_partial = true;
  const InstantRange range = {Us(from), Us(to)};
  const int64_t offset_us = Us("2024-01-02T12:00Z") - Us("2024-01-01T00:00Z");
  frame.shift = {
      .range = {range.from_us - offset_us, range.to_us - offset_us}, .of_weeks = {}, .of = range};
  ResolvedSeries days = Days({});
  for (const ResolvedInterval& day :
       ResolveIntervals({days.series, 1, frame.time_zone, frame.max_intervals}, range).value()) {
    if (!day.is_partial) days.intervals.push_back(day);
  }
  const auto framed = FrameSeries(frame, {&days, 1});
  EXPECT_TRUE(framed.ok()) << framed.status();
  return framed.ok() ? (*framed)[0].intervals : std::vector<ResolvedInterval>();
}

TEST(TimeFrameTest, BesideAWholeIntervalAPartialOneOfTheEarlierRangeIsEmpty) {
  // The 3rd is beside the half of the 1st, and not beside the 2nd.
  EXPECT_THAT(
      WholeDaysBeside("2024-01-03T00:00Z", "2024-01-05T00:00Z"),
      ElementsAre(ResolvedInterval{Us("2024-01-02T00:00Z"), Us("2024-01-02T00:00Z"), true},
                  ResolvedInterval{Us("2024-01-02T00:00Z"), Us("2024-01-03T00:00Z"), false}));
}

TEST(TimeFrameTest, AnIntervalThatIsLeftOutHasNoWindow) {
  TimeFrame frame = FrameIn("UTC");
  frame.window = TimeFrame::Window::kTrailing;
  frame.length = {0, 28, 0};
  const auto days = WholeDaysBeside("2024-01-03T00:00Z", "2024-01-05T00:00Z", frame);
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0].start_us, days[0].end_us);
  EXPECT_EQ(days[1].start_us, Us("2023-12-06T00:00Z"));
}

TEST(TimeFrameTest, BesideAPartialIntervalThatIsLeftOutSoIsTheEarlierOne) {
  // Of the 3rd a half is asked for: the first that stays is the 4th, beside the 3rd less 36 hours.
  EXPECT_THAT(
      WholeDaysBeside("2024-01-03T12:00Z", "2024-01-05T00:00Z"),
      ElementsAre(ResolvedInterval{Us("2024-01-03T00:00Z"), Us("2024-01-03T00:00Z"), true}));
}

TEST(TimeFrameTest, AWindowBeforeAllInstantsIsRefused) {
  TimeFrame frame = FrameIn("UTC");
  frame.window = TimeFrame::Window::kTrailing;
  frame.length = {12 * 9999, 0, 0};
  const ResolvedSeries days = Days({{Us("2024-02-02T00:00Z"), Us("2024-02-03T00:00Z"), false}});
  EXPECT_EQ(FrameSeries(frame, {&days, 1}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(TimeFrameTest, EqualTextsMeanEqualFrames) {
  TimeFrame frame = FrameIn("UTC");
  frame.window = TimeFrame::Window::kTrailing;
  frame.length = {0, 28, 0};
  TimeFrame other = frame;
  EXPECT_EQ(ToString(frame), ToString(other));
  other.length.days = 27;
  EXPECT_NE(ToString(frame), ToString(other));
  other = frame;
  other.shift = {{0, 1}, {0, 1}};
  EXPECT_NE(ToString(frame), ToString(other));
  frame = other;
  other.shift->of = {2, 3};
  EXPECT_NE(ToString(frame), ToString(other));
  other = frame;
  other.window = TimeFrame::Window::kToDate;
  EXPECT_NE(ToString(frame), ToString(other));
}

TEST(TimeFrameTest, TheExtentIsThatOfAllIntervals) {
  const ResolvedSeries days = Days({{5, 9, false}, {2, 12, false}});
  EXPECT_EQ(ExtentOf({&days, 1}), (InstantRange{2, 12}));
}

/// Periods of 4, 4 and 5 weeks, asked for in [from, to), beside the range before.
std::vector<ResolvedInterval> PeriodsBeside(const std::string& from, const std::string& to) {
  auto calendar = std::make_shared<PeriodCalendar>();
  calendar->name = "fiscal";
  for (const char* border :
       {"2024-01-01T00:00Z", "2024-01-29T00:00Z", "2024-02-26T00:00Z", "2024-04-01T00:00Z"}) {
    calendar->borders_us.push_back(Us(border));
  }
  ResolvedSeries series = {.series = {.unit = CalendarUnit::kPeriod, .calendar = calendar},
                           .name = "fiscal",
                           .intervals = {}};
  TimeFrame frame = FrameIn("UTC");
  const InstantRange range = {Us(from), Us(to)};
  series.intervals =
      ResolveIntervals({series.series, 1, frame.time_zone, frame.max_intervals}, range).value();
  const int64_t length_us = range.to_us - range.from_us;
  TimeFrame::Shift& shift = frame.shift.emplace();
  shift.range = shift.of_weeks = {range.from_us - length_us, range.from_us};
  shift.is_previous = true;
  shift.of = range;
  const auto framed = FrameSeries(frame, {&series, 1});
  EXPECT_TRUE(framed.ok()) << framed.status();
  return framed.ok() ? (*framed)[0].intervals : std::vector<ResolvedInterval>();
}

TEST(TimeFrameTest, Rule22BeforeAPeriodIsThePeriodBeforeThoughItIsShorter) {
  EXPECT_THAT(
      PeriodsBeside("2024-02-26T00:00Z", "2024-04-01T00:00Z"),
      ElementsAre(ResolvedInterval{Us("2024-01-29T00:00Z"), Us("2024-02-26T00:00Z"), false}));
}

TEST(TimeFrameTest, Rule22BesideTheWholeRangeIsWhatItsPeriodsMakeUp) {
  TimeFrame frame = FrameIn("UTC");
  frame.shift = {.range = {0, 35},
                 .of_weeks = {},
                 .is_previous = true,
                 .of = {35, 70},
                 .of_periods = {{7, 35}}};
  const ResolvedSeries all = {.series = {}, .name = "all", .intervals = {{35, 70, false}}};
  EXPECT_THAT((*FrameSeries(frame, {&all, 1}))[0].intervals,
              ElementsAre(ResolvedInterval{7, 35, false}));
}

TEST(TimeFrameTest, Rule22BeforeAPartOfAPeriodIsTheRangeBeforeThatIsAsLong) {
  EXPECT_THAT(
      PeriodsBeside("2024-02-26T00:00Z", "2024-03-01T00:00Z"),
      ElementsAre(ResolvedInterval{Us("2024-02-22T00:00Z"), Us("2024-02-26T00:00Z"), true}));
}

}  // namespace
}  // namespace sextant
