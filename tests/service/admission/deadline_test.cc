#include "service/admission/deadline.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

TEST(DeadlineTest, ACallerWithoutDeadlineHasTenSeconds) {
  EXPECT_EQ(AllowedTimeUs(std::nullopt, {}), 10 * kSecondUs);
}

TEST(DeadlineTest, ADeadlineIsBroughtForwardSoThatItsErrorArrives) {
  EXPECT_EQ(AllowedTimeUs(kSecondUs, {}), 980'000);
}

TEST(DeadlineTest, TheMarginIsAtMostATenthOfASecond) {
  EXPECT_EQ(AllowedTimeUs(30 * kSecondUs, {}), 29'900'000);
}

TEST(DeadlineTest, ADeadlineBeyondTheCapIsTheCap) {
  EXPECT_EQ(AllowedTimeUs(60 * kSecondUs + 100'000, {}), 60 * kSecondUs);
  EXPECT_EQ(AllowedTimeUs(3600 * kSecondUs, {}), 60 * kSecondUs);
}

TEST(DeadlineTest, ADeadlineThatHasPassedLeavesNoTime) { EXPECT_EQ(AllowedTimeUs(-5, {}), 0); }

}  // namespace
}  // namespace sextant
