#include "compute/plan/time_zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace sextant {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST(TimeZoneTest, FindsNamesOfTheDatabase) {
  for (const char* name : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5",
                           "America/Port-au-Prince", "EST5EDT"}) {
    const auto zone = FindTimeZone(name);
    ASSERT_TRUE(zone.ok()) << name << ": " << zone.status();
    EXPECT_EQ(zone->name(), name);
  }
}

TEST(TimeZoneTest, RefusesWhatIsNoNameOfTheDatabase) {
  for (const char* name : {"",
                           "/etc/localtime",
                           "/usr/share/zoneinfo/Europe/Berlin",
                           "file:Europe/Berlin",
                           "localtime",
                           "posixrules",
                           "Factory",
                           "right/Europe/Berlin",
                           "posix/Europe/Berlin",
                           "Europe/../Europe/Berlin",
                           "../zoneinfo/UTC",
                           "Europe",
                           "Europe/",
                           "+02:00",
                           "UTC+2",
                           "Fixed/UTC+05:30:00",
                           ":Europe/Berlin",
                           "Europe//Berlin",
                           "tzdata.zi",
                           "zone.tab",
                           "europe/berlin",
                           "Europe/Berlin ",
                           "Europe/Ber\nlin",
                           "libc:localtime"}) {
    const auto zone = FindTimeZone(name);
    EXPECT_EQ(zone.status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST(TimeZoneTest, RefusesANameWithAZeroByteOrOfManyBytes) {
  EXPECT_FALSE(FindTimeZone(std::string_view("UTC\0", 4)).ok());
  EXPECT_FALSE(FindTimeZone(std::string(100'000, 'A')).ok());
}

TEST(TimeZoneTest, TheErrorNamesTheZoneTheNearestNamesAndWhatIsAllowed) {
  const std::string message(FindTimeZone("Europe/Berln").status().message());
  EXPECT_THAT(message, HasSubstr("unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'"));
  EXPECT_THAT(message, HasSubstr("IANA database"));
  EXPECT_THAT(std::string(FindTimeZone("berlin").status().message()), HasSubstr("'Europe/Berlin'"));
}

TEST(TimeZoneTest, TheErrorEscapesWhatAPersonCannotRead) {
  EXPECT_THAT(std::string(FindTimeZone("a\x01\xff").status().message()),
              HasSubstr("'a\\x01\\xff'"));
}

TEST(TimeZoneTest, KnowsTheReleaseOfTheDatabase) {
  EXPECT_THAT(TimeZoneDatabaseVersion(), MatchesRegex("20[0-9][0-9][a-z]|unknown"));
}

TEST(TimeZoneTest, IsSafeForManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (const char* name : {"Asia/Tokyo", "Asia/Seoul", "Asia/Toky", "Africa/Lagos"}) {
        EXPECT_EQ(FindTimeZone(name).ok(), std::string_view(name) != "Asia/Toky");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sextant
