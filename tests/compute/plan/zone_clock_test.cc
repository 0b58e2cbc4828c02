#include "compute/plan/zone_clock.h"

#include <gtest/gtest.h>

#include <string_view>

#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

absl::TimeZone Zone(std::string_view name) { return FindTimeZone(name).value(); }
int64_t Us(std::string_view text) { return ParseTimestampTzUs(text, absl::UTCTimeZone()).value(); }

int64_t OffsetUs(const absl::TimeZone& zone, int64_t instant_us) {
  return int64_t{zone.At(absl::FromUnixMicros(instant_us)).offset} * 1'000'000;
}

constexpr std::string_view kZones[] = {
    "UTC",          "Europe/Berlin", "America/Havana",  "Australia/Lord_Howe", "Asia/Kathmandu",
    "Pacific/Apia", "Asia/Gaza",     "Africa/Monrovia", "Africa/Casablanca",   "America/New_York",
    "Asia/Manila",  "Europe/Dublin", "Africa/Cairo",    "America/Juneau",      "Antarctica/Troll"};

TEST(ZoneClockTest, EachStretchHasTheOffsetOfItsZone) {
  for (const std::string_view name : kZones) {
    SCOPED_TRACE(name);
    const absl::TimeZone zone = Zone(name);
    ZoneClock clock(zone, Us("1840-01-01"));
    while (clock.end_us() < Us("2100-01-01")) {
      ASSERT_LT(clock.start_us(), clock.end_us());
      ASSERT_EQ(OffsetUs(zone, clock.start_us()), clock.offset_us());
      ASSERT_EQ(OffsetUs(zone, clock.end_us() - 1), clock.offset_us());
      clock.Advance();
    }
  }
}

TEST(ZoneClockTest, NoChangeOfTheOffsetIsMissed) {
  for (const std::string_view name : kZones) {
    SCOPED_TRACE(name);
    const absl::TimeZone zone = Zone(name);
    ZoneClock clock(zone, Us("1995-01-01"));
    for (int64_t at_us = Us("1995-01-01"); at_us < Us("2015-01-01"); at_us += kDayUs / 24) {
      while (clock.end_us() <= at_us) clock.Advance();
      ASSERT_EQ(OffsetUs(zone, at_us), clock.offset_us()) << at_us;
    }
  }
}

// The table of a zone ends about 400 years after its last change of rules.
TEST(ZoneClockTest, ClocksGoOnChangingInFarYears) {
  for (const char* from : {"2370-01-01", "2405-06-01", "2436-01-01", "2438-12-31", "2800-01-01",
                           "9999-01-01", "294000-01-01"}) {
    for (const std::string_view name : kZones) {
      SCOPED_TRACE(std::string(name) + " " + from);
      const absl::TimeZone zone = Zone(name);
      ZoneClock clock(zone, Us(from));
      for (int64_t at_us = Us(from); at_us < Us(from) + 1200 * kDayUs; at_us += kDayUs / 4) {
        while (clock.end_us() <= at_us) clock.Advance();
        ASSERT_EQ(OffsetUs(zone, at_us), clock.offset_us()) << at_us;
      }
    }
  }
}

TEST(ZoneClockTest, AZoneWithoutRulesHasNoEnd) {
  EXPECT_EQ(ZoneClock(Zone("UTC"), 0).end_us(), INT64_MAX);
  EXPECT_EQ(ZoneClock(Zone("Asia/Kathmandu"), Us("2024-01-01")).end_us(), INT64_MAX);
  EXPECT_EQ(ZoneClock(Zone("Asia/Kathmandu"), Us("9999-01-01")).end_us(), INT64_MAX);
}

TEST(ZoneClockTest, Rule11ALocalTimeIsReachedAtItsFirstInstant) {
  for (const std::string_view name : kZones) {
    SCOPED_TRACE(name);
    const absl::TimeZone zone = Zone(name);
    ZoneClock near(zone, Us("1850-01-01"));
    const absl::CivilDay epoch(1970, 1, 1);
    for (absl::CivilDay day(1850, 2, 1); day < absl::CivilDay(2050, 1, 1); ++day) {
      const int64_t expected_us = FirstInstantUs(absl::CivilSecond(day), zone);
      ASSERT_EQ(near.AdvanceTo((day - epoch) * kDayUs), expected_us) << day;
      ZoneClock far(zone, Us("1840-01-01"));
      ASSERT_EQ(far.AdvanceTo((day - epoch) * kDayUs), expected_us) << day;
    }
  }
}

TEST(ZoneClockTest, ExtremesDoNotOverflow) {
  for (const std::string_view name : kZones) {
    ZoneClock clock(Zone(name), kMinInstantUs);
    EXPECT_LE(clock.AdvanceTo(INT64_MIN), clock.end_us());
    EXPECT_GT(clock.AdvanceTo(kMaxInstantUs + kDayUs), kMaxInstantUs - kDayUs);
  }
}

}  // namespace
}  // namespace sextant
