#include "compute/kernels/key_range.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace sextant {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

/// Small numbers, so that many equal a border, and now and then the ends of what there is.
std::vector<int64_t> RandomKeys(size_t size, std::mt19937_64& random) {
  std::vector<int64_t> keys(size);
  for (int64_t& key : keys) {
    const uint64_t draw = random() % 24;
    key = draw == 0 ? kMin : draw == 1 ? kMax : static_cast<int64_t>(draw) - 12;
  }
  return keys;
}

TEST(KeyRangeTest, KeysWithinAreKeptInOrderWhateverTheirNumber) {
  std::mt19937_64 random(7);
  const std::vector<std::pair<int64_t, int64_t>> ranges = {{-3, 5},      {kMin, 0}, {0, kMax},
                                                           {kMin, kMax}, {2, 2},    {5, -3}};
  for (size_t size = 0; size < 70; ++size) {
    const std::vector<int64_t> keys = RandomKeys(size, random);
    for (const auto& [low, high] : ranges) {
      std::vector<int64_t> expected(size);
      expected.resize(KeepKeysWithinScalar(keys, 0, low, high, expected.data()));
      std::vector<int64_t> kept(size);
      kept.resize(KeepKeysWithin(keys, low, high, kept.data()));
      ASSERT_EQ(kept, expected) << size << " keys within " << low << " and " << high;
      ASSERT_EQ(CountKeysWithin(keys, low, high), expected.size());
    }
  }
}

TEST(KeyRangeTest, BordersAreWithin) {
  const std::vector<int64_t> keys = {1, 2, 3, 4};
  std::vector<int64_t> kept(4);
  ASSERT_EQ(KeepKeysWithinScalar(keys, 0, 2, 3, kept.data()), 2u);
  EXPECT_EQ(kept[0], 2);
  EXPECT_EQ(kept[1], 3);
}

}  // namespace
}  // namespace sextant
