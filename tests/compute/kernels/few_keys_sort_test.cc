#include "compute/kernels/few_keys_sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

namespace sextant {
namespace {

constexpr uint32_t kSeed = 20261122;

template <typename Key>
class FewKeysSortTest : public ::testing::Test {};
using Keys = ::testing::Types<uint32_t, int64_t>;
TYPED_TEST_SUITE(FewKeysSortTest, Keys);

TYPED_TEST(FewKeysSortTest, KeysAreSortedAsTheStandardDoesAndNoOthersTouched) {
  std::mt19937_64 random(kSeed);
  const std::vector<uint64_t> moduli = {1, 2, 10, 1'000, 0};
  for (size_t count = 0; count <= kFewKeys<TypeParam>; ++count) {
    for (const uint64_t modulus : moduli) {
      std::vector<TypeParam> keys(count + 2);
      for (TypeParam& key : keys) {
        const uint64_t draw = random();
        key = static_cast<TypeParam>(modulus == 0 ? draw : draw % modulus);
      }
      std::vector<TypeParam> expected = keys;
      std::sort(expected.begin() + 1, expected.end() - 1);
      SortFewKeys(keys.data() + 1, count);
      ASSERT_EQ(keys, expected) << "seed " << kSeed << " count " << count;
    }
  }
}

TYPED_TEST(FewKeysSortTest, TheLeastAndTheGreatestKeysAreSortedToo) {
  constexpr TypeParam kLeast = std::numeric_limits<TypeParam>::min();
  constexpr TypeParam kGreatest = std::numeric_limits<TypeParam>::max();
  std::vector<TypeParam> keys = {kGreatest, 3, kLeast, kGreatest, kLeast, 0};
  std::vector<TypeParam> expected = keys;
  std::sort(expected.begin(), expected.end());
  SortFewKeys(keys.data(), keys.size());
  EXPECT_EQ(keys, expected);
}

}  // namespace
}  // namespace sextant
