#include "compute/plan/interval_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using testing::ElementsAre;

constexpr int64_t kQuarterUs = 900'000'000;

uint32_t BySimpleScan(const std::vector<int64_t>& borders_us, int64_t instant_us) {
  for (size_t i = 0; i + 1 < borders_us.size(); ++i) {
    if (borders_us[i] <= instant_us && instant_us < borders_us[i + 1]) {
      return static_cast<uint32_t>(i);
    }
  }
  return kNoInterval;
}

void ExpectAgreesWithSimpleScan(const std::vector<int64_t>& borders_us, uint64_t seed) {
  SCOPED_TRACE(testing::Message() << "seed=" << seed);
  std::mt19937_64 random(seed);
  std::vector<int64_t> instants_us = {INT64_MIN, INT64_MAX, 0};
  for (const int64_t border_us : borders_us) {
    instants_us.insert(instants_us.end(), {border_us - 1, border_us, border_us + 1});
  }
  std::uniform_int_distribution<int64_t> near(borders_us.front() - 10, borders_us.back() + 10);
  for (int i = 0; i < 500; ++i) instants_us.push_back(near(random));
  const IntervalIndex index(borders_us);
  std::vector<uint32_t> found(instants_us.size());
  index.Find(instants_us, found);
  for (size_t i = 0; i < instants_us.size(); ++i) {
    ASSERT_EQ(found[i], BySimpleScan(borders_us, instants_us[i])) << instants_us[i];
    ASSERT_EQ(index.Find(instants_us[i]), found[i]);
  }
}

std::vector<int64_t> DayBorders(std::string_view from, std::string_view to, std::string_view zone) {
  const absl::TimeZone time_zone = FindTimeZone(zone).value();
  const InstantRange range = {ParseRangeInstantUs(from, time_zone).value(),
                              ParseRangeInstantUs(to, time_zone).value()};
  return BordersOf(ResolveIntervals({.series = {.unit = CalendarUnit::kDay},
                                     .time_zone = time_zone,
                                     .max_intervals = 100'000},
                                    range)
                       .value());
}

TEST(IntervalIndexTest, IntervalsAreHalfOpen) {
  const IntervalIndex index({10, 20, 30});
  std::vector<uint32_t> found(6);
  index.Find(std::vector<int64_t>{9, 10, 19, 20, 29, 30}, found);
  EXPECT_THAT(found, ElementsAre(kNoInterval, 0, 0, 1, 1, kNoInterval));
}

TEST(IntervalIndexTest, NoBordersGiveNoInterval) {
  const IntervalIndex index({});
  EXPECT_EQ(index.num_intervals(), 0u);
  EXPECT_EQ(index.Find(0), kNoInterval);
}

TEST(IntervalIndexTest, Rule12TheTableServesZonesOfQuarterHours) {
  for (const char* zone : {"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Havana",
                           "Australia/Lord_Howe", "Pacific/Apia", "Asia/Gaza"}) {
    SCOPED_TRACE(zone);
    const std::vector<int64_t> borders_us = DayBorders("2010-01-01 07:13:11", "2013-02-03", zone);
    EXPECT_TRUE(IntervalIndex(borders_us).uses_table());
    ExpectAgreesWithSimpleScan(borders_us, 1);
  }
}

TEST(IntervalIndexTest, Rule12BinarySearchServesTheOffsetsOf1900To1972) {
  for (const auto& [from, to, zone] :
       {std::tuple{"1893-03-01", "1893-05-01", "Europe/Berlin"},
        std::tuple{"1971-12-01", "1972-02-01", "Africa/Monrovia"},
        std::tuple{"1883-11-01", "1883-12-01", "America/New_York"}}) {
    SCOPED_TRACE(zone);
    const std::vector<int64_t> borders_us = DayBorders(from, to, zone);
    EXPECT_FALSE(IntervalIndex(borders_us).uses_table());
    ExpectAgreesWithSimpleScan(borders_us, 2);
  }
}

TEST(IntervalIndexTest, AHugeRangeFallsBackToBinarySearch) {
  const std::vector<int64_t> borders_us = {kMinInstantUs, -kQuarterUs, 0, kQuarterUs,
                                           kMaxInstantUs};
  ExpectAgreesWithSimpleScan(borders_us, 3);
  const std::vector<int64_t> wide_us = {kMinInstantUs, kMinInstantUs + kQuarterUs, 0,
                                        kMaxInstantUs - kQuarterUs, kMaxInstantUs};
  EXPECT_FALSE(IntervalIndex(wide_us).uses_table());
  ExpectAgreesWithSimpleScan(wide_us, 4);
}

TEST(IntervalIndexTest, ExtremeBordersDoNotOverflow) {
  ExpectAgreesWithSimpleScan({INT64_MIN + 10, 0, INT64_MAX - 10}, 5);
  ExpectAgreesWithSimpleScan({INT64_MIN + 10, INT64_MIN + 11, INT64_MAX - 11, INT64_MAX - 10}, 6);
}

TEST(IntervalIndexTest, AgreesWithASimpleScanOnRandomGrids) {
  for (uint64_t seed = 10; seed < 60; ++seed) {
    std::mt19937_64 random(seed);
    const int64_t step_us = std::uniform_int_distribution<int64_t>(1, 200)(random) *
                            (seed % 2 == 0 ? kQuarterUs : 1'000'003);
    std::vector<int64_t> borders_us = {std::uniform_int_distribution<int64_t>(
        -2'000'000'000'000'000, 2'000'000'000'000'000)(random)};
    for (int i = 0; i < 50; ++i) {
      borders_us.push_back(borders_us.back() +
                           step_us * std::uniform_int_distribution<int64_t>(1, 40)(random));
    }
    ExpectAgreesWithSimpleScan(borders_us, seed);
  }
}

TEST(IntervalIndexDeathTest, BordersMustIncrease) {
  EXPECT_DEATH(IntervalIndex({1, 1}), "border 1");
  EXPECT_DEATH(IntervalIndex({1}), "check failed");
}

}  // namespace
}  // namespace sextant
