#include "compute/plan/relative_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "compute/plan/error_detail.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

absl::TimeZone Zone(std::string_view name) { return FindTimeZone(name).value(); }

/// What `text` becomes when it is `now` in `zone`, in local time.
std::string Became(std::string_view text, std::string_view now, std::string_view zone,
                   int week_start = 1) {
  const RangeClock clock = {Zone(zone), ParseTimestampTzUs(now, Zone(zone)).value(), week_start};
  const absl::StatusOr<int64_t> instant_us = ParseRangeEndUs(text, clock, "from");
  if (!instant_us.ok()) return std::string(instant_us.status().message());
  return FormatInstant(*instant_us, clock.time_zone);
}

TEST(RelativeTimeTest, Rule15NowIsTheInstantOfTheSnapshot) {
  EXPECT_EQ(Became("now", "2024-05-15T12:34:56.789Z", "UTC"), "2024-05-15T12:34:56.789+00:00");
}

TEST(RelativeTimeTest, Rule15UnitsBeginInTheZone) {
  // A Wednesday; in Kathmandu it is Thursday already.
  constexpr char kNow[] = "2024-05-15T20:00:00Z";
  EXPECT_EQ(Became("today", kNow, "UTC"), "2024-05-15T00:00:00+00:00");
  EXPECT_EQ(Became("today", kNow, "Asia/Kathmandu"), "2024-05-16T00:00:00+05:45");
  EXPECT_EQ(Became("yesterday", kNow, "Asia/Kathmandu"), "2024-05-15T00:00:00+05:45");
  EXPECT_EQ(Became("this_day", kNow, "UTC"), "2024-05-15T00:00:00+00:00");
  EXPECT_EQ(Became("last_day", kNow, "UTC"), "2024-05-14T00:00:00+00:00");
  EXPECT_EQ(Became("this_month", kNow, "UTC"), "2024-05-01T00:00:00+00:00");
  EXPECT_EQ(Became("last_month", kNow, "UTC"), "2024-04-01T00:00:00+00:00");
  EXPECT_EQ(Became("this_quarter", kNow, "UTC"), "2024-04-01T00:00:00+00:00");
  EXPECT_EQ(Became("last_quarter", kNow, "UTC"), "2024-01-01T00:00:00+00:00");
  EXPECT_EQ(Became("this_year", kNow, "UTC"), "2024-01-01T00:00:00+00:00");
  EXPECT_EQ(Became("last_year", kNow, "UTC"), "2023-01-01T00:00:00+00:00");
}

TEST(RelativeTimeTest, Rule15TheLastUnitMayBeInTheYearBefore) {
  EXPECT_EQ(Became("last_month", "2024-01-31", "UTC"), "2023-12-01T00:00:00+00:00");
  EXPECT_EQ(Became("last_quarter", "2024-03-31", "UTC"), "2023-10-01T00:00:00+00:00");
  EXPECT_EQ(Became("yesterday", "2024-03-01", "UTC"), "2024-02-29T00:00:00+00:00");
}

TEST(RelativeTimeTest, Rule15WeeksBeginOnTheSelectedDay) {
  EXPECT_EQ(Became("this_week", "2024-05-15", "UTC"), "2024-05-13T00:00:00+00:00");
  EXPECT_EQ(Became("this_week", "2024-05-13", "UTC"), "2024-05-13T00:00:00+00:00");
  EXPECT_EQ(Became("last_week", "2024-05-13", "UTC"), "2024-05-06T00:00:00+00:00");
  EXPECT_EQ(Became("this_week", "2024-05-15", "UTC", 7), "2024-05-12T00:00:00+00:00");
  EXPECT_EQ(Became("this_week", "2024-05-15", "UTC", 4), "2024-05-09T00:00:00+00:00");
}

TEST(RelativeTimeTest, Rule11AStartIsTheFirstInstantOfItsDay) {
  // Midnight is skipped, then repeated.
  EXPECT_EQ(Became("today", "2024-03-10 12:00", "America/Havana"), "2024-03-10T01:00:00-04:00");
  EXPECT_EQ(Became("today", "2024-11-03 12:00", "America/Havana"), "2024-11-03T00:00:00-04:00");
}

