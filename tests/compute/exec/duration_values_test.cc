#include "compute/exec/duration_values.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace sextant {
namespace {

using ::testing::HasSubstr;

TEST(DurationValuesTest, SecondsAreRoundedToMicrosecondsHalfToEven) {
  EXPECT_EQ(MicrosOfSeconds(1.5).value(), 1'500'000);
  EXPECT_EQ(MicrosOfSeconds(2.5e-6).value(), 2);
  EXPECT_EQ(MicrosOfSeconds(3.5e-6).value(), 4);
  EXPECT_EQ(MicrosOfSeconds(-2.5e-6).value(), -2);
}

TEST(DurationValuesTest, WhatBigintDoesNotHoldIsRefused) {
  EXPECT_TRUE(MicrosOfSeconds(9.2e12).ok());
  EXPECT_EQ(MicrosOfSeconds(-0x1p63 / 1e6).value(), std::numeric_limits<int64_t>::min());
  for (const double seconds : {0x1p63 / 1e6, -9.3e12, 1e300, HUGE_VAL, std::nan("")}) {
    const auto micros = MicrosOfSeconds(seconds);
    EXPECT_EQ(micros.status().code(), absl::StatusCode::kOutOfRange) << seconds;
    EXPECT_THAT(std::string(micros.status().message()),
                HasSubstr("allowed: at most 9223372036854"));
  }
}

}  // namespace
}  // namespace sextant
