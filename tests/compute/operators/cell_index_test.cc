#include "compute/operators/cell_index.h"

#include <gmock/gmock.h>

#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;

/// The cells of rows with codes on two axes and an interval each.
std::vector<uint32_t> Cells(CellIndex& index, const std::vector<uint32_t>& first,
                            const std::vector<uint32_t>& second,
                            const std::vector<uint32_t>& intervals) {
  std::vector<uint32_t> groups(first.size());
  std::vector<uint32_t> cells(first.size());
  const std::vector<const uint32_t*> codes = {first.data(), second.data()};
  EXPECT_TRUE(index.FoldGroups(codes, first.size(), groups.data()).ok());
  EXPECT_TRUE(index.FindCells(groups.data(), intervals.data(), first.size(), cells.data()).ok());
  return cells;
}

class CellIndexTest : public testing::TestWithParam<uint64_t> {
 protected:
  MemoryBudget budget_{"test"};
};

TEST_P(CellIndexTest, NumbersCellsInOrderOfArrivalAndDecodesThem) {
  auto index = CellIndex::Create({{GetParam(), 4}, 3}, budget_);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_THAT(Cells(*index, {2, 0, 2, 2}, {3, 1, 3, 3}, {0, 2, 0, 1}), ElementsAre(0, 1, 0, 2));
  ASSERT_EQ(index->num_cells(), 3u);
  std::vector<uint32_t> codes(2);
  EXPECT_EQ(index->Decode(2, codes.data()), 1u);
  EXPECT_THAT(codes, ElementsAre(2, 3));
  EXPECT_EQ(index->Decode(1, codes.data()), 2u);
  EXPECT_THAT(codes, ElementsAre(0, 1));
}

TEST(CellIndexDirectTest, FewSlotsAreTheCellsThemselves) {
  MemoryBudget budget("test");
  auto index = CellIndex::Create({{5, 4}, 3, 60}, budget);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_TRUE(index->is_direct());
  EXPECT_EQ(index->num_cells(), 60u);
  EXPECT_THAT(Cells(*index, {2, 0, 2}, {3, 1, 3}, {0, 2, 1}), ElementsAre(33, 5, 34));
  std::vector<uint32_t> codes(2);
  EXPECT_EQ(index->Decode(34, codes.data()), 1u);
  EXPECT_THAT(codes, ElementsAre(2, 3));
}

TEST(CellIndexDirectTest, OneSlotMoreIsLookedUp) {
  MemoryBudget budget("test");
  auto index = CellIndex::Create({{5, 4}, 3, 59}, budget);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_FALSE(index->is_direct());
  EXPECT_EQ(index->num_cells(), 0u);
}

// Dense; a domain that is not known; one that is too large for a table.
INSTANTIATE_TEST_SUITE_P(Domains, CellIndexTest, testing::Values(5, 0, CellShape::kMaxSlots + 1));

TEST(CellShapeTest, SlotsAreTheProductUpToTheLimit) {
  EXPECT_EQ((CellShape{{1024, 1024}, 1}).NumSlots(), uint32_t{1} << 20);
  EXPECT_EQ((CellShape{{1024, 1025}, 1}).NumSlots(), std::nullopt);
  EXPECT_EQ((CellShape{{1024, 1024}, 2}).NumSlots(), std::nullopt);
  EXPECT_EQ((CellShape{{3, 0}, 1}).NumSlots(), std::nullopt);
  EXPECT_EQ((CellShape{{}, 7}).NumSlots(), 7u);
}

TEST(CellShapeTest, MemoryBeyondTheBudgetIsRefused) {
  MemoryBudget budget("test", 4096);
  EXPECT_EQ(CellIndex::Create({{1024, 1024}, 1}, budget).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant
