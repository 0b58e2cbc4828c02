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
