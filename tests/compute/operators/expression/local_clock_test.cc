#include "compute/operators/expression/local_clock.h"

#include <gtest/gtest.h>

#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

// (rule 12)
TEST(LocalClockTest, BeforeItsFirstChangeAClockShowsLocalMeanTime) {
  constexpr int64_t kIn1883 = -2'718'000'000;
  EXPECT_EQ(LocalClock::Of(*FindTimeZone("Europe/Berlin"))->OffsetAt(kIn1883), 53 * 60 + 28);
  EXPECT_EQ(LocalClock::Of(*FindTimeZone("America/New_York"))->OffsetAt(kIn1883),
            -(4 * 3600 + 56 * 60 + 2));
  EXPECT_EQ(LocalClock::Of(*FindTimeZone("UTC"))->OffsetAt(kIn1883), 0);
}

}  // namespace
}  // namespace sextant
