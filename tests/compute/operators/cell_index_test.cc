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

TEST_P(CellIndexTest, ManyCellsAreDecodedAsOneIs) {
  auto index = CellIndex::Create({{GetParam(), 4}, 3}, budget_);
  ASSERT_TRUE(index.ok()) << index.status();
  Cells(*index, {2, 0, 2, 2, 4, 1, 0}, {3, 1, 3, 3, 0, 2, 0}, {0, 2, 0, 1, 2, 1, 0});
  for (uint32_t first = 0; first <= index->num_cells(); ++first) {
    const uint32_t count = index->num_cells() - first;
    std::vector<uint32_t> first_axis(count);
    std::vector<uint32_t> second_axis(count);
    std::vector<uint32_t> intervals(count);
    const std::vector<uint32_t*> codes = {first_axis.data(), second_axis.data()};
    index->DecodeMany(first, count, codes, intervals.data());
    for (uint32_t k = 0; k < count; ++k) {
      std::vector<uint32_t> own(2);
      EXPECT_EQ(intervals[k], index->Decode(first + k, own.data()));
      EXPECT_THAT(own, ElementsAre(first_axis[k], second_axis[k]));
    }
  }
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

TEST(CellIndexSlotsTest, SlotsHaveTheCellsInTheOrderOfTheirCodes) {
  MemoryBudget budget("test");
  auto index = CellIndex::Create({{2, 3}, 2}, budget);
  ASSERT_TRUE(index.ok()) << index.status();
  Cells(*index, {1, 0, 1}, {2, 1, 0}, {1, 0, 1});
  EXPECT_THAT(index->slots(), ElementsAre(0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 1));
}

TEST(CellIndexSlotsTest, EveryDigitOfTheLargestTableIsDecoded) {
  MemoryBudget budget("test");
  auto index = CellIndex::Create({{1021, 3}, 342}, budget);
  ASSERT_TRUE(index.ok()) << index.status();
  std::vector<uint32_t> firsts, seconds, intervals;
  for (uint32_t slot = 0; slot < 1021 * 3 * 342; slot += 1 + slot % 7) {
    firsts.push_back(slot / 342 / 3);
    seconds.push_back(slot / 342 % 3);
    intervals.push_back(slot % 342);
  }
  Cells(*index, firsts, seconds, intervals);
  std::vector<uint32_t> found_firsts(firsts.size());
  std::vector<uint32_t> found_seconds(firsts.size());
  std::vector<uint32_t> found_intervals(firsts.size());
  const std::vector<uint32_t*> codes = {found_firsts.data(), found_seconds.data()};
  index->DecodeMany(0, index->num_cells(), codes, found_intervals.data());
  EXPECT_EQ(found_firsts, firsts);
  EXPECT_EQ(found_seconds, seconds);
  EXPECT_EQ(found_intervals, intervals);
}

TEST(CellShapeTest, MemoryBeyondTheBudgetIsRefused) {
  MemoryBudget budget("test", 4096);
  EXPECT_EQ(CellIndex::Create({{1024, 1024}, 1}, budget).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant
