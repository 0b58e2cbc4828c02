#include "compute/plan/calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr size_t kMaxIntervals = 100'000;
const TimeSeries kDay = {.unit = CalendarUnit::kDay};
const TimeSeries kWeek = {.unit = CalendarUnit::kWeek};
const TimeSeries kMonth = {.unit = CalendarUnit::kMonth};

absl::TimeZone Zone(std::string_view name) { return FindTimeZone(name).value(); }

SeriesRequest Request(const TimeSeries& series, std::string_view zone, int week_start = 1) {
  return {.series = series,
          .week_start = week_start,
          .time_zone = Zone(zone),
          .max_intervals = kMaxIntervals};
}

int64_t Us(std::string_view text) { return ParseTimestampTzUs(text, absl::UTCTimeZone()).value(); }

std::string Shown(int64_t instant_us) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(instant_us),
                          absl::UTCTimeZone());
}

std::vector<ResolvedInterval> Resolve(const TimeSeries& step, std::string_view from,
                                      std::string_view to, std::string_view zone,
                                      int week_start = 1) {
  const auto intervals = ResolveIntervals(Request(step, zone, week_start), {Us(from), Us(to)});
  EXPECT_TRUE(intervals.ok()) << intervals.status();
  return intervals.ok() ? *intervals : std::vector<ResolvedInterval>();
}

/// The start of each interval as a local date, and "*" if it is partial.
std::vector<std::string> LocalStarts(const std::vector<ResolvedInterval>& intervals,
                                     std::string_view zone) {
  std::vector<std::string> starts;
  for (const ResolvedInterval& interval : intervals) {
    starts.push_back(
        absl::FormatTime("%Y-%m-%d", absl::FromUnixMicros(interval.start_us), Zone(zone)) +
        (interval.is_partial ? "*" : ""));
  }
  return starts;
}

struct DayStart {
  const char* zone;
  absl::CivilDay day;
  const char* first_instant;
};

