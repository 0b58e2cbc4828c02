#include "compute/kernels/selection.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "compute/column/bitmap.h"
#include "compute/kernels/gather.h"
#include "compute/kernels/select_range.h"

namespace sextant {
namespace {

std::vector<uint64_t> AllOf(uint32_t num_rows) {
  std::vector<uint64_t> words(BitmapWords(num_rows));
  SetBitRange(words, 0, num_rows);
  return words;
}

Selection Whole(std::vector<uint64_t>& words) {
  return {words.data(), 0, static_cast<uint32_t>(words.size())};
}

template <typename T>
class RangeSelectionTest : public testing::Test {};
using Slots = testing::Types<uint8_t, uint16_t, uint32_t, uint64_t>;
TYPED_TEST_SUITE(RangeSelectionTest, Slots);

TYPED_TEST(RangeSelectionTest, KeepsWhatTwoComparisonsKeepWithAnyTail) {
  std::mt19937_64 draws(3);
  constexpr TypeParam kMax = std::numeric_limits<TypeParam>::max();
  for (const uint32_t num_rows : {0u, 1u, 63u, 64u, 65u, 130u}) {
    std::vector<TypeParam> values(num_rows);
    for (TypeParam& value : values) value = static_cast<TypeParam>(draws());
    if (num_rows > 1) values[1] = kMax;
    const auto low = static_cast<TypeParam>(draws());
    const auto span = static_cast<TypeParam>((kMax - low) / 2);
    for (const bool negated : {false, true}) {
      std::vector<uint64_t> words = AllOf(num_rows);
      NarrowByRangeScalar<TypeParam>(values.data(), num_rows, low, span, negated, Whole(words));
      for (uint32_t row = 0; row < num_rows; ++row) {
        const bool is_in = values[row] >= low && values[row] <= low + span;
        ASSERT_EQ(TestBit(words, row), is_in != negated) << "row " << row << " of " << num_rows;
      }
    }
  }
}

TEST(SelectionTest, RowsThatWereNotSelectedStayOut) {
  const std::vector<uint8_t> values(70, 1);
  std::vector<uint64_t> words(2);
  SetBit(words, 65);
  NarrowByRangeScalar<uint8_t>(values.data(), 70, 0, 5, false, Whole(words));
  EXPECT_EQ(words[0], 0u);
  EXPECT_EQ(words[1], 2u);
}

TEST(SelectionTest, WordsOutsideTheSelectionAreNotTouched) {
  const std::vector<uint8_t> values(192, 9);
  std::vector<uint64_t> words(3, ~uint64_t{0});
  NarrowByRangeScalar<uint8_t>(values.data(), 192, 0, 5, false, {words.data(), 1, 2});
  EXPECT_EQ(words, (std::vector<uint64_t>{~uint64_t{0}, 0, ~uint64_t{0}}));
}

TEST(SelectionTest, CodesAreLookedUpInTheirTable) {
  const std::vector<uint16_t> codes = {0, 70, 3, 70, 64};
  std::vector<uint64_t> table(2);
  SetBit(table, 70);
  SetBit(table, 0);
  std::vector<uint64_t> words = AllOf(5);
  NarrowByCodes(codes.data(), 5, table.data(), Whole(words));
  EXPECT_EQ(words[0], 0b01011u);
}

TEST(SelectionTest, PacksEveryByteIntoItsBit) {
  std::mt19937_64 draws(4);
  for (int i = 0; i < 100; ++i) {
    const uint64_t expected = draws();
    uint8_t hits[64];
    for (int bit = 0; bit < 64; ++bit) hits[bit] = (expected >> bit) & 1;
    ASSERT_EQ(PackBits(hits), expected);
  }
}

}  // namespace
}  // namespace sextant
