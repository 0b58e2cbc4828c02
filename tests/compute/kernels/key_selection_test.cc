#include "compute/kernels/key_selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace sextant {
namespace {

class KeySelectionTest : public ::testing::Test {
 protected:
  KeySelectionTest() { RecordProperty("seed", std::to_string(seed_)); }

  /// At every rank of few keys, at some of many.
  void ExpectSelected(const std::vector<uint32_t>& keys) {
    std::vector<uint32_t> sorted = keys;
    std::sort(sorted.begin(), sorted.end());
    const size_t step = 1 + keys.size() / 50;
    for (size_t low = 0; low < keys.size(); low += step) {
      const size_t high = std::min(low + low % 2, keys.size() - 1);
      std::vector<uint32_t> own = keys;
      const RankedKeys scalar = SelectRankedKeysScalar(own, low, high);
      ASSERT_EQ(scalar.low, sorted[low]) << "scalar, seed " << seed_;
      ASSERT_EQ(scalar.high, sorted[high]) << "scalar, seed " << seed_;
      own = keys;
      std::vector<uint32_t> room(keys.size() + kSelectionSlack);
      const RankedKeys found = SelectRankedKeys(own, low, high, room);
      ASSERT_EQ(found.low, sorted[low]) << low << " of " << keys.size() << " seed " << seed_;
      ASSERT_EQ(found.high, sorted[high]) << high << " of " << keys.size() << " seed " << seed_;
    }
  }

  template <typename Draw>
  void ExpectSelectedOf(Draw draw) {
    for (const size_t count : {1, 2, 63, 64, 65, 66, 100, 257, 1000, 20'000}) {
      std::vector<uint32_t> keys(count);
      for (uint32_t& key : keys) key = draw();
      ExpectSelected(keys);
    }
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937 random_{seed_};
};

TEST_F(KeySelectionTest, FindsWhatASortPutsThere) {
  ExpectSelectedOf([this] { return random_(); });
}

TEST_F(KeySelectionTest, FindsItAmongEqualKeys) {
  ExpectSelectedOf([] { return 7U; });
  ExpectSelectedOf([this] { return random_() % 3; });
  ExpectSelectedOf([this] { return random_() % 2 == 0 ? 0 : ~0U; });
}

TEST_F(KeySelectionTest, FindsItWhereFewKeysTellNothing) {
  uint32_t next = 0;
  ExpectSelectedOf([&] { return next++ % 31 == 0 ? 5U : 1000 + random_() % 1000; });
  ExpectSelectedOf([&] { return ~next++; });
}

}  // namespace
}  // namespace sextant
