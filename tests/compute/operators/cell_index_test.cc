#include "compute/operators/cell_index.h"

#include <gmock/gmock.h>

#include <map>
#include <ostream>
#include <random>
#include <utility>
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

/// Cells as a map numbers them.
class CellMap {
 public:
  uint32_t Find(const std::vector<uint32_t>& codes, uint32_t interval) {
    const auto next = static_cast<uint32_t>(cells_.size());
    return cells_.try_emplace({codes, interval}, next).first->second;
  }

 private:
  std::map<std::pair<std::vector<uint32_t>, uint32_t>, uint32_t> cells_;
};

struct RandomCells {
  RandomCells(std::vector<uint64_t> all_domains, uint32_t intervals_of_all)
      : domains(std::move(all_domains)), num_intervals(intervals_of_all) {}

  std::vector<uint64_t> domains;
  uint32_t num_intervals;
};

std::ostream& operator<<(std::ostream& out, const RandomCells& cells) {
  for (const uint64_t domain : cells.domains) out << domain << ' ';
  return out << "and " << cells.num_intervals << " intervals";
}

class RandomCellsTest : public testing::TestWithParam<RandomCells> {
 protected:
  static constexpr uint32_t kRows = 1'000;

  /// Adds a batch of random rows, each of which is compared with the map.
  void AddBatch(CellIndex& index, CellMap& map) {
    const RandomCells& shape = GetParam();
    std::vector<std::vector<uint32_t>> columns(shape.domains.size());
    std::vector<const uint32_t*> codes;
    for (size_t axis = 0; axis < columns.size(); ++axis) {
      // The highest codes too, but of a table that grows with them.
      const uint64_t most = index.grows() ? 100'000 : uint64_t{1} << 32;
      const uint64_t domain = shape.domains[axis] == 0 ? most : shape.domains[axis];
      for (uint32_t k = 0; k < kRows; ++k) {
        columns[axis].push_back(static_cast<uint32_t>(domain - 1 - random_() % domain % 9));
      }
      codes.push_back(columns[axis].data());
    }
    std::vector<uint32_t> groups(kRows);
    ASSERT_TRUE(index.FoldGroups(codes, kRows, groups.data()).ok());
    for (uint32_t lane = 0; lane < 2; ++lane) {  // some rows, some of them twice
      std::vector<uint32_t> rows(kRows / 2);
      for (uint32_t& row : rows) row = static_cast<uint32_t>(random_() % kRows);
      CompareSamples(rows, groups, columns, index, map);
    }
  }

  void CompareSamples(const std::vector<uint32_t>& rows, const std::vector<uint32_t>& groups,
                      const std::vector<std::vector<uint32_t>>& columns, CellIndex& index,
                      CellMap& map) {
    std::vector<uint32_t> intervals;
    std::vector<uint32_t> own_groups;
    for (const uint32_t row : rows) {
      intervals.push_back(static_cast<uint32_t>(random_() % GetParam().num_intervals));
      own_groups.push_back(groups[row]);
    }
    std::vector<uint32_t> cells(rows.size());
    ASSERT_TRUE(
        index.FindCells(own_groups.data(), intervals.data(), rows.size(), cells.data()).ok());
    std::vector<uint32_t> decoded(columns.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      std::vector<uint32_t> codes;
      for (const auto& column : columns) codes.push_back(column[rows[i]]);
      ASSERT_EQ(cells[i], map.Find(codes, intervals[i])) << i;
      ASSERT_EQ(index.Decode(cells[i], decoded.data()), intervals[i]);
      ASSERT_EQ(decoded, codes);
    }
  }

  std::mt19937 random_{20261121};
  MemoryBudget budget_{"test"};
};

TEST_P(RandomCellsTest, AreThoseOfAMap) {
  auto index = CellIndex::Create({GetParam().domains, GetParam().num_intervals}, budget_);
  ASSERT_TRUE(index.ok()) << index.status();
  CellMap map;
  for (int batch = 0; batch < 20; ++batch) AddBatch(*index, map);
}

