#include "service/verification/source_answer.h"

#include <gtest/gtest.h>

#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

TEST(SourceAnswerTest, RowsAreChargedWhileTheyAreHeld) {
  MemoryBudget budget("query");
  {
    SourceAnswer answer(budget, 1'000'000);
    ASSERT_TRUE(answer.Add({std::string(1000, 'x'), std::nullopt}).ok());
    EXPECT_EQ(answer.rows().size(), 1u);
    EXPECT_GE(budget.reserved_bytes(), 1000u);
  }
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

TEST(SourceAnswerTest, TheLimitIsNamed) {
  MemoryBudget budget("query");
  SourceAnswer answer(budget, 2000);
  ASSERT_TRUE(answer.Add({std::string(1000, 'x')}).ok());
  const absl::Status status = answer.Add({std::string(1000, 'x')});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->reason, "SQL_ANSWER_TOO_LARGE");
  EXPECT_EQ(answer.rows().size(), 1u);
}

TEST(SourceAnswerTest, TheBudgetMayRefuse) {
  MemoryBudget budget("query", 500);
  SourceAnswer answer(budget, 1'000'000);
  EXPECT_EQ(answer.Add({std::string(1000, 'x')}).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(budget.reserved_bytes(), 0u);
}

}  // namespace
}  // namespace sextant
