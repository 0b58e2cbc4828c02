#include "compute/operators/interleaved_cells.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace sextant {
namespace {

struct Total {
  int64_t sum = 0;
  void Merge(const Total& next) { sum += next.sum; }
};

class InterleavedCellsTest : public testing::Test {
 protected:
  MemoryBudget budget_{"test"};
};

TEST_F(InterleavedCellsTest, FoldAddsUpThePlacesOfACell) {
  InterleavedCells<Total> cells(budget_);
  ASSERT_TRUE(cells.Resize(3).ok());
  ASSERT_EQ(cells.ways(), 4u);
  for (uint32_t k = 0; k < 12; ++k) cells.sums()[k].sum = int64_t{1} << k;
  cells.Fold();
  EXPECT_EQ(cells.ways(), 1u);
  EXPECT_EQ(cells[0].sum, 0x00F);
  EXPECT_EQ(cells[1].sum, 0x0F0);
  EXPECT_EQ(cells[2].sum, 0xF00);
}

TEST_F(InterleavedCellsTest, CellsThatComeAfterFoldAreEmpty) {
  InterleavedCells<Total> cells(budget_);
  ASSERT_TRUE(cells.Resize(2).ok());
  for (uint32_t k = 0; k < 8; ++k) cells.sums()[k].sum = 7;
  cells.Fold();
  ASSERT_TRUE(cells.Resize(3).ok());
  EXPECT_EQ(cells[1].sum, 28);
  EXPECT_EQ(cells[2].sum, 0);
}

TEST_F(InterleavedCellsTest, ManyCellsHaveOnePlaceEach) {
  using Cells = InterleavedCells<Total>;
  const uint64_t seed = 5;
  std::mt19937_64 random(seed);
  Cells cells(budget_);
  std::vector<int64_t> expected(Cells::kMaxCells + 1);
  const auto add = [&](uint32_t num_cells) {
    ASSERT_TRUE(cells.Resize(num_cells).ok());
    for (uint32_t k = 0; k < 20'000; ++k) {
      const auto cell = static_cast<uint32_t>(random() % num_cells);
      cells.sums()[size_t{cell} * cells.ways() + k % cells.ways()].sum += k;
      expected[cell] += k;
    }
  };
  add(Cells::kMaxCells);
  EXPECT_EQ(cells.ways(), 4u);
  add(Cells::kMaxCells + 1);
  EXPECT_EQ(cells.ways(), 1u);
  for (uint32_t cell = 0; cell < expected.size(); ++cell) {
    ASSERT_EQ(cells[cell].sum, expected[cell]) << "cell " << cell << ", seed " << seed;
  }
}

}  // namespace
}  // namespace sextant
