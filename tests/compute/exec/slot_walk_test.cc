#include "compute/exec/slot_walk.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

class SlotWalkTest : public ::testing::Test {
 protected:
  /// Rows as "rank[,rank] interval cell".
  std::vector<std::string> Walk(const CellSlots& cells,
                                const std::vector<std::vector<uint32_t>>& code_of_rank) {
    std::vector<uint32_t> intervals(cells.num_cells + 1, 77);
    std::vector<uint32_t> cell_ids(cells.num_cells + 1, 77);
    std::vector<std::vector<uint32_t>> ranks(code_of_rank.size(), intervals);
    RowSlots rows = {intervals.data(), {}, {cell_ids.data()}};
    for (auto& of_axis : ranks) rows.ranks.push_back(of_axis.data());
    const std::vector<std::span<const uint32_t>> codes(code_of_rank.begin(), code_of_rank.end());
    EXPECT_TRUE(WalkSlots(context_, cells, codes, rows).ok());
    std::vector<std::string> texts;
    for (size_t row = 0; row < cells.num_cells; ++row) {
      std::string& text = texts.emplace_back();
      for (const auto& of_axis : ranks) text += std::to_string(of_axis[row]) + " ";
      text += std::to_string(intervals[row]) + " " + std::to_string(cell_ids[row]);
    }
    return texts;
  }

  QueryContext context_{Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                        &TestBudget(), MemoryBudget::kUnlimitedBytes};
};

TEST_F(SlotWalkTest, CellsOfOneAxisComeInTheOrderOfRanks) {
  const CellShape shape = {.domains = {3}};
  const std::vector<uint32_t> slots = {2, 1, 3};
  EXPECT_THAT(Walk({shape, slots, 3}, {{2, 0, 1}}), ElementsAre("0 0 2", "1 0 1", "2 0 0"));
}

TEST_F(SlotWalkTest, ARankWithoutACellHasNoRow) {
  const CellShape shape = {.domains = {3}};
  const std::vector<uint32_t> slots = {2, 0, 1};
  EXPECT_THAT(Walk({shape, slots, 2}, {{2, 1, 0}}), ElementsAre("0 0 0", "2 0 1"));
}

TEST_F(SlotWalkTest, ARankThatNoCodeHasIsPassedBy) {
  const CellShape shape = {.domains = {2}};
  const std::vector<uint32_t> slots = {0, 1};
  EXPECT_THAT(Walk({shape, slots, 1}, {{kNoCode, 1}}), ElementsAre("1 0 0"));
}

TEST_F(SlotWalkTest, CellsOfTwoAxesComeInTheOrderOfTheFirst) {
  const CellShape shape = {.domains = {2, 2}};
  const std::vector<uint32_t> slots = {1, 2, 0, 3};
  EXPECT_THAT(Walk({shape, slots, 3}, {{1, 0}, {0, 1}}),
              ElementsAre("0 1 0 2", "1 0 0 0", "1 1 0 1"));
}

TEST_F(SlotWalkTest, IntervalsOfAGroupAscend) {
  const CellShape shape = {.domains = {2}, .num_intervals = 2};
  const std::vector<uint32_t> slots = {0, 3, 1, 2};
  EXPECT_THAT(Walk({shape, slots, 3}, {{1, 0}}), ElementsAre("0 0 0", "0 1 1", "1 1 2"));
}

TEST_F(SlotWalkTest, ACodeIsUsedWhereItHasACellOrHadOneBefore) {
  const CellShape shape = {.domains = {4}};
  const std::vector<uint32_t> slots = {0, 0, 7, 1};
  std::vector<uint8_t> used = {0, 1, 1, 0};
  const std::array<uint8_t*, 1> axes = {used.data()};
  ASSERT_TRUE(MarkUsedBySlots(context_, {shape, slots, 2}, axes).ok());
  EXPECT_THAT(used, ElementsAre(0, 1, 1, 1));
}

TEST_F(SlotWalkTest, CodesOfEachAxisOfACellAreUsed) {
  const CellShape shape = {.domains = {2, 3}};
  const std::vector<uint32_t> slots = {0, 0, 1, 0, 0, 0};
  std::vector<uint8_t> first(2);
  std::vector<uint8_t> second(3);
  const std::array<uint8_t*, 2> axes = {first.data(), second.data()};
  ASSERT_TRUE(MarkUsedBySlots(context_, {shape, slots, 1}, axes).ok());
  EXPECT_THAT(first, ElementsAre(1, 0));
  EXPECT_THAT(second, ElementsAre(0, 0, 1));
}

}  // namespace
}  // namespace sextant
