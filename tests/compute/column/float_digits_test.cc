#include "compute/column/float_digits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace sextant {
namespace {

uint8_t DigitsOf(const std::vector<double>& values) { return DigitsOfAll(values, 0); }

TEST(FloatDigitsTest, AreThoseOfTheValueWithTheMost) {
  EXPECT_EQ(DigitsOf({}), 0);
  EXPECT_EQ(DigitsOf({1, -3, 0}), 0);
  EXPECT_EQ(DigitsOf({1, 0.5, -2.25}), 2);
  EXPECT_EQ(DigitsOf({99.999999, 0.000001}), 6);
  EXPECT_EQ(DigitsOf({1e-9}), 9);
}

TEST(FloatDigitsTest, NeverAreLessThanAskedFor) {
  const std::vector<double> values = {1, 2};
  EXPECT_EQ(DigitsOfAll(values, 3), 3);
  EXPECT_EQ(DigitsOfAll(values, kNoDigits), kNoDigits);
}

TEST(FloatDigitsTest, AreNoneOfOtherNumbers) {
  EXPECT_EQ(DigitsOf({1.0 / 3}), kNoDigits);
  EXPECT_EQ(DigitsOf({0.1 + 0.2}), kNoDigits);
  EXPECT_EQ(DigitsOf({1e-10}), kNoDigits);
  EXPECT_EQ(DigitsOf({std::numeric_limits<double>::infinity()}), kNoDigits);
  EXPECT_EQ(DigitsOf({std::numeric_limits<double>::quiet_NaN()}), kNoDigits);
  EXPECT_EQ(DigitsOf({1e16}), kNoDigits);
  EXPECT_EQ(DigitsOf({-1e300}), kNoDigits);
  const std::vector<float> tenth = {0.1F};
  EXPECT_EQ(DigitsOfAll(tenth, 0), kNoDigits);
}

TEST(FloatDigitsTest, ADecimalComesBackAsTheFloatThatItWas) {
  std::mt19937_64 random(7);
  for (uint8_t digits = 0; digits <= kMaxDigits; ++digits) {
    const double power = kPowersOfDigits[digits];
    for (int i = 0; i < 1000; ++i) {
      const auto decimal = static_cast<int64_t>(random() % (2 * kMaxDecimal)) - kMaxDecimal;
      const double value = static_cast<double>(decimal) / power;
      ASSERT_EQ(DecimalOf(value, power), decimal) << digits;
      const std::vector<double> values = {value};
      ASSERT_EQ(DigitsOfAll(values, digits), digits) << decimal;
    }
  }
}

TEST(FloatDigitsTest, MoreDigitsThanAValueHasLeaveItWhatItIs) {
  EXPECT_EQ(DecimalOf(0.5, 1e6), 500'000);
  EXPECT_EQ(DecimalOf(-12.34, 1e9), -12'340'000'000);
  EXPECT_EQ(DecimalOf(-0.0, 1e9), 0);
}

}  // namespace
}  // namespace sextant
