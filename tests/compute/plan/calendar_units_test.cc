// Rules 11 to 14 for units other than days, for rolling series, and by definition: see also
// calendar_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"
#include "compute/plan/zone_clock.h"

namespace sextant {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kHourUs = 3600 * kSecondUs;

absl::TimeZone Zone(std::string_view name) { return FindTimeZone(name).value(); }

TimeSeries Every(int count, CalendarUnit unit) { return {.unit = unit, .count = count}; }
TimeSeries Rolling(int count, CalendarUnit unit) {
  return {.unit = unit, .count = count, .is_rolling = true};
}

absl::StatusOr<std::vector<ResolvedInterval>> TryResolve(const TimeSeries& series,
                                                         InstantRange range,
                                                         std::string_view zone) {
  return ResolveIntervals(
      {.series = series, .week_start = 1, .time_zone = Zone(zone), .max_intervals = 100'000},
      range);
}

/// The start of each interval of [from, to), local times, as local time with its offset, and "*"
/// if it is partial.
std::vector<std::string> Starts(const TimeSeries& series, std::string_view from,
                                std::string_view to, std::string_view zone) {
  const InstantRange range = {ParseTimestampTzUs(from, Zone(zone)).value(),
                              ParseTimestampTzUs(to, Zone(zone)).value()};
  const auto intervals = TryResolve(series, range, zone);
  EXPECT_TRUE(intervals.ok()) << intervals.status();
  std::vector<std::string> starts;
  for (const ResolvedInterval& interval : intervals.value()) {
    starts.push_back(
        absl::FormatTime("%Y-%m-%d %H:%M%Ez", absl::FromUnixMicros(interval.start_us), Zone(zone)) +
        (interval.is_partial ? "*" : ""));
  }
  return starts;
}

TEST(CalendarUnitsTest, Rule11ARepeatedLocalHourIsTwoIntervals) {
  EXPECT_THAT(
      Starts(Every(1, CalendarUnit::kHour), "2024-10-27T00:00Z", "2024-10-27T03:00Z",
             "Europe/Berlin"),
      ElementsAre("2024-10-27 02:00+02:00", "2024-10-27 02:00+01:00", "2024-10-27 03:00+01:00"));
}

TEST(CalendarUnitsTest, Rule11ASkippedLocalHourIsNoInterval) {
  EXPECT_THAT(
      Starts(Every(1, CalendarUnit::kHour), "2024-03-31T00:00Z", "2024-03-31T03:00Z",
             "Europe/Berlin"),
      ElementsAre("2024-03-31 01:00+01:00", "2024-03-31 03:00+02:00", "2024-03-31 04:00+02:00"));
}

// At 02:00 the clock is set back to 01:30: the hour that began at 01:00 is an hour and a half long.
TEST(CalendarUnitsTest, Rule11LordHoweSetsItsClockByHalfAnHour) {
  EXPECT_THAT(
      Starts(Every(1, CalendarUnit::kHour), "2024-04-06T14:00Z", "2024-04-06T17:30Z",
             "Australia/Lord_Howe"),
      ElementsAre("2024-04-07 01:00+11:00", "2024-04-07 02:00+10:30", "2024-04-07 03:00+10:30"));
  EXPECT_THAT(Starts(Every(30, CalendarUnit::kMinute), "2024-04-06T14:00Z", "2024-04-06T16:00Z",
                     "Australia/Lord_Howe"),
              ElementsAre("2024-04-07 01:00+11:00", "2024-04-07 01:30+11:00",
                          "2024-04-07 01:30+10:30", "2024-04-07 02:00+10:30"));
  // At 02:00 it is set to 02:30, and the hour that has begun is half an hour long.
  EXPECT_THAT(
      Starts(Every(1, CalendarUnit::kHour), "2024-10-05T14:30Z", "2024-10-05T17:00Z",
             "Australia/Lord_Howe"),
      ElementsAre("2024-10-06 01:00+10:30", "2024-10-06 02:30+11:00", "2024-10-06 03:00+11:00"));
}

TEST(CalendarUnitsTest, Rule13MinutesCountFromTheLocalHour) {
  EXPECT_THAT(Starts(Every(20, CalendarUnit::kMinute), "2024-01-01 05:30", "2024-01-01 06:30",
                     "Asia/Kathmandu"),
              ElementsAre("2024-01-01 05:30+05:45*", "2024-01-01 05:40+05:45",
                          "2024-01-01 06:00+05:45", "2024-01-01 06:20+05:45*"));
}

TEST(CalendarUnitsTest, Rule13HoursCountFromMidnight) {
  EXPECT_THAT(
      Starts(Every(8, CalendarUnit::kHour), "2024-01-01", "2024-01-02 00:00", "America/St_Johns"),
      ElementsAre("2024-01-01 00:00-03:30", "2024-01-01 08:00-03:30", "2024-01-01 16:00-03:30"));
}

TEST(CalendarUnitsTest, Rule13QuartersAndYearsDivideTheMonthsSinceYearZero) {
  EXPECT_THAT(
      Starts(Every(1, CalendarUnit::kQuarter), "2024-02-10", "2024-08-01", "UTC"),
      ElementsAre("2024-02-10 00:00+00:00*", "2024-04-01 00:00+00:00", "2024-07-01 00:00+00:00*"));
  // 2024 is quarter 8096 = 3 * 2698 + 2.
  EXPECT_THAT(Starts(Every(3, CalendarUnit::kQuarter), "2024-01-01", "2025-01-01", "UTC"),
              ElementsAre("2024-01-01 00:00+00:00*", "2024-04-01 00:00+00:00"));
  EXPECT_THAT(Starts(Every(1, CalendarUnit::kYear), "2023-01-01", "2025-01-01", "Pacific/Apia"),
              ElementsAre("2023-01-01 00:00+13:00", "2024-01-01 00:00+13:00"));
  EXPECT_THAT(Starts(Every(5, CalendarUnit::kYear), "2020-01-01", "2030-01-01", "UTC"),
              ElementsAre("2020-01-01 00:00+00:00", "2025-01-01 00:00+00:00"));
}

TEST(CalendarUnitsTest, Rule13MinutesAndHoursMustDivideWhatHoldsThem) {
  for (const int minutes : {1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60}) {
    EXPECT_EQ(CheckSeries(Every(minutes, CalendarUnit::kMinute)), absl::OkStatus()) << minutes;
  }
  for (const int minutes : {7, 8, 9, 11, 45, 59, 61, 90, 120}) {
    const absl::Status refused = CheckSeries(Every(minutes, CalendarUnit::kMinute));
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << minutes;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("12, 15, 20, 30 or 60 minutes"));
  }
  for (const int hours : {1, 2, 3, 4, 6, 8, 12, 24}) {
    EXPECT_EQ(CheckSeries(Every(hours, CalendarUnit::kHour)), absl::OkStatus()) << hours;
  }
  for (const int hours : {5, 7, 9, 16, 36, 48}) {
    const absl::Status refused = CheckSeries(Every(hours, CalendarUnit::kHour));
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << hours;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("8, 12 or 24 hours"));
  }
}