TEST_P(RandomCellsTest, OfAnotherIndexAreFoundByTheirCodes) {
  const CellShape shape = {GetParam().domains, GetParam().num_intervals};
  auto index = CellIndex::Create(shape, budget_);
  auto next = CellIndex::Create(shape, budget_);
  ASSERT_TRUE(index.ok() && next.ok());
  if (!index->finds_same()) return;
  CellMap map;
  CellMap next_map;
  for (int batch = 0; batch < 10; ++batch) AddBatch(*index, map);
  for (int batch = 0; batch < 10; ++batch) AddBatch(*next, next_map);
  std::vector<uint32_t> cells(next->num_cells());
  const auto half = static_cast<uint32_t>(cells.size() / 2);
  ASSERT_TRUE(index->FindSame(*next, 0, half, cells.data()).ok());
  ASSERT_TRUE(index->FindSame(*next, half, next->num_cells() - half, cells.data() + half).ok());
  std::vector<uint32_t> codes(shape.domains.size());
  for (uint32_t cell = 0; cell < cells.size(); ++cell) {
    const uint32_t interval = next->Decode(cell, codes.data());
    ASSERT_EQ(cells[cell], map.Find(codes, interval)) << cell;
  }
}

// Dense; packed into 64 bits, the last of them all, and into 128; pairs; one axis; none.
INSTANTIATE_TEST_SUITE_P(
    Shapes, RandomCellsTest,
    testing::Values(RandomCells({11, 12, 13}, 3), RandomCells({101, 0}, 5),
                    RandomCells({0, uint64_t{1} << 32}, 1), RandomCells({0, 0, 0, 1000}, 4000),
                    RandomCells({0, 0, 0, 0}, 1), RandomCells({0, 0, 0, 0}, 2), RandomCells({0}, 1),
                    RandomCells({0}, 3), RandomCells({1 << 20, 1 << 10}, 2),
                    RandomCells({1 << 20, 1 << 9}, 4), RandomCells({}, 2'000'000)));

TEST(PackedCellsTest, ManyAreDecodedAsOneAfterAnother) {
  MemoryBudget budget("test");
  for (const CellShape& shape : {CellShape{{101, 1, 0}, 5}, CellShape{{0, 1000, 0, 7}, 1},
                                 CellShape{{1000, 1, 1 << 20}, 2}}) {
    std::optional<PackedCells> index = PackedCells::Create(shape, budget);
    ASSERT_TRUE(index);
    std::mt19937 random(20261121);
    for (int row = 0; row < 500; ++row) {
      std::vector<uint32_t> codes;
      std::vector<const uint32_t*> columns;
      for (const uint64_t domain : shape.domains) {
        codes.push_back(domain == 0 ? random() : static_cast<uint32_t>(random() % domain));
      }
      for (const uint32_t& code : codes) columns.push_back(&code);
      const uint32_t only_row = 0;
      const auto interval = static_cast<uint32_t>(random() % shape.num_intervals);
      uint32_t cell = 0;
      ASSERT_TRUE(index->Pack(columns, 1).ok() && index->Find(&only_row, &interval, 1, &cell).ok());
    }
    const uint32_t first = 7;
    const uint32_t count = index->num_cells() - first;
    std::vector<std::vector<uint32_t>> many(shape.domains.size(), std::vector<uint32_t>(count));
    std::vector<uint32_t*> columns;
    for (auto& column : many) columns.push_back(column.data());
    std::vector<uint32_t> intervals(count);
    index->DecodeMany(first, count, columns, intervals.data());
    std::vector<uint32_t> codes(shape.domains.size());
    for (uint32_t k = 0; k < count; ++k) {
      ASSERT_EQ(intervals[k], index->Decode(first + k, codes.data()));
      for (size_t axis = 0; axis < codes.size(); ++axis) ASSERT_EQ(many[axis][k], codes[axis]);
    }
  }
}

