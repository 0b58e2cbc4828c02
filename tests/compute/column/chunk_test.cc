#include "compute/column/chunk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr DataType kText = DataType::Of(TypeKind::kText);

/// One chunk of a dictionary column: a, b, NULL, a, a, b, c, a, a.
std::shared_ptr<const Table> LettersTable(MemoryBudget& budget = TestBudget()) {
  return TableOf({{"letter",
                   kText,
                   {Text("a"), Text("b"), Null(), Text("a"), Text("a"), Text("b"), Text("c"),
                    Text("a"), Text("a")}}},
                 {.budget = &budget});
}

TEST(ChunkTest, ANewChunkIsAllLive) {
  const auto table = LettersTable();
  EXPECT_THAT(table->chunk(0).live(), IsEmpty());
  EXPECT_EQ(table->chunk(0).num_live_rows(), 9u);
}

TEST(ChunkTest, WithoutRowsLeavesTheEarlierVersionAlone) {
  const auto table = LettersTable();
  const uint32_t deleted[] = {7, 0, 7};
  const auto next = *table->chunk(0).WithoutRows(deleted, TestBudget());
  EXPECT_EQ(next->num_live_rows(), 7u);
  EXPECT_THAT(next->live(), ElementsAre(0b101111110));
  EXPECT_EQ(table->chunk(0).num_live_rows(), 9u);
  EXPECT_EQ(&next->data(), &table->chunk(0).data());
}

TEST(ChunkTest, DeletionsAddUp) {
  const auto table = LettersTable();
  const uint32_t first[] = {1};
  const uint32_t second[] = {1, 8};
  const auto once = *table->chunk(0).WithoutRows(first, TestBudget());
  const auto twice = *once->WithoutRows(second, TestBudget());
  EXPECT_THAT(twice->live(), ElementsAre(0b011111101));
}

TEST(ChunkTest, EveryRowMayBeDeleted) {
  const auto table = LettersTable();
  const uint32_t all[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  const auto next = *table->chunk(0).WithoutRows(all, TestBudget());
  EXPECT_EQ(next->num_live_rows(), 0u);
  EXPECT_THAT(next->live(), ElementsAre(0));
}

TEST(ChunkTest, DeletingNothingStaysAllLive) {
  const auto table = LettersTable();
  const auto next = *table->chunk(0).WithoutRows({}, TestBudget());
  EXPECT_THAT(next->live(), IsEmpty());
}

TEST(ChunkTest, VersionsHaveIdsOfTheirOwn) {
  const auto table = LettersTable();
  const auto next = *table->chunk(0).WithoutRows({}, TestBudget());
  EXPECT_NE(next->version_id(), table->chunk(0).version_id());
  EXPECT_NE(LettersTable()->chunk(0).version_id(), table->chunk(0).version_id());
}

TEST(ChunkTest, ADeletionThatTheBudgetRefusesIsAnError) {
  const auto table = LettersTable();
  MemoryBudget none("queries", 0);
  const uint32_t deleted[] = {1};
  EXPECT_EQ(table->chunk(0).WithoutRows(deleted, none).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(ChunkTest, ReservedBytesIncludeTheLiveBitmapAndIndexes) {
  const auto table = LettersTable();
  const Chunk& chunk = table->chunk(0);
  const size_t before = chunk.reserved_bytes();
  const uint32_t deleted[] = {1};
  EXPECT_GT((*chunk.WithoutRows(deleted, TestBudget()))->reserved_bytes(), before);
  chunk.data().SetIndex(0, *ValueIndex::Build(chunk.column(0), TestBudget()));
  EXPECT_GT(chunk.reserved_bytes(), before);
}

TEST(ChunkTest, TheFirstIndexStays) {
  const auto table = LettersTable();
  const Chunk& chunk = table->chunk(0);
  EXPECT_EQ(chunk.index(0), nullptr);
  EXPECT_TRUE(chunk.data().SetIndex(0, *ValueIndex::Build(chunk.column(0), TestBudget())));
  const ValueIndex* first = chunk.index(0);
  EXPECT_FALSE(chunk.data().SetIndex(0, *ValueIndex::Build(chunk.column(0), TestBudget())));
  EXPECT_EQ(chunk.index(0), first);
}

TEST(ChunkTest, LaterVersionsShareIndexes) {
  const auto table = LettersTable();
  const uint32_t deleted[] = {1};
  const auto next = *table->chunk(0).WithoutRows(deleted, TestBudget());
  next->data().SetIndex(0, *ValueIndex::Build(next->column(0), TestBudget()));
  EXPECT_EQ(table->chunk(0).index(0), next->index(0));
}

TEST(ChunkTest, IndexesMayAppearWhileOthersRead) {
  MemoryBudget budget("cache");
  {
    const auto table = LettersTable(budget);
    const Chunk& chunk = table->chunk(0);
    std::atomic<int> num_kept{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        auto index = *ValueIndex::Build(chunk.column(0), budget);
        if (chunk.data().SetIndex(0, std::move(index))) ++num_kept;
        EXPECT_EQ(chunk.index(0)->RowsOf(2).count, 1u);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(num_kept, 1);
  }
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

}  // namespace
}  // namespace sextant
