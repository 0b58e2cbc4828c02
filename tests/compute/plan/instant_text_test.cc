#include "compute/plan/instant_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "compute/plan/calendar.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using testing::HasSubstr;

std::string Postgres(std::string_view text, std::string_view zone) {
  const auto instant = ParseTimestampTzUs(text, *FindTimeZone(zone));
  return instant.ok() ? FormatInstant(*instant, absl::UTCTimeZone())
                      : std::string(instant.status().message());
}

std::string RangeEnd(std::string_view text, std::string_view zone) {
  const auto instant = ParseRangeInstantUs(text, *FindTimeZone(zone));
  return instant.ok() ? FormatInstant(*instant, absl::UTCTimeZone())
                      : std::string(instant.status().message());
}

TEST(InstantTextTest, ReadsRfc3339) {
  EXPECT_EQ(RangeEnd("2024-01-31T10:00:00Z", "Asia/Tokyo"), "2024-01-31T10:00:00+00:00");
  EXPECT_EQ(RangeEnd("2024-01-31t10:00:00.25+05:45", "UTC"), "2024-01-31T04:15:00.25+00:00");
  EXPECT_EQ(RangeEnd("2024-01-31 10:00:00-0330", "UTC"), "2024-01-31T13:30:00+00:00");
  EXPECT_EQ(RangeEnd("2024-01-31 10:00+02", "UTC"), "2024-01-31T08:00:00+00:00");
}

TEST(InstantTextTest, Rule15ATextWithoutZoneIsLocal) {
  EXPECT_EQ(RangeEnd("2024-07-01", "Europe/Berlin"), "2024-06-30T22:00:00+00:00");
  EXPECT_EQ(RangeEnd("2024-07-01 00:30", "Europe/Berlin"), "2024-06-30T22:30:00+00:00");
  EXPECT_EQ(RangeEnd("2024-07-01 12:34:56.789012", "Asia/Kathmandu"),
            "2024-07-01T06:49:56.789012+00:00");
}

TEST(InstantTextTest, Rule11ADateIsTheFirstInstantOfTheLocalDay) {
  EXPECT_EQ(RangeEnd("2024-11-03", "America/Havana"), "2024-11-03T04:00:00+00:00");
  EXPECT_EQ(RangeEnd("2024-03-10", "America/Havana"), "2024-03-10T05:00:00+00:00");
  EXPECT_EQ(RangeEnd("2011-12-30", "Pacific/Apia"), "2011-12-30T10:00:00+00:00");
}

// select timestamptz '...' of PostgreSQL 15 in that session zone.
TEST(InstantTextTest, Rule15RepeatedAndSkippedLocalTimesAreReadAsPostgresDoes) {
  EXPECT_EQ(Postgres("2024-10-27 02:30", "Europe/Berlin"), "2024-10-27T01:30:00+00:00");
  EXPECT_EQ(Postgres("2024-03-31 02:30", "Europe/Berlin"), "2024-03-31T01:30:00+00:00");
  EXPECT_EQ(Postgres("2024-11-03", "America/Havana"), "2024-11-03T05:00:00+00:00");
  EXPECT_EQ(Postgres("2024-03-10", "America/Havana"), "2024-03-10T05:00:00+00:00");
  EXPECT_EQ(Postgres("2011-12-30", "Pacific/Apia"), "2011-12-30T10:00:00+00:00");
}

TEST(InstantTextTest, CarriesOverAndRoundsAsPostgresDoes) {
  EXPECT_EQ(Postgres("2024-02-28 24:00", "UTC"), "2024-02-29T00:00:00+00:00");
  EXPECT_EQ(Postgres("2016-12-31 23:59:60", "UTC"), "2017-01-01T00:00:00+00:00");
  EXPECT_EQ(Postgres("2024-01-01 00:00:00.1234565", "UTC"), "2024-01-01T00:00:00.123456+00:00");
  EXPECT_EQ(Postgres("2024-01-01 23:59:59.9999999", "UTC"), "2024-01-02T00:00:00+00:00");
}

