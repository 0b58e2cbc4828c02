#include "compute/kernels/gather.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;

TEST(RowRunsTest, RunIsTheRowsOneAfterAnother) {
  EXPECT_THAT(RunOfRows(7, 3), ElementsAre(7, 8, 9));
  EXPECT_EQ(RunOfRows(0, kMaxChunkRows).back(), kMaxChunkRows - 1);
}

TEST(RowRunsTest, RunIsKnownByItsAddress) {
  const std::vector<uint32_t> rows = {7, 8, 9};
  EXPECT_TRUE(IsRun(RunOfRows(7, 3)));
  EXPECT_TRUE(IsRun(RunOfRows(kMaxChunkRows - 1, 1)));
  EXPECT_TRUE(IsRun(RunOfRows(7, 3).subspan(1)));
  EXPECT_FALSE(IsRun(rows));
}

TEST(IsContiguousTest, TakesRunsAndOthersInOrder) {
  EXPECT_TRUE(IsContiguous(RunOfRows(100, 64)));
  EXPECT_TRUE(IsContiguous(std::vector<uint32_t>{7, 8, 9}));
}

TEST(IsContiguousTest, RefusesNoRowsGapsAndRepeats) {
  EXPECT_FALSE(IsContiguous({}));
  EXPECT_FALSE(IsContiguous(RunOfRows(100, 0)));
  EXPECT_FALSE(IsContiguous(std::vector<uint32_t>{7, 9}));
  EXPECT_FALSE(IsContiguous(std::vector<uint32_t>{7, 7, 9}));
}

template <typename Slot>
class GatherCodesTest : public ::testing::Test {};
using Slots = ::testing::Types<uint8_t, uint16_t, uint32_t, uint64_t>;
TYPED_TEST_SUITE(GatherCodesTest, Slots);

TYPED_TEST(GatherCodesTest, AgreesWithTheLoopOnRunsOfEveryLength) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<TypeParam> slots(300);
  for (TypeParam& slot : slots) slot = static_cast<TypeParam>(random());
  const auto shift = static_cast<uint32_t>(random());
  for (size_t count = 1; count < 140; ++count) {
    const auto first = static_cast<uint32_t>(random() % (slots.size() - count));
    std::vector<uint32_t> codes(count + 1, 77);
    GatherCodes(slots.data(), shift, RunOfRows(first, count), codes.data());
    for (size_t k = 0; k < count; ++k) {
      ASSERT_EQ(codes[k], static_cast<uint32_t>(slots[first + k]) + shift) << count << ' ' << k;
    }
    EXPECT_EQ(codes[count], 77);
  }
}

TYPED_TEST(GatherCodesTest, TakesScatteredRows) {
  std::vector<TypeParam> slots(10);
  std::iota(slots.begin(), slots.end(), 20);
  std::vector<uint32_t> codes(3);
  GatherCodes(slots.data(), 1, std::vector<uint32_t>{1, 1, 9}, codes.data());
  EXPECT_THAT(codes, ElementsAre(22, 22, 30));
}

TEST(FoldCodesTest, AgreesWithTheLoopInPlaceAndElsewhere) {
  std::mt19937_64 random(5);
  for (size_t count = 0; count < 70; ++count) {
    std::vector<uint32_t> numbers(count);
    std::vector<uint32_t> codes(count);
    std::vector<uint32_t> expected(count);
    for (size_t k = 0; k < count; ++k) {
      numbers[k] = static_cast<uint32_t>(random());
      codes[k] = static_cast<uint32_t>(random());
      expected[k] = numbers[k] * 101 + codes[k];
    }
    std::vector<uint32_t> folded(count);
    FoldCodes(numbers.data(), 101, codes.data(), count, folded.data());
    EXPECT_EQ(folded, expected);
    FoldCodes(numbers.data(), 101, codes.data(), count, numbers.data());
    EXPECT_EQ(numbers, expected);
  }
}

TEST(ReadDigitsTest, DigitsAreTheBitsOfKeysBehindTheShift) {
  std::vector<uint64_t> keys;
  for (uint64_t k = 0; k < 70; ++k) keys.push_back(k * 0x9E3779B97F4A7C15u);
  for (const uint32_t shift : {0u, 1u, 31u, 32u, 63u}) {
    for (const uint32_t mask : {0u, 1u, 0xFFFFFu, 0xFFFFFFFFu}) {
      for (const size_t count : {size_t{0}, size_t{1}, size_t{15}, keys.size()}) {
        std::vector<uint32_t> digits(count + 1, 7);
        ReadDigits(keys.data(), count, shift, mask, digits.data());
        for (size_t k = 0; k < count; ++k) {
          ASSERT_EQ(digits[k], static_cast<uint32_t>(keys[k] >> shift) & mask);
        }
        EXPECT_EQ(digits[count], 7u);
      }
    }
  }
}

}  // namespace
}  // namespace sextant