TEST(CalendarUnitsTest, AllIsOneOfAKind) {
  EXPECT_EQ(CheckSeries({}), absl::OkStatus());
  EXPECT_FALSE(CheckSeries(Every(2, CalendarUnit::kAll)).ok());
  EXPECT_FALSE(CheckSeries(Rolling(1, CalendarUnit::kAll)).ok());
}

TEST(CalendarUnitsTest, RollingDaysKeepTheLocalTimeOfDay) {
  EXPECT_THAT(
      Starts(Rolling(1, CalendarUnit::kDay), "2024-03-30 15:30", "2024-04-02 12:00",
             "Europe/Berlin"),
      ElementsAre("2024-03-30 15:30+01:00", "2024-03-31 15:30+02:00", "2024-04-01 15:30+02:00*"));
  EXPECT_THAT(Starts(Rolling(2, CalendarUnit::kWeek), "2024-03-20", "2024-04-17", "UTC"),
              ElementsAre("2024-03-20 00:00+00:00", "2024-04-03 00:00+00:00"));
}

TEST(CalendarUnitsTest, Rule11ARollingBorderThatIsSkippedOrRepeatedIsTheFirstInstant) {
  EXPECT_THAT(Starts(Rolling(1, CalendarUnit::kDay), "2024-03-30 02:30", "2024-04-01 02:30",
                     "Europe/Berlin"),
              ElementsAre("2024-03-30 02:30+01:00", "2024-03-31 03:00+02:00"));
  EXPECT_THAT(Starts(Rolling(1, CalendarUnit::kDay), "2024-10-26 02:30", "2024-10-28 02:30",
                     "Europe/Berlin"),
              ElementsAre("2024-10-26 02:30+02:00", "2024-10-27 02:30+02:00"));
  // The second half past two of its day.
  EXPECT_THAT(Starts(Rolling(1, CalendarUnit::kDay), "2024-10-27T01:30Z", "2024-10-29 02:30",
                     "Europe/Berlin"),
              ElementsAre("2024-10-27 02:30+01:00", "2024-10-28 02:30+01:00"));
}