// select timestamptz '...' of PostgreSQL 15.
TEST(InstantTextTest, MoreThanTwoDigitsOfAnOffsetEndWithItsMinutes) {
  EXPECT_EQ(Postgres("2024-01-01 00:00:00+0015", "UTC"), "2023-12-31T23:45:00+00:00");
  EXPECT_EQ(Postgres("2024-01-01 00:00:00+0030", "UTC"), "2023-12-31T23:30:00+00:00");
  EXPECT_EQ(Postgres("2024-01-01 00:00:00+005", "UTC"), "2023-12-31T23:55:00+00:00");
  EXPECT_EQ(Postgres("2024-01-01 00:00:00+130", "UTC"), "2023-12-31T22:30:00+00:00");
  EXPECT_EQ(Postgres("2024-01-01 00:00:00-0000", "UTC"), "2024-01-01T00:00:00+00:00");
  EXPECT_EQ(Postgres("2024-01-01 00:00:00+5", "UTC"), "2023-12-31T19:00:00+00:00");
}

TEST(InstantTextTest, ReadsYearsBeforeChrist) {
  EXPECT_EQ(ParseRangeInstantUs("4714-11-24 BC", absl::UTCTimeZone()).value(), kMinInstantUs);
  EXPECT_EQ(ParseRangeInstantUs("0001-01-01 bc", absl::UTCTimeZone()).value(), -62167219200000000);
}

