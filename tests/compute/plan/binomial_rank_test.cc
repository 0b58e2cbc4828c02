#include "compute/plan/binomial_rank.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace sextant {
namespace {

/// By the definition, term by term from the first.
BinomialRanks ByDefinition(uint64_t n, double fraction, double level) {
  std::vector<long double> terms(n + 1);
  terms[0] = std::pow(1 - static_cast<long double>(fraction), static_cast<long double>(n));
  for (uint64_t k = 0; k < n; ++k) {
    terms[k + 1] = terms[k] * static_cast<long double>(n - k) / static_cast<long double>(k + 1) *
                   fraction / (1 - static_cast<long double>(fraction));
  }
  const long double most = (1 - static_cast<long double>(level)) / 2 * (1 + 1e-9L);
  BinomialRanks ranks;
  long double below = 0;
  for (uint64_t l = 1; l <= n; ++l) {
    below += terms[l - 1];
    if (below <= most) ranks.low = l;
  }
  long double above = 0;
  for (uint64_t u = n; u >= 1; --u) {
    above += terms[u];
    if (above <= most) ranks.high = u;
  }
  return ranks;
}

TEST(BinomialRankTest, Rule21IsThatOfTheDefinition) {
  for (uint64_t n = 2; n < 300; n += n < 60 ? 1 : 17) {
    for (const double fraction : {0.01, 0.1, 0.25, 0.5, 0.75, 0.95, 0.99}) {
      for (const double level : {0.1, 0.5, 0.75, 0.8, 0.95, 0.999}) {
        const BinomialRanks expected = ByDefinition(n, fraction, level);
        const BinomialRanks ranks = ComputeBinomialRanks(n, fraction, level);
        ASSERT_EQ(ranks.low, expected.low) << n << " of " << fraction << " at " << level;
        ASSERT_EQ(ranks.high, expected.high) << n << " of " << fraction << " at " << level;
      }
    }
  }
}

TEST(BinomialRankTest, Rule21OfTheMedianOfTenAtEightTenthsAreTheThirdAndTheEighth) {
  // P(B <= 2) = 56 / 1024 <= 0.1 < P(B <= 3) = 176 / 1024.
  EXPECT_EQ(ComputeBinomialRanks(10, 0.5, 0.8).low, 3u);
  EXPECT_EQ(ComputeBinomialRanks(10, 0.5, 0.8).high, 8u);
}

TEST(BinomialRankTest, Rule21AProbabilityThatEqualsTheTailIsInIt) {
  // P(B <= 0) = 1 / 8 of three samples, and the tail is (1 - 0.75) / 2.
  EXPECT_EQ(ComputeBinomialRanks(3, 0.5, 0.75).low, 1u);
  EXPECT_EQ(ComputeBinomialRanks(3, 0.5, 0.75).high, 3u);
  EXPECT_EQ(ComputeBinomialRanks(3, 0.5, 0.7500001).low, 0u);
}

TEST(BinomialRankTest, Rule21TooFewSamplesHaveNoBound) {
  EXPECT_EQ(ComputeBinomialRanks(1, 0.99, 0.8).low, 0u);
  EXPECT_EQ(ComputeBinomialRanks(3, 0.5, 0.8).low, 0u);  // P(B <= 0) = 1 / 8
  EXPECT_EQ(ComputeBinomialRanks(4, 0.5, 0.8).low, 1u);
  // The greatest of 44 samples is above 0.95 with a probability of 0.895, of 45 of 0.901.
  EXPECT_EQ(ComputeBinomialRanks(44, 0.95, 0.8).high, 0u);
  EXPECT_EQ(ComputeBinomialRanks(45, 0.95, 0.8).high, 45u);
}

TEST(BinomialRankTest, Rule21TheLeastAndTheGreatestBoundThemselvesOnOneSide) {
  EXPECT_EQ(ComputeBinomialRanks(10, 0, 0.8).low, 0u);
  EXPECT_EQ(ComputeBinomialRanks(10, 0, 0.8).high, 1u);
  EXPECT_EQ(ComputeBinomialRanks(10, 1, 0.8).low, 10u);
  EXPECT_EQ(ComputeBinomialRanks(10, 1, 0.8).high, 0u);
}

TEST(BinomialRankTest, Rule21OfManySamplesIsNearTheNormalDistribution) {
  constexpr double kSamples = 10'000'000;
  const BinomialRanks ranks = ComputeBinomialRanks(10'000'000, 0.5, 0.8);
  const double distance = 1.2815515655446006 * std::sqrt(kSamples / 4);
  EXPECT_NEAR(static_cast<double>(ranks.low), kSamples / 2 - distance, 2);
  EXPECT_NEAR(static_cast<double>(ranks.high), kSamples / 2 + distance, 2);
}

TEST(BinomialRankTest, IsTheSameWhereItIsKnown) {
  for (int round = 0; round < 2; ++round) {
    for (uint64_t n = 2; n < 2000; n += 13) {
      ASSERT_EQ(KnownBinomialRanks(n, 0.5, 0.8).low, ComputeBinomialRanks(n, 0.5, 0.8).low);
      ASSERT_EQ(KnownBinomialRanks(n, 0.9, 0.8).high, ComputeBinomialRanks(n, 0.9, 0.8).high);
    }
  }
}

}  // namespace
}  // namespace sextant
