#include "compute/kernels/byte_cells.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace sextant {
namespace {

constexpr size_t kRows = 1031;

class ByteCellsTest : public ::testing::Test {
 protected:
  ByteCellsTest() {
    RecordProperty("seed", std::to_string(seed_));
    for (uint64_t& word : addends_.word_of) word = random_();
    for (size_t f = 0; f < floats_.size(); ++f) {
      for (size_t k = 0; k < kRows; ++k) {
        floats_[f].push_back(static_cast<double>(random_() % 1000) / 7);
      }
      addends_.floats[f] = floats_[f].data();
    }
    addends_.cells = cells_.data();
    addends_.slots = slots_.data();
  }

  std::vector<uint8_t> RandomBytes() {
    std::vector<uint8_t> bytes(kRows);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random_());
    return bytes;
  }

  /// Row by row, to sums that are not zero.
  void ExpectSums() {
    ByteCellSums sums;
    std::memset(&sums, 0, sizeof(sums));
    sums.words[2][7] = 5;
    sums.floats[0][7] = 0.5;
    std::vector<uint64_t> words(256);
    std::vector<double> floats(2 * 256);
    words[7] = 5;
    floats[7] = 0.5;
    for (size_t k = 0; k < addends_.num_rows; ++k) {
      words[cells_[k]] += addends_.word_of[slots_[k]];
      for (uint32_t f = 0; f < addends_.num_floats; ++f) {
        floats[f * 256 + cells_[k]] += floats_[f][k];
      }
    }
    AddByteCells(addends_, sums);
    for (size_t cell = 0; cell < 256; ++cell) {
      uint64_t sum = 0;
      for (const auto& way : sums.words) sum += way[cell];
      ASSERT_EQ(sum, words[cell]) << "seed " << seed_;
      for (size_t f = 0; f < 2; ++f) {
        ASSERT_EQ(sums.floats[f][cell], floats[f * 256 + cell]) << "seed " << seed_;
      }
    }
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
  const std::vector<uint8_t> cells_ = RandomBytes();
  const std::vector<uint8_t> slots_ = RandomBytes();
  std::array<std::vector<double>, 2> floats_;
  ByteCellAddends addends_;
};

TEST_F(ByteCellsTest, SumsAreThoseOfTheirRows) {
  for (const uint32_t num_floats : {0u, 1u, 2u}) {
    for (const size_t num_rows : {size_t{0}, size_t{1}, size_t{3}, size_t{4}, kRows}) {
      addends_.num_floats = num_floats;
      addends_.num_rows = num_rows;
      ExpectSums();
    }
  }
}

}  // namespace
}  // namespace sextant
