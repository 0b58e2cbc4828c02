#include "compute/plan/binder/frame_binder.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

struct Range {
  std::string from;
  std::string to;
  std::string zone = "UTC";
};

absl::StatusOr<TimeFrame::Shift> ShiftOf(const std::string& offset, const Range& range) {
  BoundQuery query;
  query.time_zone = FindTimeZone(range.zone).value();
  query.from_us = ParseTimestampTzUs(range.from, query.time_zone).value();
  query.to_us = ParseTimestampTzUs(range.to, query.time_zone).value();
  const auto frame = BindComparison({offset}, query);
  if (!frame.ok()) return frame.status();
  return *(*frame)->shift;
}

/// The range that is compared with, in local time.
std::string Earlier(const std::string& offset, const Range& range) {
  const auto shift = ShiftOf(offset, range);
  if (!shift.ok()) return std::string(shift.status().message());
  const absl::TimeZone zone = FindTimeZone(range.zone).value();
  return FormatInstant(shift->range.from_us, zone) + " " + FormatInstant(shift->range.to_us, zone);
}

TEST(FrameBinderTest, Rule22BeforeWholeMonthsAreAsManyMonths) {
  EXPECT_EQ(Earlier("previous", {"2024-03-01", "2024-04-01"}),
            "2024-02-01T00:00:00+00:00 2024-03-01T00:00:00+00:00");
  EXPECT_EQ(Earlier("previous", {"2024-04-01", "2024-07-01", "Europe/Berlin"}),
            "2024-01-01T00:00:00+01:00 2024-04-01T00:00:00+02:00");
}

TEST(FrameBinderTest, Rule22BeforeWholeDaysAreAsManyDays) {
  // The clock was set forward on the last day of the range before.
  EXPECT_EQ(Earlier("previous", {"2024-04-01", "2024-04-03", "Europe/Berlin"}),
            "2024-03-30T00:00:00+01:00 2024-04-01T00:00:00+02:00");
}

TEST(FrameBinderTest, Rule22TheDayBeforeIsAllOfItThoughItsMidnightIsRepeated) {
  EXPECT_EQ(Earlier("previous", {"2024-11-04", "2024-11-05", "America/Havana"}),
            "2024-11-03T00:00:00-04:00 2024-11-04T00:00:00-05:00");
  EXPECT_EQ(Earlier("previous", {"2011-12-31", "2012-01-01", "Pacific/Apia"}),
            "2011-12-29T00:00:00-10:00 2011-12-31T00:00:00+14:00");
}

TEST(FrameBinderTest, Rule22BeforeAnythingElseIsAsMuchTime) {
  EXPECT_EQ(Earlier("previous", {"2024-03-31 12:00", "2024-04-01 00:00", "Europe/Berlin"}),
            "2024-03-30T23:00:00+01:00 2024-03-31T12:00:00+02:00");
  EXPECT_EQ(Earlier("previous", {"2024-03-02 10:00", "2024-03-02 10:30"}),
            "2024-03-02T09:30:00+00:00 2024-03-02T10:00:00+00:00");
}

TEST(FrameBinderTest, Rule22AnOffsetIsTakenFromBothEnds) {
  EXPECT_EQ(Earlier("1y", {"2024-03-01", "2024-04-01"}),
            "2023-03-01T00:00:00+00:00 2023-04-01T00:00:00+00:00");
  EXPECT_EQ(Earlier("1MO", {"2024-03-31", "2024-05-31"}),
            "2024-02-29T00:00:00+00:00 2024-04-30T00:00:00+00:00");
  EXPECT_EQ(Earlier("12h", {"2024-03-31", "2024-05-31"}),
            "2024-03-30T12:00:00+00:00 2024-05-30T12:00:00+00:00");
}

TEST(FrameBinderTest, Rule22AYearOfWeeksIs52Weeks) {
  const auto shift = ShiftOf("1y", {"2024-05-06", "2024-05-13"});
  ASSERT_TRUE(shift.ok()) << shift.status();
  EXPECT_EQ(FormatInstant(shift->of_weeks.from_us, absl::UTCTimeZone()),
            "2023-05-08T00:00:00+00:00");
}

TEST(FrameBinderTest, AnEmptyEarlierRangeIsRefused) {
  EXPECT_THAT(Earlier("1mo", {"2024-03-30", "2024-03-31"}), HasSubstr("is empty"));
}

TEST(FrameBinderTest, AnEarlierRangeThatIsEmptyForADayThatTheZoneSkippedIsRefused) {
  // Apia had no 30 December 2011: five in its morning is as late as five a day after.
  EXPECT_THAT(Earlier("1d", {"2011-12-31 05:08", "2012-01-01 01:29", "Pacific/Apia"}),
              HasSubstr("is empty"));
}

TEST(FrameBinderTest, AnUnknownOffsetIsRefused) {
  for (const char* offset : {"", "last", "1", "0d", "1 month", "-1y", "1q"}) {
    EXPECT_THAT(Earlier(offset, {"2024-03-01", "2024-04-01"}), HasSubstr("allowed: previous"))
        << offset;
  }
}

TEST(FrameBinderTest, ARangeBeforeAllYearsIsRefused) {
  EXPECT_THAT(Earlier("9999y", {"2024-03-01", "2024-04-01"}), HasSubstr("4714 BC"));
}