// Found by stepping through every second with another implementation (Python's zoneinfo).
const DayStart kDayStarts[] = {
    {"Europe/Berlin", absl::CivilDay(2024, 3, 31), "2024-03-30T23:00:00Z"},
    {"Europe/Berlin", absl::CivilDay(2024, 4, 1), "2024-03-31T22:00:00Z"},
    {"Europe/Berlin", absl::CivilDay(2024, 10, 27), "2024-10-26T22:00:00Z"},
    {"Europe/Berlin", absl::CivilDay(2024, 10, 28), "2024-10-27T23:00:00Z"},
    {"America/New_York", absl::CivilDay(2024, 3, 10), "2024-03-10T05:00:00Z"},
    {"America/New_York", absl::CivilDay(2024, 3, 11), "2024-03-11T04:00:00Z"},
    {"America/New_York", absl::CivilDay(2024, 11, 4), "2024-11-04T05:00:00Z"},
    {"America/St_Johns", absl::CivilDay(2006, 10, 29), "2006-10-29T02:30:00Z"},
    {"America/St_Johns", absl::CivilDay(2006, 10, 30), "2006-10-30T03:30:00Z"},
    {"America/St_Johns", absl::CivilDay(2006, 4, 2), "2006-04-02T03:30:00Z"},
    {"Asia/Kolkata", absl::CivilDay(2024, 1, 1), "2023-12-31T18:30:00Z"},
    {"Asia/Kathmandu", absl::CivilDay(2024, 1, 1), "2023-12-31T18:15:00Z"},
    {"Asia/Kathmandu", absl::CivilDay(1986, 1, 1), "1985-12-31T18:30:00Z"},
    {"America/Havana", absl::CivilDay(2024, 3, 10), "2024-03-10T05:00:00Z"},
    {"America/Havana", absl::CivilDay(2024, 11, 3), "2024-11-03T04:00:00Z"},
    {"America/Havana", absl::CivilDay(2024, 11, 4), "2024-11-04T05:00:00Z"},
    {"Asia/Amman", absl::CivilDay(2021, 10, 29), "2021-10-28T21:00:00Z"},
    {"Asia/Amman", absl::CivilDay(2021, 10, 30), "2021-10-29T22:00:00Z"},
    {"Asia/Amman", absl::CivilDay(2022, 2, 25), "2022-02-24T22:00:00Z"},
    {"Asia/Amman", absl::CivilDay(2013, 12, 20), "2013-12-19T22:00:00Z"},
    {"Atlantic/Azores", absl::CivilDay(2024, 3, 31), "2024-03-31T01:00:00Z"},
    {"Atlantic/Azores", absl::CivilDay(2024, 10, 27), "2024-10-27T00:00:00Z"},
    {"Atlantic/Azores", absl::CivilDay(2024, 10, 28), "2024-10-28T01:00:00Z"},
    {"Asia/Gaza", absl::CivilDay(2010, 3, 27), "2010-03-26T22:00:00Z"},
    {"Asia/Gaza", absl::CivilDay(2012, 3, 30), "2012-03-29T22:00:00Z"},
    {"Asia/Gaza", absl::CivilDay(2011, 8, 1), "2011-07-31T22:00:00Z"},
    {"Asia/Gaza", absl::CivilDay(2012, 9, 21), "2012-09-20T21:00:00Z"},
    {"Australia/Lord_Howe", absl::CivilDay(2024, 4, 7), "2024-04-06T13:00:00Z"},
    {"Australia/Lord_Howe", absl::CivilDay(2024, 4, 8), "2024-04-07T13:30:00Z"},
    {"Australia/Lord_Howe", absl::CivilDay(2024, 10, 7), "2024-10-06T13:00:00Z"},
    {"Pacific/Apia", absl::CivilDay(2011, 12, 29), "2011-12-29T10:00:00Z"},
    {"Pacific/Apia", absl::CivilDay(2011, 12, 30), "2011-12-30T10:00:00Z"},
    {"Pacific/Apia", absl::CivilDay(2011, 12, 31), "2011-12-30T10:00:00Z"},
    {"Europe/Berlin", absl::CivilDay(1890, 1, 1), "1889-12-31T23:06:32Z"},
    {"Europe/Berlin", absl::CivilDay(1893, 4, 1), "1893-03-31T23:06:32Z"},
    {"Africa/Monrovia", absl::CivilDay(1950, 1, 1), "1950-01-01T00:44:30Z"},
    {"Africa/Monrovia", absl::CivilDay(1972, 1, 7), "1972-01-07T00:44:30Z"},
    {"America/New_York", absl::CivilDay(1880, 1, 1), "1880-01-01T04:56:02Z"},
    {"Africa/Casablanca", absl::CivilDay(2024, 3, 10), "2024-03-09T23:00:00Z"},
    {"Africa/Casablanca", absl::CivilDay(2024, 3, 11), "2024-03-11T00:00:00Z"},
    {"Africa/Casablanca", absl::CivilDay(2024, 4, 14), "2024-04-14T00:00:00Z"},
    {"Africa/Casablanca", absl::CivilDay(2024, 4, 15), "2024-04-14T23:00:00Z"},
    {"America/Sao_Paulo", absl::CivilDay(2018, 11, 4), "2018-11-04T03:00:00Z"},
    {"America/Sao_Paulo", absl::CivilDay(2018, 2, 18), "2018-02-18T03:00:00Z"},
    {"Asia/Beirut", absl::CivilDay(2023, 3, 26), "2023-03-25T22:00:00Z"},
    {"Europe/Berlin", absl::CivilDay(2150, 7, 1), "2150-06-30T22:00:00Z"},
};

TEST(CalendarTest, Rule11ABorderIsTheFirstInstantThatReachesIt) {
  for (const DayStart& expected : kDayStarts) {
    const int64_t found_us = FirstInstantUs(absl::CivilSecond(expected.day), Zone(expected.zone));
    EXPECT_EQ(Shown(found_us), expected.first_instant)
        << expected.zone << " " << absl::FormatCivilTime(expected.day);
  }
}