TEST(CalendarUnitsTest, RollingMonthsEndInShortMonthsAndComeBack) {
  EXPECT_THAT(Starts(Rolling(1, CalendarUnit::kMonth), "2024-01-31", "2024-05-31", "UTC"),
              ElementsAre("2024-01-31 00:00+00:00", "2024-02-29 00:00+00:00",
                          "2024-03-31 00:00+00:00", "2024-04-30 00:00+00:00"));
  EXPECT_THAT(
      Starts(Rolling(1, CalendarUnit::kYear), "2024-02-29", "2027-01-01", "UTC"),
      ElementsAre("2024-02-29 00:00+00:00", "2025-02-28 00:00+00:00", "2026-02-28 00:00+00:00*"));
  EXPECT_THAT(Starts(Rolling(1, CalendarUnit::kQuarter), "2023-11-30", "2024-05-30", "UTC"),
              ElementsAre("2023-11-30 00:00+00:00", "2024-02-29 00:00+00:00"));
}

TEST(CalendarUnitsTest, RollingHoursAndMinutesAreElapsedTime) {
  EXPECT_THAT(
      Starts(Rolling(5, CalendarUnit::kHour), "2024-03-30 23:00", "2024-03-31 12:00",
             "Europe/Berlin"),
      ElementsAre("2024-03-30 23:00+01:00", "2024-03-31 05:00+02:00", "2024-03-31 10:00+02:00*"));
  EXPECT_THAT(
      Starts(Rolling(45, CalendarUnit::kMinute), "2024-01-01 00:10", "2024-01-01 01:40", "UTC"),
      ElementsAre("2024-01-01 00:10+00:00", "2024-01-01 00:55+00:00"));
}

TEST(CalendarUnitsTest, ARollingDayThatAZoneSkippedIsNoInterval) {
  EXPECT_THAT(Starts(Rolling(1, CalendarUnit::kDay), "2011-12-28", "2012-01-02", "Pacific/Apia"),
              ElementsAre("2011-12-28 00:00-10:00", "2011-12-29 00:00-10:00",
                          "2011-12-31 00:00+14:00", "2012-01-01 00:00+14:00"));
}

TEST(CalendarUnitsTest, ASeriesIsNamedAsItIsWritten) {
  EXPECT_EQ(SeriesName(Every(15, CalendarUnit::kMinute)), "15 minute");
  EXPECT_EQ(SeriesName(Every(1, CalendarUnit::kQuarter)), "quarter");
  EXPECT_EQ(SeriesName(Rolling(7, CalendarUnit::kDay)), "rolling 7 day");
  EXPECT_EQ(SeriesName(Rolling(1, CalendarUnit::kYear)), "rolling year");
}

