#include "compute/operators/resampled_bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "compute/kernels/resampled_means.h"
#include "compute/memory/draw_account.h"

namespace sextant {
namespace {

MemoryBudget& Budget() {
  static auto& budget = *new MemoryBudget("test", MemoryBudget::kUnlimitedBytes);
  return budget;
}

OrderedAsk Ask(double level, uint64_t seed, uint64_t max_draws = 1'000'000) {
  return {AggregateKind::kResampledMean, 0,
          std::make_shared<const ConfidenceBound>(ConfidenceBound{level, seed, max_draws})};
}

ResampledBounds::Bounds BoundsOf(std::vector<double> samples, double level, uint64_t seed) {
  ResampledBounds bounds(Budget());
  std::sort(samples.begin(), samples.end());
  const auto room = bounds.MakeRoom(samples.size());
  EXPECT_TRUE(room.ok());
  std::copy(samples.begin(), samples.end(), room->begin());
  const ConfidenceBound bound = {.level = level, .seed = seed};
  return *bounds.Find(bound, AlwaysGoOn);
}

TEST(ResampledBoundsTest, Rule21AreTheMeansAtTheQuantilesOfTheirRanks) {
  std::vector<double> samples;
  for (int i = 0; i < 250; ++i) samples.push_back(i * i);
  std::vector<double> sums(NumResamplings(250));
  SumResamplesScalar(samples, 5, 0, sums);
  std::sort(sums.begin(), sums.end());
  const ResampledBounds::Bounds bounds = BoundsOf(samples, 0.8, 5);
  // 1,600 means: 0.1 of 1,599 is 159.9.
  EXPECT_EQ(bounds.low, sums[160] / 250);
  EXPECT_EQ(bounds.high, sums[1439] / 250);
}

TEST(ResampledBoundsTest, Rule21InfiniteMeansAndNoNumbersAreInTheirOrder) {
  std::vector<double> samples(20, 1);
  samples[0] = -HUGE_VAL;
  EXPECT_EQ(BoundsOf(samples, 0.8, 5).low, -HUGE_VAL);
  EXPECT_EQ(BoundsOf(samples, 0.8, 5).high, 1);
  samples[0] = 1;
  samples[19] = HUGE_VAL;
  EXPECT_EQ(BoundsOf(samples, 0.8, 5).low, 1);
  EXPECT_EQ(BoundsOf(samples, 0.8, 5).high, HUGE_VAL);
  // NaN is greater than every number, as in PostgreSQL.
  samples[19] = std::nan("");
  EXPECT_EQ(BoundsOf(samples, 0.8, 5).low, 1);
  EXPECT_TRUE(std::isnan(BoundsOf(samples, 0.8, 5).high));
}

TEST(ResampledBoundsTest, Rule21CoverTheMeanOf200ExponentialSamplesAsOftenAsTheySay) {
  // Of samples that are the same on every machine: mt19937_64 is, and the logarithm almost.
  constexpr int kTrials = 1500;
  std::mt19937_64 random(20211);
  int covered = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> samples(200);
    for (double& sample : samples) {
      sample = -std::log((static_cast<double>(random() >> 11) + 0.5) * 0x1p-53);
    }
    const ResampledBounds::Bounds bounds =
        BoundsOf(samples, 0.8, static_cast<uint64_t>(trial) * 977);
    covered += bounds.low <= 1 && 1 <= bounds.high ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(covered) / kTrials, 0.8, 0.02);
}

TEST(ResampledBoundsTest, Rule21DrawsAreCountedOncePerMean) {
  DrawAccount account;
  const DrawScope scope(account);
  const std::vector<OrderedAsk> asks = {Ask(-0.8, 1), Ask(0.8, 1), Ask(-0.8, 2), Ask(0.8, 2)};
  const auto count_of = [](uint32_t cell) { return uint64_t{cell == 0 ? 1u : 100u}; };
  ASSERT_TRUE(SpendDrawsOf(asks, 3, count_of).ok());
  EXPECT_EQ(account.spent(), 2u * 2 * 100 * 2000);  // of one sample there are none
}

TEST(ResampledBoundsTest, Rule21MoreDrawsThanAreAllowedAreAnError) {
  DrawAccount account;
  const DrawScope scope(account);
  const std::vector<OrderedAsk> asks = {Ask(0.8, 1, 399'999)};
  const absl::Status status = SpendDrawsOf(asks, 2, [](uint32_t) { return uint64_t{100}; });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(status.message().find("399999"), std::string::npos) << status;
}

}  // namespace
}  // namespace sextant
