#include "compute/kernels/exact_division.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace sextant {
namespace {

constexpr int64_t kTwo53 = int64_t{1} << 53;

TEST(ExactDivisionTest, ZeroIsZero) { EXPECT_EQ(DivideExactly(0, 7), 0.0); }

TEST(ExactDivisionTest, SmallQuotientsAreThoseOfFloat64) {
  std::mt19937_64 draws(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto dividend = static_cast<int64_t>(draws()) >> 12;  // within 2^52: exact in float64
    const uint64_t divisor = (draws() >> 12) + 1;
    ASSERT_EQ(DivideExactly(dividend, divisor),
              static_cast<double>(dividend) / static_cast<double>(divisor))
        << dividend << " / " << divisor;
  }
}

TEST(ExactDivisionTest, DoublesAndLargerDividendsGiveTheSameQuotient) {
  std::mt19937_64 draws(2);
  for (int i = 0; i < 10'000; ++i) {
    // Up to 2^53 and a little more, where the way changes.
    const auto magnitude = static_cast<int64_t>(draws() >> (10 + draws() % 50));
    const int64_t dividend = i % 2 == 0 ? magnitude : -magnitude;
    const uint64_t divisor = (draws() >> (10 + draws() % 50)) + 1;
    ASSERT_EQ(std::ldexp(DivideExactly(dividend, divisor), 64),
              DivideExactly(int128_t{dividend} << 64, divisor))
        << dividend << " / " << divisor;
  }
}

TEST(ExactDivisionTest, TiesGoToEven) {
  EXPECT_EQ(DivideExactly(int128_t{kTwo53} + 1, 1), static_cast<double>(kTwo53));
  EXPECT_EQ(DivideExactly(int128_t{kTwo53} + 3, 1), static_cast<double>(kTwo53 + 4));
}

TEST(ExactDivisionTest, WhatIsJustAboveATieRoundsUp) {
  // (2^53 + 1) + 1/3: rounding the dividend first would lose the third.
  EXPECT_EQ(DivideExactly((int128_t{kTwo53} + 1) * 3 + 1, 3), static_cast<double>(kTwo53 + 2));
}

TEST(ExactDivisionTest, SignsMirror) {
  EXPECT_EQ(DivideExactly(-1, 3), -DivideExactly(1, 3));
  EXPECT_EQ(DivideExactly(std::numeric_limits<int64_t>::min(), 1), -std::ldexp(1, 63));
}

TEST(ExactDivisionTest, TheLargestDividendsHold) {
  const int128_t largest = ~(int128_t{-1} << 126) | (int128_t{1} << 126);
  EXPECT_EQ(DivideExactly(largest, 1), std::ldexp(1, 127));
  EXPECT_EQ(DivideExactly(-largest - 1, 1), -std::ldexp(1, 127));
  EXPECT_EQ(DivideExactly(1, (uint64_t{1} << 63) - 1), std::ldexp(1, -63));
}

TEST(ExactDivisionTest, MeansOfDecimalsAreRoundedOnce) {
  EXPECT_EQ(DivideDecimal(35, 2, 2), 0.175);
  EXPECT_EQ(DivideDecimal(1, 1, 1), 0.1);
  EXPECT_EQ(DivideDecimal(-1, 3, 0), -1.0 / 3);
}

TEST(ExactDivisionTest, MeansOfDecimalsOfGreatScaleAreWithinAnUlp) {
  int128_t one = 1;
  for (int digit = 0; digit < 38; ++digit) one *= 10;
  EXPECT_DOUBLE_EQ(DivideDecimal(one, 3, 38), 1.0 / 3);
}

}  // namespace
}  // namespace sextant
