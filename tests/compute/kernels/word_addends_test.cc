#include "compute/kernels/word_addends.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "compute/kernels/row_runs.h"

namespace sextant {
namespace {

constexpr uint32_t kRows = 300;

/// Runs of every length up to some vectors, from any row on; and scattered rows.
std::vector<std::vector<uint32_t>> SomeRows(std::mt19937_64& random) {
  std::vector<std::vector<uint32_t>> batches;
  for (size_t count = 0; count < 140; ++count) {
    const std::span<const uint32_t> run =
        RunOfRows(count % 3 == 0 ? 64 : static_cast<uint32_t>(random() % (kRows - count)), count);
    batches.emplace_back(run.begin(), run.end());
  }
  batches.push_back({1, 1, 4, 200, 299});
  return batches;
}

class WordAddendsTest : public ::testing::Test {
 protected:
  WordAddendsTest() { RecordProperty("seed", std::to_string(seed_)); }

  std::vector<uint64_t> RandomWords(size_t count) {
    std::vector<uint64_t> words(count);
    for (uint64_t& word : words) word = random_();
    return words;
  }

  template <typename Slot>
  void ExpectSlotsAdded() {
    std::vector<Slot> slots(2 * kRows);  // what is read ahead is there
    for (Slot& slot : slots) slot = static_cast<Slot>(random_());
    for (const std::vector<uint32_t>& rows : SomeRows(random_)) {
      for (const bool begins : {false, true}) {
        const WordPart part = {static_cast<uint32_t>(random_() % 64), begins, random_()};
        const std::vector<uint64_t> before = RandomWords(rows.size());
        std::vector<uint64_t> addends = before;
        AddSlotsTo(slots.data(), rows, part, addends.data());
        for (size_t k = 0; k < rows.size(); ++k) {
          const uint64_t first = begins ? part.constant : before[k];
          ASSERT_EQ(addends[k], first + (uint64_t{slots[rows[k]]} << part.shift))
              << "seed " << seed_ << ", row " << k << " of " << rows.size();
        }
      }
    }
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
};

TEST_F(WordAddendsTest, AddsSlotsOfEveryWidth) {
  ExpectSlotsAdded<uint8_t>();
  ExpectSlotsAdded<uint16_t>();
  ExpectSlotsAdded<uint32_t>();
  ExpectSlotsAdded<uint64_t>();
}

TEST_F(WordAddendsTest, AddsAConstantWhereValid) {
  const std::vector<uint64_t> validity = RandomWords(kRows / 64 + 1);
  for (const std::vector<uint32_t>& rows : SomeRows(random_)) {
    const uint64_t constant = random_();
    const std::vector<uint64_t> before = RandomWords(rows.size());
    std::vector<uint64_t> addends = before;
    AddWhereValid(validity.data(), rows, constant, addends.data());
    for (size_t k = 0; k < rows.size(); ++k) {
      const bool is_valid = (validity[rows[k] / 64] >> (rows[k] % 64) & 1) != 0;
      ASSERT_EQ(addends[k], before[k] + (is_valid ? constant : 0)) << "seed " << seed_;
    }
  }
}

TEST_F(WordAddendsTest, AddsValuesThatWereReadWhereValid) {
  for (size_t count = 0; count < 70; ++count) {
    std::vector<int64_t> values(count);
    std::vector<uint8_t> valid(count);
    for (size_t k = 0; k < count; ++k) {
      values[k] = static_cast<int64_t>(random_());
      valid[k] = random_() % 2;
    }
    const auto shift = static_cast<uint32_t>(random_() % 64);
    const uint64_t constant = random_();
    const std::vector<uint64_t> before = RandomWords(count);
    std::vector<uint64_t> addends = before;
    AddReadValues(values, valid.data(), shift, constant, addends.data());
    for (size_t k = 0; k < count; ++k) {
      const uint64_t added =
          valid[k] != 0 ? (static_cast<uint64_t>(values[k]) << shift) + constant : 0;
      ASSERT_EQ(addends[k], before[k] + added) << "seed " << seed_;
    }
  }
}

TEST_F(WordAddendsTest, AddsProducts) {
  for (size_t count = 0; count < 70; ++count) {
    std::vector<uint32_t> a(count);
    std::vector<uint32_t> b(count);
    for (uint32_t& one : a) one = static_cast<uint32_t>(random_());
    for (uint32_t& one : b) one = static_cast<uint32_t>(random_());
    for (const bool begins : {false, true}) {
      const WordPart part = {static_cast<uint32_t>(random_() % 64), begins, random_()};
      const std::vector<uint64_t> before = RandomWords(count);
      std::vector<uint64_t> addends = before;
      AddProductsTo(a, b.data(), part, addends.data());
      for (size_t k = 0; k < count; ++k) {
        const uint64_t first = begins ? part.constant : before[k];
        ASSERT_EQ(addends[k], first + (uint64_t{a[k]} * b[k] << part.shift)) << "seed " << seed_;
      }
    }
  }
}

TEST_F(WordAddendsTest, AddsFieldsOfNumbers) {
  for (size_t count = 0; count < 70; ++count) {
    std::vector<uint32_t> numbers(count);
    for (uint32_t& one : numbers) one = static_cast<uint32_t>(random_());
    for (const bool begins : {false, true}) {
      const WordPart part = {static_cast<uint32_t>(random_() % 64), begins, random_()};
      const auto from = static_cast<uint32_t>(random_() % 32);
      const uint32_t mask = ~uint32_t{0} >> random_() % 32;
      const std::vector<uint64_t> before = RandomWords(count);
      std::vector<uint64_t> addends = before;
      AddFieldsTo(numbers, {from, mask}, part, addends.data());
      for (size_t k = 0; k < count; ++k) {
        const uint64_t first = begins ? part.constant : before[k];
        const uint64_t field = numbers[k] >> from & mask;
        ASSERT_EQ(addends[k], first + (field << part.shift)) << "seed " << seed_;
      }
    }
  }
}

TEST_F(WordAddendsTest, FillsWords) {
  std::vector<uint64_t> addends(20, 1);
  FillWords(7, 19, addends.data());
  EXPECT_EQ(addends[18], 7u);
  EXPECT_EQ(addends[19], 1u);
}

}  // namespace
}  // namespace sextant
