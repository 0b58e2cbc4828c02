#include "compute/kernels/selected_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace sextant {
namespace {

class SelectedRowsTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kRows = 1000;

  SelectedRowsTest() {
    RecordProperty("seed", std::to_string(seed_));
    for (uint64_t& word : words_) word = random_();
  }

  /// Ascending, some several times, as rows are that are in several groups.
  std::vector<uint32_t> SomeRows(size_t count) {
    std::vector<uint32_t> rows(count);
    for (uint32_t& row : rows) row = static_cast<uint32_t>(random_() % kRows);
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
  std::vector<uint64_t> words_ = std::vector<uint64_t>(kRows / 64 + 1);
};

TEST_F(SelectedRowsTest, RowsAreKeptWithTheirNumbersAsTheScalarFormKeepsThem) {
  for (const size_t count : {0, 1, 7, 8, 15, 16, 17, 33, 1000, 1024}) {
    const std::vector<uint32_t> rows = SomeRows(count);
    std::vector<uint32_t> numbers(count);
    for (uint32_t& number : numbers) number = static_cast<uint32_t>(random_());
    // No room beyond the rows: what is written there is found by the sanitizer.
    std::vector<uint32_t> kept_rows(count);
    std::vector<uint32_t> kept_numbers(count);
    std::vector<uint32_t> true_rows(count);
    std::vector<uint32_t> true_numbers(count);
    const size_t kept = KeepSelectedRows(words_.data(), rows, numbers.data(), kept_rows.data(),
                                         kept_numbers.data());
    ASSERT_EQ(kept, KeepSelectedRowsScalar(words_.data(), rows, 0, numbers.data(), true_rows.data(),
                                           true_numbers.data()))
        << "seed " << seed_;
    for (std::vector<uint32_t>* all : {&kept_rows, &kept_numbers, &true_rows, &true_numbers}) {
      all->resize(kept);
    }
    EXPECT_EQ(kept_rows, true_rows) << count << " rows, seed " << seed_;
    EXPECT_EQ(kept_numbers, true_numbers) << count << " rows, seed " << seed_;
  }
}

TEST_F(SelectedRowsTest, RowsWithoutNumbersAreKeptAlone) {
  const std::vector<uint32_t> rows = SomeRows(777);
  std::vector<uint32_t> kept_rows(rows.size());
  const size_t kept = KeepSelectedRows(words_.data(), rows, nullptr, kept_rows.data(), nullptr);
  kept_rows.resize(kept);
  std::vector<uint32_t> expected;
  for (const uint32_t row : rows) {
    if ((words_[row / 64] >> (row % 64) & 1) != 0) expected.push_back(row);
  }
  EXPECT_EQ(kept_rows, expected) << "seed " << seed_;
}

TEST_F(SelectedRowsTest, ValidityIsTheirBitWhereTheyWereValid) {
  for (const size_t count : {0, 1, 15, 16, 17, 1024}) {
    const std::vector<uint32_t> rows = SomeRows(count);
    std::vector<uint8_t> valid(count);
    for (uint8_t& one : valid) one = static_cast<uint8_t>(random_() % 2);
    std::vector<uint8_t> expected = valid;
    GatherValidityScalar(words_.data(), rows, 0, expected.data());
    GatherValidity(words_.data(), rows, valid.data());
    EXPECT_EQ(valid, expected) << count << " rows, seed " << seed_;
  }
}

}  // namespace
}  // namespace sextant