TEST(InstantTextTest, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           " ",
                           "x",
                           "2024",
                           "2024-01",
                           "2024-13-01",
                           "2024-02-30",
                           "2023-02-29",
                           "2024-00-10",
                           "2024-01-00",
                           "24-01-01",
                           "2024-01-01T",
                           "2024-01-01 25:00",
                           "2024-01-01 24:00:01",
                           "2024-01-01 10",
                           "2024-01-01 10:60",
                           "2024-01-01 10:00:61",
                           "2024-01-01 10:00:00.",
                           "2024-01-01 10:00 Europe/Berlin",
                           "2024-01-01 10:00+16",
                           "2024-01-01 10:00+02:60",
                           "2024-01-01 10:00+",
                           "2024-01-01Z",
                           "2024-01-01 BC AD",
                           "2024/01/01",
                           "-2024-01-01",
                           "0000-01-01",
                           "now",
                           "today",
                           "infinity",
                           "1706695200",
                           "9999999-01-01",
                           "2024-01-01\n\n10:00",
                           "2024-01-01 10:00:00,5,5"}) {
    EXPECT_EQ(ParseRangeInstantUs(text, absl::UTCTimeZone()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(InstantTextTest, RefusesInstantsOutsideOfWhatMicrosecondsHold) {
  EXPECT_TRUE(ParseRangeInstantUs("294246-12-31 23:59:59.999999", absl::UTCTimeZone()).ok());
  EXPECT_THAT(RangeEnd("294247-01-01 00:00:00.000001", "UTC"), HasSubstr("outside of the years"));
  EXPECT_THAT(RangeEnd("294276-12-31", "UTC"), HasSubstr("outside of the years"));
  EXPECT_THAT(RangeEnd("4714-11-23 BC", "UTC"), HasSubstr("outside of the years"));
  EXPECT_THAT(RangeEnd("99999-01-01 BC", "UTC"), HasSubstr("outside of the years"));
}

TEST(InstantTextTest, TheErrorRepeatsTheTextAndSaysWhatIsAllowed) {
  EXPECT_THAT(RangeEnd("31.01.2024", "UTC"), HasSubstr("'31.01.2024' is not a date or time"));
  EXPECT_THAT(RangeEnd("31.01.2024", "UTC"), HasSubstr("'YYYY-MM-DD'"));
  EXPECT_LT(RangeEnd(std::string(1'000'000, '1'), "UTC").size(), 400u);
}

TEST(InstantTextTest, ADateIgnoresTheTimeOfDay) {
  EXPECT_EQ(ParseDateDays("1970-01-02 23:00").value(), 1);
  EXPECT_EQ(ParseDateDays("1970-01-02 24:00").value(), 1);
  EXPECT_EQ(ParseDateDays("1970-01-02 23:59:60").value(), 1);
  EXPECT_EQ(ParseDateDays("1969-12-31").value(), -1);
  EXPECT_FALSE(ParseDateDays("1969-12-32").ok());
}

TEST(InstantTextTest, FormatsWithTheOffsetOfTheZone) {
  EXPECT_EQ(FormatInstant(0, *FindTimeZone("Asia/Kolkata")), "1970-01-01T05:30:00+05:30");
  EXPECT_EQ(FormatInstant(1'500'000, absl::UTCTimeZone()), "1970-01-01T00:00:01.5+00:00");
}

std::string Printed(int64_t instant_us, std::string_view zone) {
  return FormatInstant(instant_us, *FindTimeZone(zone));
}

TEST(InstantTextTest, AnOffsetWithSecondsIsPrintedWithThem) {
  EXPECT_EQ(Printed(-2'670'000'000, "Africa/Monrovia"), "1969-12-31T22:31:00-00:44:30");
  EXPECT_EQ(Printed(-2'208'988'800'000'000, "Europe/Paris"), "1900-01-01T00:09:21+00:09:21");
  EXPECT_EQ(Printed(-5'000'000'000'000'000, "America/New_York"), "1811-07-23T10:10:38-04:56:02");
}

TEST(InstantTextTest, YearsHaveFourDigitsOrMoreAndThoseBeforeChristSaySo) {
  EXPECT_EQ(Printed(-30'610'224'000'000'001, "UTC"), "0999-12-31T23:59:59.999999+00:00");
  EXPECT_EQ(Printed(-62'135'596'800'000'000, "UTC"), "0001-01-01T00:00:00+00:00");
  EXPECT_EQ(Printed(-62'135'596'800'000'001, "UTC"), "0001-12-31T23:59:59.999999+00:00 BC");
  EXPECT_EQ(Printed(-62'135'596'800'000'000, "America/New_York"),
            "0001-12-31T19:03:58-04:56:02 BC");
  EXPECT_EQ(Printed(kMinInstantUs, "UTC"), "4714-11-24T00:00:00+00:00 BC");
  EXPECT_EQ(Printed(253'402'300'800'000'000, "UTC"), "10000-01-01T00:00:00+00:00");
  EXPECT_EQ(Printed(kMaxInstantUs, "UTC"), "294247-01-01T00:00:00+00:00");
}

class InstantRoundTripTest : public testing::TestWithParam<const char*> {};

// Whatever zone the reader is in.
TEST_P(InstantRoundTripTest, Rule12WhatIsPrintedIsReadBack) {
  constexpr uint64_t kSeed = 20'240'131;
  std::mt19937_64 random(kSeed);
  std::vector<int64_t> instants = {
      kMinInstantUs, kMinInstantUs + 1, kMaxInstantUs - 1, kMaxInstantUs, 0, -1};
  std::uniform_int_distribution<int64_t> any(kMinInstantUs, kMaxInstantUs);
  // 1800 to 2050, where zones change their offsets; and the 3,000 years around the birth of Christ.
  std::uniform_int_distribution<int64_t> recent(-5'364'662'400'000'000, 2'524'608'000'000'000);
  std::uniform_int_distribution<int64_t> ancient(-109'470'000'000'000'000, -14'800'000'000'000'000);
  for (int i = 0; i < 2'000; ++i) {
    instants.insert(instants.end(), {any(random), recent(random), ancient(random)});
    instants.push_back(recent(random) / 1'000'000 * 1'000'000);
  }
  const absl::TimeZone zone = *FindTimeZone(GetParam());
  for (const int64_t instant_us : instants) {
    const std::string text = FormatInstant(instant_us, zone);
    for (const absl::TimeZone& reader : {absl::UTCTimeZone(), *FindTimeZone("Asia/Tokyo")}) {
      const auto read = ParseTimestampTzUs(text, reader);
      ASSERT_TRUE(read.ok()) << read.status() << ", seed " << kSeed;
      ASSERT_EQ(*read, instant_us) << text << ", seed " << kSeed;
      ASSERT_EQ(ParseRangeInstantUs(text, reader).value(), instant_us) << text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Zones, InstantRoundTripTest,
                         testing::Values("UTC", "Africa/Monrovia", "Europe/Amsterdam",
                                         "Asia/Kathmandu", "America/New_York", "Asia/Manila",
                                         "America/Juneau", "Australia/Lord_Howe", "Pacific/Apia"));

}  // namespace
}  // namespace sextant
