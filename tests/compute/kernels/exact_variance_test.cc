#include "compute/kernels/exact_variance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace sextant {
namespace {

/// 2^bits.
Natural Power(int bits) { return Natural(1).ShiftedLeft(bits); }

ExactMoments MomentsOf(const std::vector<int64_t>& values) {
  ExactMoments moments;
  int128_t sum = 0;
  for (const int64_t value : values) {
    const auto magnitude = static_cast<uint128_t>(value < 0 ? -int128_t{value} : int128_t{value});
    sum += value;
    moments.squares += Natural(magnitude) * Natural(magnitude);
    ++moments.count;
  }
  moments.sum = Natural(static_cast<uint128_t>(sum < 0 ? -sum : sum));
  return moments;
}

TEST(NaturalTest, TheQuotientTimesTheDivisorPlusTheRestIsTheDividend) {
  std::mt19937_64 draws(20261121);
  for (int round = 0; round < 20000; ++round) {
    // Limbs of all ones and of zero are where the estimate of a digit is too great.
    const auto limb = [&]() -> uint64_t {
      const uint64_t kind = draws() % 4;
      return kind == 0 ? 0 : kind == 1 ? ~uint64_t{0} : kind == 2 ? uint64_t{1} << 63 : draws();
    };
    Natural divisor = Natural(limb()) + Natural(1);
    for (uint64_t i = 0; i < draws() % 4; ++i) {
      divisor = divisor.ShiftedLeft(64) + Natural(limb());
    }
    const uint128_t quotient = uint128_t{limb()} << 64 | limb();
    Natural rest = Natural(limb());
    if (rest >= divisor) rest = Natural(0);
    Natural dividend = divisor * Natural(quotient);
    dividend += rest;
    const Natural::Division division = dividend.DividedBy(divisor);
    ASSERT_TRUE(division.quotient == quotient) << "round " << round;
    ASSERT_EQ(division.has_remainder, !rest.is_zero()) << "round " << round;
  }
}

TEST(ExactVarianceTest, AQuotientIsRoundedToTheNearestEven) {
  // 2^53 + 1 lies between two doubles; one part in 2^200 more tells which is nearer.
  const Natural tie = Power(53) + Natural(1);
  EXPECT_EQ(DivideNaturals(tie, Natural(1)), 9007199254740992.0);
  EXPECT_EQ(DivideNaturals(tie.ShiftedLeft(200) + Natural(1), Power(200)), 9007199254740994.0);
  EXPECT_EQ(DivideNaturals(Natural(1), Natural(3)), 1.0 / 3.0);
  EXPECT_EQ(DivideNaturals(Natural(0), Natural(3)), 0.0);
}

TEST(ExactVarianceTest, ARootIsRoundedOnce) {
  EXPECT_EQ(RootOfQuotient(Natural(2), Natural(1)), std::sqrt(2.0));
  EXPECT_EQ(RootOfQuotient(Natural(1), Natural(4)), 0.5);
  EXPECT_EQ(RootOfQuotient(Power(334), Natural(1)), std::ldexp(1.0, 167));
  // (2^53 + 1)^2: the root is a tie; a little more than the square is above it.
  const Natural tie = Power(53) + Natural(1);
  EXPECT_EQ(RootOfQuotient(tie * tie, Natural(1)), 9007199254740992.0);
  EXPECT_EQ(RootOfQuotient((tie * tie).ShiftedLeft(100) + Natural(1), Power(100)),
            9007199254740994.0);
}

TEST(ExactVarianceTest, TheLeastSpreadOnTheGreatestIntegersIsExact) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(VarianceOfMoments(MomentsOf({kMax, kMax - 1}), VarianceKind::kSample, 0, false), 0.5);
  EXPECT_EQ(VarianceOfMoments(MomentsOf({kMax, kMax - 1}), VarianceKind::kPopulation, 0, true),
            0.5);
  EXPECT_EQ(VarianceOfMoments(MomentsOf({kMax}), VarianceKind::kPopulation, 0, false), 0.0);
}

TEST(ExactVarianceTest, TheScaleOfDecimalsIsTakenOut) {
  // 0.10 and 0.30: variance 0.02.
  EXPECT_EQ(VarianceOfMoments(MomentsOf({10, 30}), VarianceKind::kSample, 2, false), 0.02);
  EXPECT_EQ(VarianceOfMoments(MomentsOf({10, 30}), VarianceKind::kPopulation, 2, true), 0.1);
}

TEST(ExactVarianceTest, TheWidestMomentsFit) {
  ExactMoments moments;
  moments.count = (uint64_t{1} << 40) - 1;
  moments.squares = (Power(254) - Natural(1)) * Natural(moments.count);
  moments.sum = Natural(0);
  const double variance = VarianceOfMoments(moments, VarianceKind::kPopulation, 38, false);
  EXPECT_NEAR(variance, std::ldexp(1.0, 254) / 1e76, variance * 1e-15);
}

}  // namespace
}  // namespace sextant
