#include "compute/column/bitmap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr size_t kBits = 200;

TEST(BitmapTest, WordsCoverTheBits) {
  EXPECT_EQ(BitmapWords(0), 0u);
  EXPECT_EQ(BitmapWords(64), 1u);
  EXPECT_EQ(BitmapWords(65), 2u);
}

TEST(BitmapTest, SetBitRangeSetsExactlyItsBits) {
  for (size_t begin = 0; begin <= kBits; ++begin) {
    for (size_t end = 0; end <= kBits; ++end) {
      std::vector<uint64_t> words(BitmapWords(kBits));
      SetBitRange(words, begin, end);
      ASSERT_EQ(CountBits(words), end > begin ? end - begin : 0) << begin << ' ' << end;
      if (end <= begin) continue;
      ASSERT_TRUE(TestBit(words, begin) && TestBit(words, end - 1)) << begin << ' ' << end;
    }
  }
}

TEST(BitmapTest, KeepBitRangeClearsTheOthers) {
  for (size_t begin = 0; begin <= kBits; ++begin) {
    for (size_t end = 0; end <= kBits; ++end) {
      std::vector<uint64_t> kept(BitmapWords(kBits));
      SetBitRange(kept, 0, kBits);
      KeepBitRange(kept, begin, end);
      std::vector<uint64_t> set(BitmapWords(kBits));
      SetBitRange(set, begin, end);
      ASSERT_EQ(kept, set) << begin << ' ' << end;
    }
  }
}

TEST(BitmapTest, BitsBecomeAscendingIndices) {
  std::vector<uint64_t> words(3);
  for (const size_t bit : {0, 63, 64, 130}) SetBit(words, bit);
  ClearBit(words, 64);
  std::vector<uint32_t> indices(CountBits(words));
  EXPECT_EQ(BitsToIndices(words, indices), 3u);
  EXPECT_THAT(indices, ElementsAre(0, 63, 130));
}

TEST(BitmapTest, NoBitsBecomeNoIndices) {
  const std::vector<uint64_t> words(2);
  EXPECT_EQ(BitsToIndices(words, {}), 0u);
}

}  // namespace
}  // namespace sextant