TEST(InternerTest, ManyKeysGetTheNumbersOfOneAfterAnother) {
  MemoryBudget budget("test");
  Interner<uint64_t> one_by_one(budget);
  Interner<uint64_t> many(budget);
  std::mt19937_64 random(20261121);
  for (int batch = 0; batch < 300; ++batch) {  // beyond what stays in a cache
    std::vector<uint64_t> keys(999);
    for (uint64_t& key : keys) key = random() % 150'000 * 0x9e3779b97f4a7c15u;
    std::vector<uint32_t> ids(keys.size());
    ASSERT_TRUE(one_by_one.Reserve(keys.size()).ok() && many.Reserve(keys.size()).ok());
    many.InternMany(keys, ids.data());
    for (size_t k = 0; k < keys.size(); ++k) ASSERT_EQ(ids[k], one_by_one.Intern(keys[k]));
  }
  EXPECT_EQ(many.size(), one_by_one.size());
}

TEST(CellShapeTest, SlotsAreTheProductUpToTheLimit) {
  EXPECT_EQ((CellShape{{1024, 1024}, 1}).NumSlots(), uint32_t{1} << 20);
  EXPECT_EQ((CellShape{{1024, 1025}, 1}).NumSlots(), std::nullopt);
  EXPECT_EQ((CellShape{{1024, 1024}, 2}).NumSlots(), std::nullopt);
  EXPECT_EQ((CellShape{{3, 0}, 1}).NumSlots(), std::nullopt);
  EXPECT_EQ((CellShape{{}, 7}).NumSlots(), 7u);
  EXPECT_EQ((CellShape{.domains = {10, 10}, .max_slots = 100}).NumSlots(), 100u);
  EXPECT_EQ((CellShape{.domains = {10, 10}, .max_slots = 99}).NumSlots(), std::nullopt);
}

TEST(CellIndexSlotsTest, SlotsHaveTheCellsInTheOrderOfTheirCodes) {
  MemoryBudget budget("test");
  auto index = CellIndex::Create({{2, 3}, 2}, budget);
  ASSERT_TRUE(index.ok()) << index.status();
  Cells(*index, {1, 0, 1}, {2, 1, 0}, {1, 0, 1});
  EXPECT_THAT(index->slots(), ElementsAre(0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 1));
}

TEST(CellIndexGrowthTest, CodesThatAreGivenOutAsTheyArriveAreTheSlots) {
  MemoryBudget budget("test");
  auto index = CellIndex::Create({{0}, 1}, budget);
  ASSERT_TRUE(index.ok() && index->grows());
  const std::vector<uint32_t> no_intervals(4);
  const auto cells_of = [&](const std::vector<uint32_t>& codes) {
    std::vector<uint32_t> cells(codes.size());
    EXPECT_TRUE(
        index->FindCells(codes.data(), no_intervals.data(), codes.size(), cells.data()).ok());
    return cells;
  };
  EXPECT_THAT(cells_of({4, 0, 4, 2}), ElementsAre(0, 1, 0, 2));
  EXPECT_THAT(cells_of({2, 70'000, 1, 4}), ElementsAre(2, 3, 4, 0));
  EXPECT_EQ(index->num_cells(), 5u) << "codes without a cell";
  std::vector<uint32_t> codes(5);
  std::vector<uint32_t> intervals(5);
  uint32_t* const column = codes.data();
  index->DecodeMany(0, 5, {&column, 1}, intervals.data());
  EXPECT_THAT(codes, ElementsAre(4, 0, 2, 70'000, 1));
  EXPECT_THAT(intervals, ElementsAre(0, 0, 0, 0, 0));
}

TEST(CellIndexGrowthTest, ATableThatMayNotGrowIsRefused) {
  MemoryBudget budget("test", 4096);
  auto index = CellIndex::Create({{0}, 1}, budget);
  ASSERT_TRUE(index.ok());
  const uint32_t code = 100'000;
  const uint32_t interval = 0;
  uint32_t cell = 0;
  EXPECT_TRUE(absl::IsResourceExhausted(index->FindCells(&code, &interval, 1, &cell)));
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
