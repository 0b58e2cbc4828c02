#include "compute/operators/compile_watch.h"

#include <gtest/gtest.h>

#include "compute/operators/filter.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr int kNumEntries = 5000;

/// A column of 5,000 texts, each twice, and one of lists of them.
std::shared_ptr<const Table> ManyTexts() {
  std::vector<Cell> texts;
  std::vector<Cell> lists;
  for (int i = 0; i < 2 * kNumEntries; ++i) {
    const int entry = i < 8192 ? i % 4000 : i % kNumEntries;
    texts.push_back(Text("entry " + std::to_string(entry)));
    lists.push_back(List({texts.back()}));
  }
  return TableOf({{"text", DataType::Of(TypeKind::kText), texts},
                  {"texts", DataType::ListOf(TypeKind::kText), lists}});
}

BoundPredicate Like(const Table& table) {
  PatternLeaf leaf;
  leaf.value.column = 0;
  leaf.value.type = table.schema().field(0).type;
  leaf.pattern = "%9%";
  return {leaf};
}

BoundPredicate AnyBelow(const Table& table) {
  ListCompareLeaf leaf;
  leaf.value.column = 1;
  leaf.value.type = table.schema().field(1).type;
  leaf.max_text = "entry 5";
  return {leaf};
}

TEST(CompileWatchTest, APatternOverADictionaryEndsWithTheQuery) {
  const auto table = ManyTexts();
  ASSERT_NE(table->facts(0).dictionary, nullptr);
  int num_looks = 0;
  const CompileWatch::CheckFunction check = [&num_looks] {
    return ++num_looks > 2 ? absl::CancelledError("the query was cancelled") : absl::OkStatus();
  };
  const CompileWatch watch(check);
  EXPECT_EQ(Filter::Create(Like(*table), *table, TestBudget()).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(num_looks, 3);
}

TEST(CompileWatchTest, AComparisonOfElementsEndsWithTheQuery) {
  const auto table = ManyTexts();
  ASSERT_NE(table->facts(1).dictionary, nullptr);
  const CompileWatch::CheckFunction check = [] {
    return absl::DeadlineExceededError("the deadline of the query passed");
  };
  const CompileWatch watch(check);
  EXPECT_EQ(Filter::Create(AnyBelow(*table), *table, TestBudget()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(CompileWatchTest, TheInnerOneCounts) {
  const CompileWatch::CheckFunction fails = [] { return absl::CancelledError("outer"); };
  const CompileWatch::CheckFunction holds = [] { return absl::OkStatus(); };
  EXPECT_TRUE(CompileWatch::Look().ok());
  const CompileWatch outer(fails);
  {
    const CompileWatch inner(holds);
    EXPECT_TRUE(CompileWatch::Look().ok());
  }
  EXPECT_FALSE(CompileWatch::Look().ok());
}

}  // namespace
}  // namespace sextant
