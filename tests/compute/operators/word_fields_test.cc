#include "compute/operators/word_fields.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

TEST(WordFieldsTest, BitsOfASumHoldTheGreatestSum) {
  EXPECT_EQ(BitsOfSum(0, 10), 1u);
  EXPECT_EQ(BitsOfSum(1, 7), 3u);
  EXPECT_EQ(BitsOfSum(1, 8), 4u);
  EXPECT_EQ(BitsOfSum(uint64_t{1} << 32, uint64_t{1} << 31), 64u);
  EXPECT_EQ(BitsOfSum(kMax, 1), 64u);
}

TEST(WordFieldsTest, ASumBeyondAWordFitsInNone) {
  EXPECT_EQ(BitsOfSum(uint64_t{1} << 32, uint64_t{1} << 32), 65u);
  EXPECT_FALSE(WordLayout().Add(65));
}

TEST(WordFieldsTest, FieldsFillTheFirstWordThatHasRoom) {
  WordLayout layout;
  const WordField a = *layout.Add(40);
  const WordField b = *layout.Add(30);
  const WordField c = *layout.Add(24);
  EXPECT_EQ(a.word, 0u);
  EXPECT_EQ(b.word, 1u);
  EXPECT_EQ(c.word, 0u);
  EXPECT_EQ(c.shift, 40u);
  EXPECT_EQ(layout.num_words(), 2u);
}

TEST(WordFieldsTest, FieldsAreReadApart) {
  WordLayout layout;
  const WordField low = *layout.Add(8);
  const WordField high = *layout.Add(56);
  const uint64_t word = uint64_t{255} << low.shift | uint64_t{77} << high.shift;
  EXPECT_EQ(low.Of(&word), 255u);
  EXPECT_EQ(high.Of(&word), 77u);
  const uint64_t whole = kMax;
  EXPECT_EQ(WordLayout().Add(64)->Of(&whole), kMax);
}

TEST(WordFieldsTest, NothingIsTakenWhereThereIsNoRoom) {
  WordLayout layout;
  for (uint32_t word = 0; word < CellForm::kMaxWords; ++word) EXPECT_TRUE(layout.Add(60));
  EXPECT_FALSE(layout.Add(5));
  EXPECT_TRUE(layout.Add(4));
}

}  // namespace
}  // namespace sextant
