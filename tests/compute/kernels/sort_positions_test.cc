#include "compute/kernels/sort_positions.h"

#include <gmock/gmock.h>

#include <vector>

#include "compute/column/data_type.h"
#include "tests/testing/random_table.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <typename Key>
std::vector<uint16_t> Sorted(const std::vector<Key>& keys) {
  std::vector<uint16_t> positions(keys.size());
  std::vector<uint16_t> room(keys.size());
  SortPositions<Key>(keys, positions, room);
  return positions;
}

TEST(SortPositionsTest, EqualKeysStayAsTheyCome) {
  EXPECT_THAT(Sorted<uint64_t>({5, 3, 5, 0, 3}), ElementsAre(3, 1, 4, 0, 2));
}

TEST(SortPositionsTest, NothingAndOneKeyAreSorted) {
  EXPECT_THAT(Sorted<uint64_t>({}), IsEmpty());
  EXPECT_THAT(Sorted<uint64_t>({~uint64_t{0}}), ElementsAre(0));
}

TEST(SortPositionsTest, EveryBitOfAKeyCounts) {
  const uint128_t high = uint128_t{1} << 127;
  EXPECT_THAT(Sorted<uint128_t>({high + 1, high, 1, uint128_t{1} << 64, 0}),
              ElementsAre(4, 2, 3, 1, 0));
}

TEST(SortPositionsTest, AChunkOfAnyKeysIsInTheOrderOfAStableSort) {
  RandomDraws draws(1);
  for (const int bits : {1, 10, 11, 12, 22, 32, 45, 64}) {
    std::vector<uint64_t> keys(65'536);
    for (uint64_t& key : keys) key = draws.Below(~uint64_t{0}) >> (64 - bits);
    std::vector<uint16_t> expected(keys.size());
    std::iota(expected.begin(), expected.end(), uint16_t{0});
    std::stable_sort(expected.begin(), expected.end(),
                     [&](uint16_t a, uint16_t b) { return keys[a] < keys[b]; });
    ASSERT_EQ(Sorted<uint64_t>(keys), expected) << bits << " bits";
  }
}

}  // namespace
}  // namespace sextant
