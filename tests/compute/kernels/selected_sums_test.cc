#include "compute/kernels/selected_sums.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "compute/column/bitmap.h"

namespace sextant {
namespace {

/// Rows of a chunk, some of them selected: none, few, most or all of the rows of a word.
class SelectedSumsTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  SelectedSumsTest() {
    RecordProperty("seed", std::to_string(seed_));
    for (size_t word = 0; word < words_.size(); ++word) {
      const uint64_t masks[] = {0, random_() & random_() & random_(), random_() | random_(),
                                ~uint64_t{0}};
      words_[word] = masks[random_() % 4];
    }
    KeepBitRange(words_, 0, num_rows_);
    for (uint32_t row = 0; row < num_rows_; ++row) {
      if (TestBit(words_, row)) rows_.push_back(row);
    }
  }

  template <typename Slot>
  void ExpectSum() {
    std::vector<Slot> slots(num_rows_);
    for (Slot& slot : slots) slot = static_cast<Slot>(random_());
    uint64_t sum = 0;
    for (const uint32_t row : rows_) sum += slots[row];
    EXPECT_EQ(SumSelected(slots.data(), num_rows_, selection_), sum) << "seed " << seed_;
  }

  template <typename Float>
  void ExpectLanes() {
    std::vector<Float> values(num_rows_);
    for (Float& value : values) value = static_cast<Float>(random_() % 1000000) / 7;
    for (const uint64_t first_ordinal : {0, 3, 65536}) {
      FloatLanes expected{1, 2, 3, 4, 5, 6, 7, 8};
      FloatLanes lanes = expected;
      std::vector<double> selected;
      for (const uint32_t row : rows_) selected.push_back(static_cast<double>(values[row]));
      AddToLanes(first_ordinal, rows_, selected.data(), expected);
      AddSelectedToLanes(first_ordinal, values.data(), num_rows_, selection_, lanes);
      EXPECT_EQ(lanes, expected) << "seed " << seed_;
    }
  }

  const uint32_t num_rows_ = GetParam();
  const unsigned seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
  std::vector<uint64_t> words_ = std::vector<uint64_t>(BitmapWords(num_rows_));
  const Selection selection_ = {words_.data(), 0, static_cast<uint32_t>(words_.size())};
  std::vector<uint32_t> rows_;
};

TEST_P(SelectedSumsTest, SumsSlotsOfEveryWidth) {
  ExpectSum<uint8_t>();
  ExpectSum<uint16_t>();
  ExpectSum<uint32_t>();
  ExpectSum<uint64_t>();
}

TEST_P(SelectedSumsTest, AddsFloatsToTheLanesOfTheirRows_Rule4) {
  ExpectLanes<float>();
  ExpectLanes<double>();
}

TEST_P(SelectedSumsTest, CountsRowsOfABitmap) {
  std::vector<uint64_t> bitmap(words_.size());
  for (uint64_t& word : bitmap) word = random_();
  uint64_t count = 0;
  for (const uint32_t row : rows_) count += TestBit(bitmap, row) ? 1 : 0;
  EXPECT_EQ(CountSelectedIn(selection_, bitmap.data()), count) << "seed " << seed_;
}

INSTANTIATE_TEST_SUITE_P(Tails, SelectedSumsTest,
                         ::testing::Values(0, 1, 63, 64, 65, 127, 640, 1000, 4097));

TEST(SelectedSumsOfWordsTest, WordsOutsideTheSelectionAreNotRead) {
  std::vector<uint64_t> words(3, ~uint64_t{0});
  const std::vector<uint8_t> slots(192, 1);
  EXPECT_EQ(SumSelected(slots.data(), 192, {words.data(), 1, 2}), 64u);
}

TEST(SelectedSumsOfWordsTest, WhatIsNotSelectedMayBeAnything) {  // (rule 4)
  std::vector<uint64_t> words = {1};
  std::vector<double> values(64, std::numeric_limits<double>::quiet_NaN());
  values[0] = 2.5;
  FloatLanes lanes{};
  AddSelectedToLanes(0, values.data(), 64, {words.data(), 0, 1}, lanes);
  EXPECT_EQ(lanes, (FloatLanes{2.5}));
}

}  // namespace
}  // namespace sextant
