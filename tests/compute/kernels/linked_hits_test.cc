#include "compute/kernels/linked_hits.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace sextant {
namespace {

constexpr uint32_t kNumLinked = 5000;

/// Lists of 128 rows with `most` linked rows at most, in two words of a selection.
class LinkedHitsTest : public ::testing::Test {
 protected:
  void MakeLists(uint32_t most, int found_percent) {
    std::mt19937 random(7);
    offsets_ = {0};
    rows_.clear();
    found_.assign(kNumLinked / 64 + 1, 0);
    for (uint32_t linked = 0; linked < kNumLinked; ++linked) {
      if (static_cast<int>(random() % 100) < found_percent) {
        found_[linked / 64] |= uint64_t{1} << (linked % 64);
      }
    }
    for (int row = 0; row < 128; ++row) {
      for (uint32_t i = random() % (most + 1); i > 0; --i) rows_.push_back(random() % kNumLinked);
      offsets_.push_back(static_cast<uint32_t>(rows_.size()));
    }
  }

  LinkedLists lists() const { return {offsets_.data(), rows_.data()}; }

  bool HasOne(uint32_t row, bool any) const {
    for (uint32_t at = offsets_[row]; at < offsets_[row + 1]; ++at) {
      if (any || ((found_[rows_[at] / 64] >> (rows_[at] % 64)) & 1) != 0) return true;
    }
    return false;
  }

  void ExpectKept(const std::vector<uint64_t>& before, const std::vector<uint64_t>& after,
                  bool negated, bool any) const {
    for (uint32_t row = 0; row < 128; ++row) {
      const bool was = ((before[row / 64] >> (row % 64)) & 1) != 0;
      const bool is = ((after[row / 64] >> (row % 64)) & 1) != 0;
      ASSERT_EQ(is, was && HasOne(row, any) != negated) << "row " << row;
    }
  }

  void ExpectNarrowed(const std::vector<uint64_t>& before) const {
    for (const bool negated : {false, true}) {
      std::vector<uint64_t> words = before;
      NarrowByLinked(lists(), found_.data(), negated, {words.data(), 0, 2});
      ExpectKept(before, words, negated, false);
      words = before;
      NarrowByAnyLinked(lists(), negated, {words.data(), 0, 2});
      ExpectKept(before, words, negated, true);
    }
  }

  static std::vector<uint64_t> AllRows() { return {~uint64_t{0}, ~uint64_t{0}}; }

  std::vector<uint32_t> offsets_;
  std::vector<uint32_t> rows_;
  std::vector<uint64_t> found_;
};

TEST_F(LinkedHitsTest, RowsOfFewLinkedRowsAreKeptByAnyHit) {
  for (const int percent : {0, 3, 30, 100}) {
    MakeLists(6, percent);
    ExpectNarrowed(AllRows());
  }
}

TEST_F(LinkedHitsTest, RowsWithoutLinkedRowsHaveNoHit) {
  MakeLists(0, 50);
  ExpectNarrowed(AllRows());
}

TEST_F(LinkedHitsTest, FewSelectedRowsAreTestedOneByOne) {
  MakeLists(6, 30);
  ExpectNarrowed({uint64_t{1} << 63 | 5, uint64_t{1} << 17});
}

TEST_F(LinkedHitsTest, RowsOfVeryManyLinkedRowsAreTestedOneByOne) {
  MakeLists(90, 2);
  ASSERT_GT(offsets_[64], kMaxPairsOfWord);
  ExpectNarrowed(AllRows());
}

TEST_F(LinkedHitsTest, AsManyLinkedRowsAsThereIsRoomForAreLookedAtTogether) {
  MakeLists(6, 30);
  // Each of the first 64 rows has 16.
  rows_.clear();
  for (uint32_t at = 0; at < kMaxPairsOfWord; ++at) rows_.push_back(at * 37 % kNumLinked);
  for (uint32_t row = 0; row <= 128; ++row) {
    offsets_[row] = row < 64 ? row * 16 : kMaxPairsOfWord;
  }
  ExpectNarrowed(AllRows());
}

}  // namespace
}  // namespace sextant
