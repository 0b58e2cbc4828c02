#include "compute/kernels/cell_places.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

template <typename T, size_t kMost>
std::vector<T> PlacesOf(const std::vector<T>& offered) {
  CellPlaces<T, kMost> cell;
  for (const T number : offered) cell.Offer(number);
  std::vector<T> places;
  for (size_t i = 0; i < kMost; ++i) places.push_back(cell[i]);
  return places;
}

template <typename T, size_t kMost>
void ExpectTheGreatest(const std::vector<T>& offered) {
  std::vector<T> sorted = offered;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  sorted.resize(kMost);
  EXPECT_EQ((PlacesOf<T, kMost>(offered)), sorted) << kMost << " places";
}

template <typename T>
class CellPlacesTest : public ::testing::Test {};

using Numbers = ::testing::Types<uint32_t, uint64_t>;
TYPED_TEST_SUITE(CellPlacesTest, Numbers);

TYPED_TEST(CellPlacesTest, ACellToWhichNothingWasOfferedHasZeros) {
  EXPECT_THAT((PlacesOf<TypeParam, 2>({})), ElementsAre(0, 0));
}

TYPED_TEST(CellPlacesTest, ANumberTakesItsPlaceFromAnyEnd) {
  EXPECT_THAT((PlacesOf<TypeParam, 3>({3, 2, 1})), ElementsAre(3, 2, 1));
  EXPECT_THAT((PlacesOf<TypeParam, 3>({1, 2, 3})), ElementsAre(3, 2, 1));
  EXPECT_THAT((PlacesOf<TypeParam, 3>({3, 1, 2})), ElementsAre(3, 2, 1));
}

TYPED_TEST(CellPlacesTest, EqualNumbersTakeAPlaceEach) {
  EXPECT_THAT((PlacesOf<TypeParam, 2>({5, 7, 7})), ElementsAre(7, 7));
}

TYPED_TEST(CellPlacesTest, NumbersAreUnsigned) {
  constexpr TypeParam kMax = std::numeric_limits<TypeParam>::max();
  constexpr TypeParam kHalf = kMax / 2;
  EXPECT_THAT((PlacesOf<TypeParam, 4>({kHalf, kHalf + 1, kMax, 1})),
              ElementsAre(kMax, kHalf + 1, kHalf, 1));
}

TYPED_TEST(CellPlacesTest, AnyNumbersLeaveTheGreatest) {
  std::mt19937_64 random(20261122);
  for (size_t round = 0; round < 200; ++round) {
    // Few of them are different in every second round.
    const TypeParam most = round % 2 == 0 ? 6 : std::numeric_limits<TypeParam>::max();
    std::vector<TypeParam> offered(random() % 40);
    for (TypeParam& number : offered) number = static_cast<TypeParam>(random()) % most;
    ExpectTheGreatest<TypeParam, 1>(offered);
    ExpectTheGreatest<TypeParam, 2>(offered);
    ExpectTheGreatest<TypeParam, 3>(offered);
    ExpectTheGreatest<TypeParam, 4>(offered);
  }
}

}  // namespace
}  // namespace sextant
