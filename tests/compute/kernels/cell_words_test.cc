#include "compute/kernels/cell_words.h"

#include <gmock/gmock.h>

#include <bit>
#include <random>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;

/// Addends of 11 rows, and what they make of cells, one by one.
class CellWordsTest : public ::testing::TestWithParam<CellForm> {
 protected:
  static constexpr size_t kRows = 11;
  static constexpr uint32_t kCells = 5;

  CellWordsTest() : words_(form_.num_words), floats_(form_.num_floats) {
    for (size_t w = 0; w < words_.size(); ++w) {
      for (size_t k = 0; k < kRows; ++k) words_[w].push_back(random_());
      addends_.words[w] = words_[w].data();
    }
    for (size_t f = 0; f < floats_.size(); ++f) {
      for (size_t k = 0; k < kRows; ++k) {
        floats_[f].push_back(static_cast<double>(random_() % 1000) / 7);
      }
      addends_.floats[f] = floats_[f].data();
    }
    for (size_t k = 0; k < kRows; ++k) cells_.push_back(static_cast<uint32_t>(random_() % kCells));
  }

  std::vector<uint64_t> Expected() const {
    std::vector<uint64_t> table(kCells * form_.stride());
    for (size_t k = 0; k < kRows; ++k) {
      uint64_t* cell = table.data() + cells_[k] * form_.stride();
      for (const auto& word : words_) *cell++ += word[k];
      for (const auto& values : floats_) {
        *cell = std::bit_cast<uint64_t>(std::bit_cast<double>(*cell) + values[k]);
        ++cell;
      }
    }
    return table;
  }

  const CellForm form_ = GetParam();
  std::mt19937_64 random_{form_.stride()};
  std::vector<std::vector<uint64_t>> words_;
  std::vector<std::vector<double>> floats_;
  CellAddends addends_{};
  std::vector<uint32_t> cells_;
};

TEST_P(CellWordsTest, AddsRowByRow) {
  std::vector<uint64_t> table(kCells * form_.stride());
  AddToCellWords(form_, false, addends_, cells_, table.data());
  EXPECT_EQ(table, Expected());
}

TEST_P(CellWordsTest, WaysFoldToTheSame) {
  std::vector<uint64_t> table(kCells * form_.stride() * CellForm::kWays);
  AddToCellWords(form_, true, addends_, cells_, table.data());
  FoldCellWays(form_, kCells, table.data());
  table.resize(kCells * form_.stride());
  EXPECT_EQ(table, Expected());
}

TEST_P(CellWordsTest, MergesIntoTheCellsOfTheMap) {
  std::vector<uint64_t> from(kCells * form_.stride());
  AddToCellWords(form_, false, addends_, cells_, from.data());
  std::vector<uint64_t> into(2 * kCells * form_.stride());
  MergeCellWords(form_, from.data(), std::vector<uint32_t>{9, 0, 3, 1, 8}, into.data());
  const std::vector<uint64_t> expected = Expected();
  for (size_t i = 0; i < form_.stride(); ++i) {
    EXPECT_EQ(into[9 * form_.stride() + i], expected[i]);
    EXPECT_EQ(into[3 * form_.stride() + i], expected[2 * form_.stride() + i]);
    EXPECT_EQ(into[7 * form_.stride() + i], 0u);
  }
}

std::vector<CellForm> AllForms() {
  std::vector<CellForm> forms;
  for (uint32_t words = 1; words <= CellForm::kMaxWords; ++words) {
    for (uint32_t floats = 0; floats <= CellForm::kMaxFloats; ++floats) {
      forms.push_back({words, floats});
    }
  }
  return forms;
}

INSTANTIATE_TEST_SUITE_P(AllForms, CellWordsTest, ::testing::ValuesIn(AllForms()),
                         [](const auto& form) {
                           return std::to_string(form.param.num_words) + "Words" +
                                  std::to_string(form.param.num_floats) + "Floats";
                         });

TEST(CellWordsOfFloatsTest, AddInRowOrder_Rule4) {
  const std::vector<uint64_t> ones(6, 1);
  const std::vector<double> values = {1e100, 1, -1e100, 1, 1e100, -1e100};
  const std::vector<uint32_t> cells(6, 0);
  CellAddends addends{};
  addends.words[0] = ones.data();
  addends.floats[0] = values.data();
  std::vector<uint64_t> table(2 * CellForm::kWays);
  AddToCellWords({1, 1}, true, addends, cells, table.data());
  FoldCellWays({1, 1}, 1, table.data());
  table.resize(2);
  EXPECT_THAT(table, ElementsAre(6, std::bit_cast<uint64_t>(0.0)));
}

}  // namespace
}  // namespace sextant