TEST(CalendarTest, Rule11DaysOfADstChangeHave23Or25Hours) {
  const auto spring = Resolve(kDay, "2024-03-30 23:00", "2024-03-31 22:00", "Europe/Berlin");
  ASSERT_EQ(spring.size(), 1u);
  EXPECT_FALSE(spring[0].is_partial);
  const auto autumn = Resolve(kDay, "2024-10-26 22:00", "2024-10-27 23:00", "Europe/Berlin");
  ASSERT_EQ(autumn.size(), 1u);
  EXPECT_FALSE(autumn[0].is_partial);
}

// At 00:01 the clock went back to 23:01 of the day before: the day that had begun goes on.
TEST(CalendarTest, Rule11AClockSetBackOverMidnightDoesNotReopenTheDay) {
  const auto intervals = Resolve(kDay, "2006-10-29 02:40", "2006-10-31 03:30", "America/St_Johns");
  ASSERT_EQ(intervals.size(), 2u);
  EXPECT_TRUE(intervals[0].is_partial);
  EXPECT_EQ(Shown(intervals[0].end_us), "2006-10-30T03:30:00Z");
  const auto until = Resolve(kDay, "2006-10-28 02:30", "2006-10-29 02:40", "America/St_Johns");
  ASSERT_EQ(until.size(), 2u);
  EXPECT_EQ(Shown(until[1].start_us), "2006-10-29T02:30:00Z");
  EXPECT_TRUE(until[1].is_partial);
}

TEST(CalendarTest, Rule11ADayThatAZoneSkippedIsNoInterval) {
  EXPECT_THAT(LocalStarts(Resolve(kDay, "2011-12-28T10:00Z", "2012-01-01T10:00Z", "Pacific/Apia"),
                          "Pacific/Apia"),
              ElementsAre("2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"));
}

