#include "compute/kernels/key_selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <span>
#include <vector>

namespace sextant {
namespace {

class KeySelectionTest : public ::testing::Test {
 protected:
  KeySelectionTest() { RecordProperty("seed", std::to_string(seed_)); }

  /// At every rank of few keys, at some of many.
  template <typename Key>
  void ExpectSelected(const std::vector<Key>& keys) {
    std::vector<Key> sorted = keys;
    std::sort(sorted.begin(), sorted.end());
    const size_t step = 1 + keys.size() / 50;
    for (size_t low = 0; low < keys.size(); low += step) {
      const size_t high = std::min(low + low % 2, keys.size() - 1);
      std::vector<Key> own = keys;
      const RankedKeys<Key> scalar = SelectRankedKeysScalar(std::span(own), low, high);
      ASSERT_EQ(scalar.low, sorted[low]) << "scalar, seed " << seed_;
      ASSERT_EQ(scalar.high, sorted[high]) << "scalar, seed " << seed_;
      own = keys;
      std::vector<Key> room(keys.size() + kSelectionSlack);
      const RankedKeys<Key> found = SelectRankedKeys(std::span(own), low, high, std::span(room));
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
      // The same in 64 bits, above and below zero.
      std::vector<int64_t> wide;
      for (const uint32_t key : keys) wide.push_back((int64_t{key} - (int64_t{1} << 31)) << 20);
      ExpectSelected(wide);
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

TEST_F(KeySelectionTest, FindsTheLeastAndTheGreatestNumbersThatThereAre) {
  std::vector<int64_t> keys(1000);
  for (size_t k = 0; k < keys.size(); ++k) {
    keys[k] =
        k % 2 == 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  }
  ExpectSelected(keys);
}

TEST_F(KeySelectionTest, FindsItWhereFewKeysTellNothing) {
  uint32_t next = 0;
  ExpectSelectedOf([&] { return next++ % 31 == 0 ? 5U : 1000 + random_() % 1000; });
  ExpectSelectedOf([&] { return ~next++; });
}

}  // namespace
}  // namespace sextant
