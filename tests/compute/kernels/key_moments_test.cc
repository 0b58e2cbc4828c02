#include "compute/kernels/key_moments.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace sextant {
namespace {

TEST(KeyMomentsTest, AreTheSumsOfKeysAndOfTheirSquares) {
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  for (size_t count = 0; count < 200; ++count) {
    std::vector<uint32_t> keys(count);
    for (uint32_t& key : keys) key = count % 3 == 0 ? ~uint32_t{0} : random();
    const KeyMoments moments = MomentsOfKeys(keys);
    const KeyMoments expected = MomentsOfKeysScalar(keys);
    ASSERT_EQ(moments.count, count);
    ASSERT_EQ(moments.sum, expected.sum) << "seed " << seed;
    ASSERT_TRUE(moments.squares == expected.squares) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sextant
