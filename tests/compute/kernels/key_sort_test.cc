#include "compute/kernels/key_sort.h"

#include <gmock/gmock.h>

#include <limits>
#include <random>
#include <vector>

#include "compute/kernels/bin_sort.h"
#include "compute/kernels/float_order.h"
#include "compute/kernels/rank_selection.h"

namespace sextant {
namespace {

constexpr uint32_t kSeed = 20260;

MemoryBudget& Budget() {
  static auto& budget = *new MemoryBudget("test");
  return budget;
}

/// Keys of unlike shapes: all of the type, few distinct ones, near the limits, floats in order.
template <typename Key>
std::vector<Key> RandomKeys(std::mt19937_64& random, size_t count, int shape) {
  constexpr Key kLeast = std::numeric_limits<Key>::min();
  constexpr Key kGreatest = std::numeric_limits<Key>::max();
  std::vector<Key> keys(count);
  for (Key& key : keys) {
    const uint64_t draw = random();
    switch (shape) {
      case 0:
        key = static_cast<Key>(draw);
        break;
      case 1:
        key = static_cast<Key>(draw % 3);
        break;
      case 2:
        key = draw % 2 == 0 ? static_cast<Key>(kLeast + static_cast<Key>(draw / 2 % 5))
                            : static_cast<Key>(kGreatest - static_cast<Key>(draw / 2 % 5));
        break;
      case 3:  // nearly all in one place
        key = draw % 100 == 0 ? static_cast<Key>(draw) : static_cast<Key>(draw % 1000);
        break;
      default: {
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        const std::vector<double> special = {0.0, -0.0, kInfinity, -kInfinity,
                                             std::numeric_limits<double>::quiet_NaN()};
        const double value = draw % 4 == 0 ? special[draw / 4 % special.size()]
                                           : static_cast<double>(static_cast<int64_t>(draw)) / 3;
        key = static_cast<Key>(FloatOrderKey(value));
      }
    }
  }
  return keys;
}

template <typename Key>
class KeySortTest : public ::testing::Test {};
using Keys = ::testing::Types<uint32_t, int64_t>;
TYPED_TEST_SUITE(KeySortTest, Keys);

TYPED_TEST(KeySortTest, TheFastFormSortsAsTheScalarOne) {
  std::mt19937_64 random(kSeed);
  for (int shape = 0; shape < 5; ++shape) {
    for (size_t count = 0; count < 5000; count += count < 300 ? 1 : 997) {
      std::vector<TypeParam> keys = RandomKeys<TypeParam>(random, count, shape);
      std::vector<TypeParam> expected = keys;
      SortKeysScalar(std::span(expected));
      SortKeys(std::span<TypeParam>(keys));
      ASSERT_EQ(keys, expected) << "seed " << kSeed << " shape " << shape << " count " << count;
    }
  }
}

TYPED_TEST(KeySortTest, ManyKeysAreSortedAsTheScalarFormDoes) {
  std::mt19937_64 random(kSeed);
  for (int shape = 0; shape < 5; ++shape) {
    for (const size_t count : {kKeysSortedAtOnce - 1, kKeysSortedAtOnce + 1, size_t{400'000}}) {
      std::vector<TypeParam> keys = RandomKeys<TypeParam>(random, count, shape);
      std::vector<TypeParam> expected = keys;
      SortKeysScalar(std::span(expected));
      ASSERT_TRUE(SortManyKeys(std::span<TypeParam>(keys), Budget(), AlwaysGoOn).ok());
      ASSERT_TRUE(keys == expected) << "seed " << kSeed << " shape " << shape;
    }
  }
}

TYPED_TEST(KeySortTest, RanksAreSelectedAsASortWouldPlaceThem) {
  std::mt19937_64 random(kSeed);
  for (int shape = 0; shape < 5; ++shape) {
    for (const size_t count : {size_t{1}, size_t{2}, size_t{1000}, size_t{400'000}}) {
      const std::vector<TypeParam> keys = RandomKeys<TypeParam>(random, count, shape);
      std::vector<TypeParam> sorted = keys;
      SortKeysScalar(std::span(sorted));
      std::vector<uint64_t> ranks = {0, 0, count / 2, count - 1};
      for (int i = 0; i < 20; ++i) ranks.push_back(random() % count);
      std::sort(ranks.begin(), ranks.end());
      std::vector<TypeParam> found(ranks.size());
      RankSelection<TypeParam> selection(Budget(), AlwaysGoOn);
      const auto half = std::span<const TypeParam>(keys).first(count / 2);
      const auto rest = std::span<const TypeParam>(keys).subspan(count / 2);
      const std::vector<std::span<const TypeParam>> parts = {half, rest};
      ASSERT_TRUE(selection.Select(parts, ranks, found.data()).ok());
      for (size_t i = 0; i < ranks.size(); ++i) {
        ASSERT_EQ(found[i], sorted[ranks[i]]) << "seed " << kSeed << " shape " << shape;
      }
    }
  }
}

TYPED_TEST(KeySortTest, SortAndSelectionEndWhenTheyAreCalledOff) {
  std::mt19937_64 random(kSeed);
  std::vector<TypeParam> keys = RandomKeys<TypeParam>(random, 400'000, 0);
  for (int asked = 0; asked < 12; ++asked) {
    int left = asked;
    const auto call_off = [&] { return left-- > 0 ? absl::OkStatus() : absl::CancelledError(); };
    EXPECT_TRUE(absl::IsCancelled(SortManyKeys(std::span(keys), Budget(), call_off)));
    left = asked;
    const std::span<const TypeParam> whole = keys;
    TypeParam found{};
    const std::vector<uint64_t> rank = {200'000};
    EXPECT_TRUE(absl::IsCancelled(
        RankSelection<TypeParam>(Budget(), call_off).Select({&whole, 1}, rank, &found)));
  }
}

TYPED_TEST(KeySortTest, ASortOfManyKeysIsRefusedWithoutMemoryForIt) {
  MemoryBudget budget("small", 100'000);
  std::vector<TypeParam> keys(400'000);
  keys[0] = 1;
  EXPECT_TRUE(absl::IsResourceExhausted(SortManyKeys(std::span(keys), budget, AlwaysGoOn)));
}

/// Items of few, of near and of any keys, and some of which only their number tells apart.
std::vector<KeyedItem> RandomItems(std::mt19937_64& random, size_t count, uint64_t num_keys) {
  std::vector<KeyedItem> items(count);
  for (KeyedItem& item : items) {
    item = {.item = random() % 1000, .key = num_keys == 0 ? random() : random() % num_keys};
  }
  return items;
}

TEST(KeyedItemSortTest, ItemsAreSortedByTheirKeysThenByTheirNumbers) {
  std::mt19937_64 random(kSeed);
  for (const uint64_t num_keys : {0, 1, 3, 1000}) {
    for (const size_t count : {0, 1, 2, 23, 24, 25, 1000, 20'000, 200'000}) {
      std::vector<KeyedItem> items = RandomItems(random, count, num_keys);
      std::vector<KeyedItem> expected = items;
      SortKeysScalar(std::span(expected));
      ASSERT_TRUE(SortManyKeys(std::span(items), Budget(), AlwaysGoOn).ok());
      ASSERT_TRUE(items == expected)
          << "seed " << kSeed << " count " << count << " of " << num_keys;
    }
  }
}

TEST(KeyedItemSortTest, ASortOfManyItemsEndsWhenItIsCalledOff) {
  std::mt19937_64 random(kSeed);
  for (const uint64_t num_keys : {0, 1}) {
    std::vector<KeyedItem> items = RandomItems(random, 400'000, num_keys);
    for (int asked = 0; asked < 8; ++asked) {
      int left = asked;
      const auto call_off = [&] { return left-- > 0 ? absl::OkStatus() : absl::CancelledError(); };
      EXPECT_TRUE(absl::IsCancelled(SortManyKeys(std::span(items), Budget(), call_off)));
    }
  }
}

}  // namespace
}  // namespace sextant
