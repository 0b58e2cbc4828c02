#include "compute/kernels/resampled_means.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/testing/each_target.h"

namespace sextant {
namespace {

std::vector<double> Numbers(size_t count, double factor) {
  std::vector<double> numbers(count);
  for (size_t i = 0; i < count; ++i) numbers[i] = static_cast<double>(i) * factor;
  return numbers;
}

TEST(ResampledMeansTest, Rule21VectorsAddTheSameBitsAsOneDrawAfterTheOther) {
  for (const size_t count : {1,   2,   7,   8,   9,   15,  16,   17,   63,    64,    65,
                             127, 128, 129, 511, 512, 513, 1030, 5000, 32768, 32769, 40000}) {
    const std::vector<double> values = Numbers(count, 1.1);  // whose sums are rounded
    std::vector<double> sums(5);
    std::vector<double> expected(5);
    SumResamples(values, 42, 3, sums);
    SumResamplesScalar(values, 42, 3, expected);
    EXPECT_EQ(sums, expected) << count;
  }
}

/// As the header says: draw `i` of the first iteration.
size_t DrawOf(uint64_t seed, uint32_t i, size_t count) {
  uint64_t k = seed + 0x9E3779B97F4A7C15u;
  k = (k ^ (k >> 30)) * 0xBF58476D1CE4E5B9u;
  k = (k ^ (k >> 27)) * 0x94D049BB133111EBu;
  k ^= k >> 31;
  uint32_t x = i + static_cast<uint32_t>(k);
  x = (x ^ (x >> 17)) * 0xED5AD4BBu;
  x = (x ^ (x >> 11) ^ static_cast<uint32_t>(k >> 32)) * 0xAC4C1B51u;
  x = (x ^ (x >> 15)) * 0x31848BABu;
  return (uint64_t{x} * count) >> 32;
}

TEST(ResampledMeansTest, Rule21WhatIsDrawnTooMuchIsNotAdded) {
  for (const size_t count : {3, 7, 63, 65, 71, 95, 33001, 33007}) {
    int num_tried = 0;
    for (uint64_t seed = 0; num_tried < 3; ++seed) {
      // The sample that the first draw too much takes, where no other draw takes it.
      std::vector<double> values(count, 0);
      values[DrawOf(seed, static_cast<uint32_t>(count), count)] = HUGE_VAL;
      std::vector<double> expected(1);
      SumResamplesScalar(values, seed, 0, expected);
      if (expected[0] != 0) continue;
      ++num_tried;
      std::vector<double> sums(1);
      SumResamples(values, seed, 0, sums);
      EXPECT_EQ(sums[0], 0) << count << " samples, seed " << seed;
    }
  }
}

TEST(ResampledMeansTest, Rule21EverySetOfInstructionsAddsTheSameBits) {
  WithEachTarget([] {
    for (const size_t count : {5, 64, 71, 1030, 33001}) {
      const std::vector<double> values = Numbers(count, 1.1);
      std::vector<double> sums(3);
      std::vector<double> expected(3);
      SumResamples(values, 42, 3, sums);
      SumResamplesScalar(values, 42, 3, expected);
      EXPECT_EQ(sums, expected) << count;
    }
  });
}

TEST(ResampledMeansTest, Rule21DrawsAreTheSameInEveryVersion) {
  std::vector<double> sums(3);
  SumResamples(Numbers(1000, 1), 0, 0, sums);
  EXPECT_EQ(sums, (std::vector<double>{501326, 509757, 499529}));
}

TEST(ResampledMeansTest, Rule21AnIterationDependsOnNothingButItsNumber) {
  const std::vector<double> values = Numbers(300, 1);
  std::vector<double> together(10);
  SumResamples(values, 7, 0, together);
  for (uint32_t iteration = 0; iteration < together.size(); ++iteration) {
    std::vector<double> alone(1);
    SumResamples(values, 7, iteration, alone);
    EXPECT_EQ(alone[0], together[iteration]);
  }
}

TEST(ResampledMeansTest, SumsVaryAsThoseOfIndependentDrawsDo) {
  for (const size_t count : {20, 200, 20'000}) {
    const std::vector<double> values = Numbers(count, 1);
    std::vector<double> sums(3000);
    SumResamples(values, 1, 0, sums);
    const auto n = static_cast<double>(count);
    const double mean = n * (n - 1) / 2;
    double squares = 0;
    double total = 0;
    for (const double sum : sums) {
      total += sum - mean;
      squares += (sum - mean) * (sum - mean);
    }
    const auto iterations = static_cast<double>(sums.size());
    const double variance = n * (n * n - 1) / 12;
    // Four standard errors of each.
    EXPECT_NEAR(total / iterations, 0, 4 * std::sqrt(variance / iterations)) << count;
    EXPECT_NEAR(squares / iterations / variance, 1, 4 * std::sqrt(2 / iterations)) << count;
  }
}

TEST(ResampledMeansTest, IterationsAreFewerOfMoreSamples) {
  EXPECT_EQ(NumResamplings(1), 2000u);
  EXPECT_EQ(NumResamplings(200), 2000u);
  EXPECT_EQ(NumResamplings(400), 1000u);
  EXPECT_EQ(NumResamplings(800), 500u);
  EXPECT_EQ(NumResamplings(1'000'000), 500u);
}

}  // namespace
}  // namespace sextant