TEST(CalendarTest, IntervalsTileTheRangeInEveryZone) {
  for (const DayStart& at : kDayStarts) {
    for (const TimeSeries& step : {kDay, kWeek, kMonth}) {
      const int64_t middle_us = Us(at.first_instant);
      const InstantRange range = {middle_us - 40 * int64_t{86'400'000'000} - 7,
                                  middle_us + 40 * int64_t{86'400'000'000} + 9};
      const auto intervals = ResolveIntervals(Request(step, at.zone), range).value();
      ASSERT_FALSE(intervals.empty());
      EXPECT_EQ(intervals.front().start_us, range.from_us);
      EXPECT_EQ(intervals.back().end_us, range.to_us);
      for (size_t i = 0; i < intervals.size(); ++i) {
        EXPECT_LT(intervals[i].start_us, intervals[i].end_us);
        if (i > 0) {
          EXPECT_EQ(intervals[i].start_us, intervals[i - 1].end_us);
        }
        const bool outer = i == 0 || i + 1 == intervals.size();
        EXPECT_EQ(intervals[i].is_partial, outer) << at.zone << " " << i;
      }
    }
  }
}

TEST(CalendarTest, Rule13WeeksBeginOnTheSelectedDay) {
  EXPECT_THAT(LocalStarts(Resolve(kWeek, "2024-01-01", "2024-01-15", "UTC"), "UTC"),
              ElementsAre("2024-01-01", "2024-01-08"));
  EXPECT_THAT(LocalStarts(Resolve(kWeek, "2024-01-01", "2024-01-14", "UTC", 7), "UTC"),
              ElementsAre("2024-01-01*", "2024-01-07"));
}

TEST(CalendarTest, Rule13SeveralDaysCountFrom1970) {
  const TimeSeries three = {.unit = CalendarUnit::kDay, .count = 3};
  EXPECT_THAT(LocalStarts(Resolve(three, "1969-12-26", "1970-01-05", "UTC"), "UTC"),
              ElementsAre("1969-12-26", "1969-12-29", "1970-01-01", "1970-01-04*"));
}

TEST(CalendarTest, Rule13SeveralWeeksCountFromTheFirstWeekStartOf2000) {
  const TimeSeries two = {.unit = CalendarUnit::kWeek, .count = 2};
  EXPECT_THAT(LocalStarts(Resolve(two, "1999-12-20", "2000-01-31", "UTC"), "UTC"),
              ElementsAre("1999-12-20", "2000-01-03", "2000-01-17"));
  EXPECT_THAT(LocalStarts(Resolve(two, "2000-01-01", "2000-01-29", "UTC", 6), "UTC"),
              ElementsAre("2000-01-01", "2000-01-15"));
}

TEST(CalendarTest, Rule13SeveralMonthsDivideTheMonthsSinceYearZero) {
  const TimeSeries five = {.unit = CalendarUnit::kMonth, .count = 5};
  // 2024-01 is month 24,288 = 5 * 4,857 + 3.
  EXPECT_THAT(LocalStarts(Resolve(five, "2023-10-01", "2024-08-01", "UTC"), "UTC"),
              ElementsAre("2023-10-01", "2024-03-01"));
}

TEST(CalendarTest, Rule14IntervalsAreCutAtTheRangeAndFlagged) {
  const auto intervals = Resolve(kMonth, "2024-01-15 12:00", "2024-03-02", "UTC");
  ASSERT_EQ(intervals.size(), 3u);
  EXPECT_EQ(Shown(intervals[0].start_us), "2024-01-15T12:00:00Z");
  EXPECT_TRUE(intervals[0].is_partial);
  EXPECT_FALSE(intervals[1].is_partial);
  EXPECT_EQ(Shown(intervals[2].end_us), "2024-03-02T00:00:00Z");
  EXPECT_TRUE(intervals[2].is_partial);
}

TEST(CalendarTest, BordersAreStartsAndTheLastEnd) {
  const auto intervals = Resolve(kDay, "2024-01-01", "2024-01-03", "UTC");
  EXPECT_THAT(BordersOf(intervals),
              ElementsAre(Us("2024-01-01"), Us("2024-01-02"), Us("2024-01-03")));
  EXPECT_TRUE(BordersOf({}).empty());
}

TEST(CalendarTest, TheLargestNumberOfIntervalsIsAllowedAndOneMoreIsNot) {
  const int64_t from_us = Us("1800-01-01");
  const int64_t day_us = 86'400'000'000;
  const InstantRange fits = {from_us, from_us + 100'000 * day_us};
  EXPECT_EQ(ResolveIntervals(Request(kDay, "UTC"), fits)->size(), 100'000u);
  const InstantRange too_long = {from_us, from_us + 100'000 * day_us + 1};
  const auto refused = ResolveIntervals(Request(kDay, "UTC"), too_long);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("about 100001 intervals; 100000 are allowed"));
}

TEST(CalendarTest, TheWholeOfTimeIsCountedBeforeItIsAllocated) {
  EXPECT_FALSE(ResolveIntervals(Request(kDay, "Asia/Gaza"), InstantRange()).ok());
}

TEST(CalendarTest, TheWholeOfTimeInLongStepsDoesNotOverflow) {
  for (const char* zone : {"UTC", "Asia/Gaza", "Pacific/Apia", "America/Havana"}) {
    for (const CalendarUnit unit :
         {CalendarUnit::kDay, CalendarUnit::kWeek, CalendarUnit::kMonth}) {
      const TimeSeries step = {.unit = unit, .count = 100'000};
      const auto intervals = ResolveIntervals(Request(step, zone), InstantRange());
      ASSERT_TRUE(intervals.ok()) << intervals.status();
      EXPECT_EQ(intervals->front().start_us, kMinInstantUs);
      EXPECT_EQ(intervals->back().end_us, kMaxInstantUs);
    }
  }
}

TEST(CalendarTest, RefusesAnEmptyRange) {
  const auto refused = ResolveIntervals(Request(kDay, "UTC"), {5, 5});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("must be before"));
  EXPECT_FALSE(ResolveIntervals(Request(kDay, "UTC"), {6, 5}).ok());
}

TEST(CalendarTest, RefusesARangeOutsideOfTheNamedInstants) {
  EXPECT_FALSE(ResolveIntervals(Request(kDay, "UTC"), {INT64_MIN, 0}).ok());
  EXPECT_FALSE(ResolveIntervals(Request(kDay, "UTC"), {0, INT64_MAX}).ok());
}

TEST(CalendarTest, ASeriesIsNamedAsItIsWritten) {
  EXPECT_EQ(SeriesName({}), "all");
  EXPECT_EQ(SeriesName(kWeek), "week");
  EXPECT_EQ(SeriesName({.unit = CalendarUnit::kMonth, .count = 2}), "2 month");
}

TEST(CalendarTest, RefusesACountBelowOneOrAboveTheLimit) {
  for (const int count : {0, -1, 100'001, INT_MAX, INT_MIN}) {
    const TimeSeries step = {.unit = CalendarUnit::kDay, .count = count};
    EXPECT_FALSE(ResolveIntervals(Request(step, "UTC"), {0, 1}).ok()) << count;
  }
}

TEST(CalendarTest, WhatSurelyResolvesDoes) {
  int num_sure = 0;
  for (const std::string_view zone : {"UTC", "America/New_York", "Australia/Lord_Howe"}) {
    for (const CalendarUnit unit : {CalendarUnit::kMinute, CalendarUnit::kHour, CalendarUnit::kDay,
                                    CalendarUnit::kWeek, CalendarUnit::kMonth}) {
      for (const int64_t days : {1, 40, 400, 40'000}) {
        for (const size_t max_intervals : {50u, 500u, 5000u}) {
          SeriesRequest request = Request({.unit = unit}, zone);
          request.max_intervals = max_intervals;
          const InstantRange range = {Us("2024-03-01"), Us("2024-03-01") + days * 86'400'000'000};
          if (!SurelyResolves(request, range)) continue;
          EXPECT_TRUE(ResolveIntervals(request, range).ok());
          ++num_sure;
        }
      }
    }
  }
  EXPECT_GT(num_sure, 20);
}

TEST(CalendarTest, NoRangeThatIsRefusedSurelyResolves) {
  EXPECT_FALSE(SurelyResolves(Request(kDay, "UTC"), {5, 5}));
  EXPECT_FALSE(SurelyResolves(Request(kDay, "UTC"), {INT64_MIN, 0}));
  EXPECT_FALSE(SurelyResolves(Request(kDay, "UTC"), {0, INT64_MAX}));
  EXPECT_FALSE(SurelyResolves(Request({.unit = CalendarUnit::kDay, .count = 0}, "UTC"), {0, 1}));
}

/// Of 4, 4 and 5 weeks from 2024-01-01 on, in UTC.
TimeSeries FourFourFive(std::vector<std::string> labels = {}) {
  auto calendar = std::make_shared<PeriodCalendar>();
  calendar->name = "fiscal";
  for (const char* border : {"2024-01-01", "2024-01-29", "2024-02-26", "2024-04-01"}) {
    calendar->borders_us.push_back(Us(std::string(border) + "T00:00Z"));
  }
  calendar->labels = std::move(labels);
  return {.unit = CalendarUnit::kPeriod, .calendar = std::move(calendar)};
}

TEST(CalendarTest, PeriodsAreThoseOfTheirCalendarCutAtTheRange) {
  EXPECT_THAT(
      LocalStarts(Resolve(FourFourFive(), "2024-01-10T00:00Z", "2024-03-01T00:00Z", "UTC"), "UTC"),
      ElementsAre("2024-01-10*", "2024-01-29", "2024-02-26*"));
  EXPECT_THAT(
      LocalStarts(Resolve(FourFourFive(), "2024-01-29T00:00Z", "2024-02-26T00:00Z", "UTC"), "UTC"),
      ElementsAre("2024-01-29"));
}

TEST(CalendarTest, AllPeriodsOfACalendarMayBeAskedFor) {
  EXPECT_EQ(Resolve(FourFourFive(), "2024-01-01T00:00Z", "2024-04-01T00:00Z", "UTC").size(), 3);
}

TEST(CalendarTest, ARangeBeyondItsCalendarIsRefused) {
  for (const auto& [from, to] : {std::pair("2023-12-31T23:59Z", "2024-02-01T00:00Z"),
                                 std::pair("2024-02-01T00:00Z", "2024-04-01T00:01Z")}) {
    const auto intervals = ResolveIntervals(Request(FourFourFive(), "UTC"), {Us(from), Us(to)});
    EXPECT_EQ(intervals.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(intervals.status().message()),
                HasSubstr("not within calendar 'fiscal'; allowed: from 2024-01-01T00:00:00+00:00 "
                          "to 2024-04-01T00:00:00+00:00"));
  }
}

TEST(CalendarTest, PeriodsAreLimitedAsIntervalsAre) {
  SeriesRequest request = Request(FourFourFive(), "UTC");
  request.max_intervals = 2;
  const InstantRange range = {Us("2024-01-01T00:00Z"), Us("2024-04-01T00:00Z")};
  EXPECT_THAT(std::string(ResolveIntervals(request, range).status().message()),
              HasSubstr("about 3 intervals; 2 are allowed"));
}

TEST(CalendarTest, ACalendarIsNeitherCountedNorRolling) {
  TimeSeries two = FourFourFive();
  two.count = 2;
  EXPECT_FALSE(CheckSeries(two).ok());
  TimeSeries rolling = FourFourFive();
  rolling.is_rolling = true;
  EXPECT_FALSE(CheckSeries(rolling).ok());
  EXPECT_TRUE(CheckSeries(FourFourFive()).ok());
  EXPECT_EQ(SeriesName(FourFourFive()), "fiscal");
}

TEST(CalendarTest, ALabelIsThatOfThePeriodThatHoldsTheInstant) {
  const TimeSeries series = FourFourFive({"P1", "", "P3"});
  EXPECT_EQ(PeriodLabel(*series.calendar, Us("2024-01-01T00:00Z")), "P1");
  EXPECT_EQ(PeriodLabel(*series.calendar, Us("2024-01-29T00:00Z")), "");
  EXPECT_EQ(PeriodLabel(*series.calendar, Us("2024-04-01T00:00Z") - 1), "P3");
  EXPECT_EQ(PeriodLabel(*FourFourFive().calendar, Us("2024-01-01T00:00Z")), "");
}

TEST(CalendarTest, AsManyPeriodsBeforeARangeOfWholeOnes) {
  const PeriodCalendar& calendar = *FourFourFive().calendar;
  const auto before = [&](const char* from, const char* to) {
    return PeriodsBefore(calendar, {Us(from), Us(to)});
  };
  EXPECT_EQ(before("2024-02-26T00:00Z", "2024-04-01T00:00Z"),
            (InstantRange{Us("2024-01-29T00:00Z"), Us("2024-02-26T00:00Z")}));
  // A range that begins or ends within a period is not made up of any.
  EXPECT_EQ(before("2024-01-29T00:00Z", "2024-02-27T00:00Z"), std::nullopt);
  EXPECT_EQ(before("2024-01-30T00:00Z", "2024-02-26T00:00Z"), std::nullopt);
}

TEST(CalendarTest, WholePeriodsAreCountedInARangeAndBeforeIt) {
  const PeriodCalendar& calendar = *FourFourFive().calendar;
  const auto whole = WholePeriodsOf(calendar, {Us("2024-01-29T00:00Z"), Us("2024-04-01T00:00Z")});
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(whole->count, 2);
  EXPECT_EQ(whole->count_before, 1);
  EXPECT_EQ(WholePeriodsOf(calendar, {Us("2024-02-26T00:00Z"), Us("2024-04-02T00:00Z")}),
            std::nullopt);
}

TEST(CalendarTest, WhereARangeIsBeyondACalendarIsToldInTheZoneOfTheRequest) {
  const InstantRange range = {Us("2023-12-31T00:00Z"), Us("2024-02-01T00:00Z")};
  const auto intervals = ResolveIntervals(Request(FourFourFive(), "Europe/Berlin"), range);
  EXPECT_THAT(std::string(intervals.status().message()),
              HasSubstr("the range from 2023-12-31T01:00:00+01:00 to 2024-02-01T01:00:00+01:00"));
}

}  // namespace
}  // namespace sextant
