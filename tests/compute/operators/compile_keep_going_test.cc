#include <gtest/gtest.h>

#include "compute/memory/keep_going.h"
#include "compute/operators/filter.h"
#include "tests/testing/counted_questions.h"
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

TEST(CompileKeepGoingTest, APatternOverADictionaryEndsWithTheQuery) {
  const auto table = ManyTexts();
  ASSERT_NE(table->facts(0).dictionary, nullptr);
  CountedQuestions questions{.num_allowed = 2};
  const KeepGoingScope scope(questions);
  EXPECT_EQ(Filter::Create(Like(*table), *table, TestBudget()).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(questions.num_asked, 3u);
}

TEST(CompileKeepGoingTest, AComparisonOfElementsEndsWithTheQuery) {
  const auto table = ManyTexts();
  ASSERT_NE(table->facts(1).dictionary, nullptr);
  CountedQuestions questions{.num_allowed = 2};
  const KeepGoingScope scope(questions);
  EXPECT_EQ(Filter::Create(AnyBelow(*table), *table, TestBudget()).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace sextant
