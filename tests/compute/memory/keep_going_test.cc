#include "compute/memory/keep_going.h"

#include <gtest/gtest.h>

#include <vector>

#include "compute/memory/buffer.h"
#include "tests/testing/counted_questions.h"

namespace sextant {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

TEST(KeepGoingTest, NobodyIsAskedWithoutAScope) { EXPECT_TRUE(AskToGoOn().ok()); }

TEST(KeepGoingTest, TheInnerScopeCounts) {
  CountedQuestions fails{.num_allowed = 0};
  CountedQuestions holds;
  const KeepGoingScope outer(fails);
  {
    const KeepGoingScope inner(holds);
    EXPECT_TRUE(AskToGoOn().ok());
  }
  EXPECT_TRUE(absl::IsCancelled(AskToGoOn()));
  EXPECT_EQ(holds.num_asked, 1u);
}

TEST(KeepGoingTest, BlocksCoverAllAndAskBeforeEach) {
  CountedQuestions questions;
  std::vector<uint8_t> seen(100'001);
  const auto status = ForBlocks(seen.size(), questions, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) ++seen[i];
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(seen, std::vector<uint8_t>(seen.size(), 1));
  EXPECT_EQ(questions.num_asked, 4u);  // 32 Ki at a time
}

TEST(KeepGoingTest, BlocksEndWithTheFirstRefusal) {
  CountedQuestions questions{.num_allowed = 2};
  size_t num_done = 0;
  const auto status = ForBlocks(size_t{1} << 20, questions,
                                [&](size_t begin, size_t end) { num_done += end - begin; });
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_EQ(num_done, size_t{2} << 15);
}

TEST(KeepGoingTest, NoBlocksAskNobody) {
  CountedQuestions questions{.num_allowed = 0};
  EXPECT_TRUE(ForBlocks(0, questions, [](size_t, size_t) {}).ok());
}

TEST(KeepGoingTest, APaceAsksEachTimeThatItsWorkWasSpent) {
  CountedQuestions questions{.num_allowed = 2};
  Pace pace(questions, 10);
  EXPECT_TRUE(pace.Spend(9).ok());
  EXPECT_EQ(questions.num_asked, 0u);
  EXPECT_TRUE(pace.Spend(1).ok());
  EXPECT_TRUE(pace.Spend(25).ok());
  EXPECT_EQ(questions.num_asked, 2u);
  EXPECT_TRUE(absl::IsCancelled(pace.Spend(10)));
}

TEST(LargeBlockTest, IsZeroedPieceByPieceAndAsks) {
  MemoryBudget budget("test");
  CountedQuestions questions;
  const KeepGoingScope scope(questions);
  const absl::StatusOr<Buffer> buffer = Buffer::Allocate(budget, 9 * kMiB);
  ASSERT_TRUE(buffer.ok()) << buffer.status();
  for (const char byte : buffer->As<char>()) ASSERT_EQ(byte, 0);
  EXPECT_EQ(questions.num_asked, 5u);  // before it is made, and each 2 MiB
}

TEST(LargeBlockTest, IsGivenBackWhenItMayNotBeZeroed) {
  MemoryBudget budget("test");
  CountedQuestions questions{.num_allowed = 2};
  const KeepGoingScope scope(questions);
  EXPECT_TRUE(absl::IsCancelled(Buffer::Allocate(budget, 9 * kMiB).status()));
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(LargeBlockTest, AVectorThatMayNotGrowStaysAsItWas) {
  MemoryBudget budget("test");
  TrackedVector<uint64_t> values(budget);
  ASSERT_TRUE(values.Resize(kMiB).ok());
  values.back() = 7;
  CountedQuestions questions{.num_allowed = 0};
  const KeepGoingScope scope(questions);
  EXPECT_TRUE(absl::IsCancelled(values.Resize(2 * kMiB)));
  EXPECT_EQ(values.size(), kMiB);
  EXPECT_EQ(values.back(), 7u);
}

/// Of 64 MiB that grow to 128: the new block, each 2 MiB that is copied but the first, and each
/// that is cleared.
TEST(LargeBlockTest, AVectorThatGrowsAsksEachTwoMiBOfCopiesAndOfZeros) {
  MemoryBudget budget("test");
  TrackedVector<uint64_t> values(budget);
  ASSERT_TRUE(values.Resize(8 * kMiB).ok());
  for (size_t i = 0; i < values.size(); ++i) values[i] = i;
  CountedQuestions questions;
  const KeepGoingScope scope(questions);
  ASSERT_TRUE(values.Resize(16 * kMiB).ok());
  EXPECT_EQ(questions.num_asked, 1u + 31 + 31);
  for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], i < 8 * kMiB ? i : 0);
}

TEST(LargeBlockTest, AVectorStaysAsItWasWhereverItsGrowthIsCalledOff) {
  MemoryBudget budget("test");
  for (size_t num_allowed = 0; num_allowed < 7; ++num_allowed) {
    TrackedVector<uint64_t> values(budget);
    ASSERT_TRUE(values.Resize(kMiB).ok());
    for (size_t i = 0; i < values.size(); ++i) values[i] = i;
    CountedQuestions questions{.num_allowed = num_allowed};
    const KeepGoingScope scope(questions);
    ASSERT_TRUE(absl::IsCancelled(values.Resize(2 * kMiB)));
    ASSERT_EQ(values.size(), kMiB);
    for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], i);
  }
}

TEST(KeepGoingTest, FillsAndCopiesAskBeforeEachBlock) {
  CountedQuestions questions;
  std::vector<uint32_t> filled(100'001);
  ASSERT_TRUE(FillInBlocks(std::span(filled), uint32_t{7}, questions).ok());
  EXPECT_EQ(filled, std::vector<uint32_t>(filled.size(), 7));
  EXPECT_EQ(questions.num_asked, 4u);
  std::vector<uint32_t> copied(filled.size());
  ASSERT_TRUE(CopyInBlocks(std::span<const uint32_t>(filled), copied.data(), questions).ok());
  EXPECT_EQ(copied, filled);
  EXPECT_EQ(questions.num_asked, 8u);
}

TEST(LargeBlockTest, OfHugePagesIsNotMadeForWhoShallNotGoOn) {
  MemoryBudget budget("test");
  CountedQuestions questions{.num_allowed = 0};
  const KeepGoingScope scope(questions);
  EXPECT_TRUE(absl::IsCancelled(Buffer::Allocate(budget, 2 * kMiB).status()));
  EXPECT_TRUE(Buffer::Allocate(budget, kMiB).ok());
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

}  // namespace
}  // namespace sextant