TEST(RelativeTimeTest, Rule15ALengthIsSubtractedAsPostgresDoes) {
  EXPECT_EQ(Became("-15min", "2024-05-15 12:00", "UTC"), "2024-05-15T11:45:00+00:00");
  EXPECT_EQ(Became("-12h", "2024-03-31 12:00", "Europe/Berlin"), "2024-03-30T23:00:00+01:00");
  EXPECT_EQ(Became("-1d", "2024-03-31 12:00", "Europe/Berlin"), "2024-03-30T12:00:00+01:00");
  EXPECT_EQ(Became("-2w", "2024-05-15 12:00", "UTC"), "2024-05-01T12:00:00+00:00");
  EXPECT_EQ(Became("-3mo", "2024-05-31 12:00", "UTC"), "2024-02-29T12:00:00+00:00");
  EXPECT_EQ(Became("-1y", "2024-02-29 12:00", "UTC"), "2023-02-28T12:00:00+00:00");
  EXPECT_EQ(Became("-0d", "2024-02-29 12:00", "UTC"), "2024-02-29T12:00:00+00:00");
}

TEST(RelativeTimeTest, CaseAndBlanksAroundDoNotMatter) {
  EXPECT_EQ(Became("  This_Month ", "2024-05-15", "UTC"), "2024-05-01T00:00:00+00:00");
  EXPECT_EQ(Became("-3MO", "2024-05-31 12:00", "UTC"), "2024-02-29T12:00:00+00:00");
}

TEST(RelativeTimeTest, DatesAndTimesAreReadAsBefore) {
  EXPECT_EQ(Became("2024-01-01", "2024-05-15", "Europe/Berlin"), "2024-01-01T00:00:00+01:00");
  EXPECT_EQ(Became("2024-01-01T10:00:00Z", "2024-05-15", "UTC"), "2024-01-01T10:00:00+00:00");
}

TEST(RelativeTimeTest, RefusesWhatIsNoTimeAndSaysWhatIs) {
  for (const char* text :
       {"tomorrow",   "last_decade", "this",       "this_", "-",    "-30",       "-d",
        "-5m",        "-1.5d",       "--1d",       "- 1d",  "-1 d", "-1234567d", "-99999999999999d",
        "next_month", "infinity",    "last month", "now()", "-1dd", "-1d2h"}) {
    const std::string message = Became(text, "2024-05-15", "UTC");
    EXPECT_THAT(message, HasSubstr("is not a date or time; allowed: now, today")) << text;
  }
  for (const char* text : {"", "+1d", "30d", "12:00", "2024-02-30", "31.01.2024"}) {
    EXPECT_THAT(Became(text, "2024-05-15", "UTC"), HasSubstr("is not a date or time")) << text;
    EXPECT_THAT(Became(text, "2024-05-15", "UTC"), HasSubstr("relative to now")) << text;
  }
}

TEST(RelativeTimeTest, AnErrorNamesWhatIsNear) {
  const RangeClock clock = {absl::UTCTimeZone(), 0, 1};
  const auto refused = ParseRangeEndUs("last_quartr", clock, "time_range.from");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(DetailOf(refused.status())->field, "time_range.from");
  EXPECT_THAT(DetailOf(refused.status())->nearest, Contains("last_quarter"));
  const auto length = ParseRangeEndUs("-5m", clock, "time_range.from");
  EXPECT_THAT(DetailOf(length.status())->nearest, Contains("-5mo"));
  EXPECT_THAT(std::string(length.status().message()), HasSubstr("did you mean '-5min', '-5mo'?"));
}

TEST(RelativeTimeTest, ACountOfTooManyDigitsIsNotOfferedAgain) {
  const RangeClock clock = {absl::UTCTimeZone(), 0, 1};
  const auto refused = ParseRangeEndUs("-99999999y", clock, "time_range.from");
  const std::string message(refused.status().message());
  EXPECT_THAT(message, HasSubstr("of at most 6 digits"));
  EXPECT_THAT(message, Not(HasSubstr("did you mean")));
  EXPECT_THAT(DetailOf(refused.status())->nearest, IsEmpty());
}

TEST(RelativeTimeTest, RefusesInstantsThatCannotBeNamed) {
  EXPECT_THAT(Became("-999999y", "2024-05-15", "UTC"), HasSubstr("outside of the years 4714 BC"));
  EXPECT_THAT(Became("-7000y", "2024-05-15", "UTC"), HasSubstr("outside of the years 4714 BC"));
}

}  // namespace
}  // namespace sextant