/// A comparison of a series of periods that begin and end on these days, in New York.
absl::StatusOr<std::shared_ptr<const TimeFrame>> ComparePeriods(
    const std::string& offset, const std::pair<std::string, std::string>& range,
    const std::vector<std::string>& days) {
  BoundQuery query;
  query.time_zone = FindTimeZone("America/New_York").value();
  const auto us = [&](const std::string& text) {
    return ParseTimestampTzUs(text, query.time_zone).value();
  };
  query.from_us = us(range.first);
  query.to_us = us(range.second);
  auto calendar = std::make_shared<PeriodCalendar>();
  calendar->name = "fiscal";
  for (const std::string& day : days) calendar->borders_us.push_back(us(day));
  query.series = {{.unit = CalendarUnit::kDay},
                  {.unit = CalendarUnit::kPeriod, .calendar = calendar}};
  return BindComparison({offset}, query);
}

std::string ErrorOf(const absl::StatusOr<std::shared_ptr<const TimeFrame>>& frame) {
  if (frame.ok()) return "";
  EXPECT_EQ(frame.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(frame.status().message());
}

/// What is wrong with `previous` of periods of 4, 4 and 5 weeks of 2024.
std::string PeriodsBeforeError(const std::string& from, const std::string& to) {
  return ErrorOf(ComparePeriods("previous", {from, to},
                                {"2024-01-01", "2024-01-29", "2024-02-26", "2024-04-01"}));
}

TEST(FrameBinderTest, PeriodsAreComparedWithAsManySoLongAgo) {
  const std::vector<std::string> days = {"2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01",
                                         "2024-01-01", "2024-02-15", "2024-04-01"};
  EXPECT_EQ(ErrorOf(ComparePeriods("1y", {"2024-02-15", "2024-04-01"}, days)),
            "compare_to.offset: the range 2023-02-15T00:00:00-05:00 to 2023-04-01T00:00:00-04:00 "
            "is not of whole periods of calendar 'fiscal'; allowed: previous, or ranges between "
            "borders of it");
  EXPECT_EQ(ErrorOf(ComparePeriods("1y", {"2024-01-01", "2024-04-01"}, days)),
            "compare_to.offset: the range is of 2 periods of calendar 'fiscal', that so long ago, "
            "2023-01-01T00:00:00-05:00 to 2023-04-01T00:00:00-04:00, of 3; allowed: previous, or "
            "an offset that leads to as many");
  EXPECT_EQ(ErrorOf(ComparePeriods("1y", {"2024-01-01", "2024-04-01"},
                                   {"2023-01-01", "2023-04-01", "2024-01-01", "2024-04-01"})),
            "");
}

TEST(FrameBinderTest, ARangeThatCutsPeriodsIsNotComparedWithWholeOnes) {
  EXPECT_THAT(
      ErrorOf(ComparePeriods("1y", {"2024-01-15", "2024-03-15"},
                             {"2023-01-15", "2023-02-15", "2023-03-15", "2024-01-01", "2024-02-01",
                              "2024-03-01", "2024-04-01"})),
      HasSubstr("the range 2024-01-15T00:00:00-05:00 to 2024-03-15T00:00:00-04:00 is not of "
                "whole periods"));
}

TEST(FrameBinderTest, Rule22BeforeTheWholeRangeIsWhatAsManyPeriodsMakeUp) {
  const auto frame = ComparePeriods("previous", {"2024-02-26", "2024-04-01"},
                                    {"2024-01-01", "2024-01-29", "2024-02-26", "2024-04-01"});
  ASSERT_TRUE(frame.ok()) << frame.status();
  ASSERT_TRUE((*frame)->shift->of_periods.has_value());
  EXPECT_EQ(FormatInstant((*frame)->shift->of_periods->from_us, (*frame)->time_zone),
            "2024-01-29T00:00:00-05:00");
}

TEST(FrameBinderTest, Rule22OfMorePeriodsThanAreBeforeThemNothingIsCompared) {
  EXPECT_EQ(PeriodsBeforeError("2024-01-29", "2024-02-26"), "");
  EXPECT_EQ(PeriodsBeforeError("2024-01-29", "2024-04-01"),
            "compare_to.offset: found 'previous' of 2 periods of calendar 'fiscal', which asks for "
            "as many before time_range.from, 2024-01-29T00:00:00-05:00; the calendar has 1 there; "
            "allowed: a time range with no more periods than are before it");
  EXPECT_THAT(PeriodsBeforeError("2024-01-01", "2024-04-01"), HasSubstr("has 0 there"));
}

TEST(FrameBinderTest, TheRangeBeforeAPartOfAPeriodMustBeWithinItsCalendar) {
  EXPECT_EQ(PeriodsBeforeError("2024-01-11", "2024-01-20"), "");
  EXPECT_EQ(PeriodsBeforeError("2024-01-10", "2024-01-20"),
            "compare_to.offset: found 'previous' of a time range that cuts periods of calendar "
            "'fiscal'; the range before that is as long, 2023-12-31T00:00:00-05:00 to "
            "2024-01-10T00:00:00-05:00, is not within the calendar; allowed: from "
            "2024-01-01T00:00:00-05:00 to 2024-04-01T00:00:00-04:00");
}

TEST(FrameBinderTest, ACalendarIsNoWindow) {
  BoundQuery query;
  const Metric::Cumulative cumulative = {.of = "m", .window = "", .to_date = "fiscal_quarter"};
  const auto frame = BindWindow(cumulative, "metrics[0]", nullptr, query);
  EXPECT_EQ(std::string(frame.status().message()),
            "metrics[0].cumulative.to_date: found 'fiscal_quarter'; allowed: day, week, month, "
            "quarter, year; periods of a calendar are intervals of a series only");
}

}  // namespace
}  // namespace sextant