TEST(CalendarUnitsTest, ManyIntervalsAreCountedBeforeTheyAreAllocated) {
  for (const CalendarUnit unit : {CalendarUnit::kMinute, CalendarUnit::kHour}) {
    for (const bool is_rolling : {false, true}) {
      const TimeSeries series = {.unit = unit, .count = 1, .is_rolling = is_rolling};
      EXPECT_FALSE(TryResolve(series, InstantRange(), "Asia/Gaza").ok());
      const int64_t step_us = unit == CalendarUnit::kMinute ? kHourUs / 60 : kHourUs;
      const auto fits = TryResolve(series, {0, 100'000 * step_us}, "UTC");
      ASSERT_TRUE(fits.ok()) << fits.status();
      EXPECT_EQ(fits->size(), 100'000u);
      EXPECT_FALSE(TryResolve(series, {0, 100'000 * step_us + 1}, "UTC").ok());
    }
  }
}

TEST(CalendarUnitsTest, TheEndsOfTimeDoNotOverflow) {
  for (const char* zone : {"UTC", "Asia/Gaza", "Pacific/Apia", "America/Havana"}) {
    for (const CalendarUnit unit : {CalendarUnit::kMinute, CalendarUnit::kHour, CalendarUnit::kDay,
                                    CalendarUnit::kQuarter, CalendarUnit::kYear}) {
      for (const bool is_rolling : {false, true}) {
        const TimeSeries series = {.unit = unit, .count = 1, .is_rolling = is_rolling};
        for (const InstantRange range :
             {InstantRange{kMinInstantUs, kMinInstantUs + 50 * kHourUs},
              InstantRange{kMaxInstantUs - 50 * kHourUs, kMaxInstantUs}}) {
          const auto intervals = TryResolve(series, range, zone);
          ASSERT_TRUE(intervals.ok()) << intervals.status();
          EXPECT_EQ(intervals->front().start_us, range.from_us);
          EXPECT_EQ(intervals->back().end_us, range.to_us);
        }
      }
    }
  }
}

/// The borders of minutes or hours in [from_us, to_us), second by second: where the local time is a
/// border, or jumped over one.
std::vector<int64_t> BordersByDefinition(int64_t step_us, InstantRange range,
                                         const absl::TimeZone& zone) {
  const auto local_us = [&](int64_t instant_us, int64_t offset_of_us) {
    return instant_us + int64_t{zone.At(absl::FromUnixMicros(offset_of_us)).offset} * kSecondUs;
  };
  std::vector<int64_t> borders;
  for (int64_t at_us = range.from_us; at_us < range.to_us; at_us += kSecondUs) {
    const int64_t reached_us = local_us(at_us, at_us);
    const int64_t expected_us = local_us(at_us, at_us - 1);
    bool is_border = reached_us % step_us == 0;
    for (int64_t skipped_us = expected_us; skipped_us < reached_us; skipped_us += kSecondUs) {
      is_border = is_border || skipped_us % step_us == 0;
    }
    if (is_border) borders.push_back(at_us);
  }
  return borders;
}

TEST(CalendarUnitsTest, Rule11MinutesAndHoursBeginWhereTheDefinitionSaysAroundEveryChange) {
  const std::vector<TimeSeries> all = {
      Every(1, CalendarUnit::kMinute),  Every(15, CalendarUnit::kMinute),
      Every(60, CalendarUnit::kMinute), Every(1, CalendarUnit::kHour),
      Every(3, CalendarUnit::kHour),    Every(24, CalendarUnit::kHour)};
  for (const char* name :
       {"Europe/Berlin", "America/New_York", "Africa/Monrovia", "Australia/Lord_Howe",
        "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Europe/Dublin"}) {
    const absl::TimeZone zone = Zone(name);
    ZoneClock clock(zone, ParseTimestampTzUs("1880-01-01", zone).value());
    for (int changes = 0; changes < 400; ++changes) {
      if (clock.end_us() > ParseTimestampTzUs("2026-01-01", zone).value()) break;
      const int64_t change_us = clock.end_us();
      clock.Advance();
      const bool is_odd = change_us % (900 * kSecondUs) != 0;
      if (!is_odd && changes % 20 != 0) continue;  // every odd one, some of the others
      const InstantRange range = {change_us - 3 * kHourUs - 11 * kSecondUs,
                                  change_us + 3 * kHourUs};
      for (const TimeSeries& series : all) {
        const int64_t unit_us = series.unit == CalendarUnit::kHour ? kHourUs : kHourUs / 60;
        std::vector<int64_t> expected = BordersByDefinition(series.count * unit_us, range, zone);
        if (expected.empty() || expected.front() != range.from_us) {
          expected.insert(expected.begin(), range.from_us);
        }
        expected.push_back(range.to_us);
        EXPECT_EQ(BordersOf(TryResolve(series, range, name).value()), expected)
            << name << " " << FormatInstant(change_us, zone) << " " << SeriesName(series);
      }
    }
  }
}

}  // namespace
}  // namespace sextant
