#include "compute/operators/first_rows.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FirstRowsTest : public ::testing::Test {
 protected:
  /// Adds every row of every chunk.
  static absl::Status AddAll(const Table& table, FirstRows& first) {
    for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {
      const uint32_t num_rows = table.chunk(chunk).num_rows();
      std::vector<uint64_t> words(BitmapWords(num_rows));
      SetBitRange(words, 0, num_rows);
      const absl::Status status =
          first.Add(chunk, {words.data(), 0, static_cast<uint32_t>(words.size())});
      if (!status.ok()) return status;
    }
    return first.Finish();
  }
  /// "chunk.row" of each.
  static std::vector<std::string> Found(const FirstRows& first) {
    std::vector<std::string> texts;
    for (const FirstRows::Row& row : first.rows()) {
      texts.push_back(absl::StrCat(row.chunk, ".", row.row));
    }
    return texts;
  }

  const std::shared_ptr<const Table> table_ =
      TableOf({{"n", DataType::Of(TypeKind::kInt64), {Int(3), Int(1), Null(), Int(1), Int(2)}}},
              {.chunk_rows = 2});
};

TEST_F(FirstRowsTest, WithoutAnOrderTheyAreTheFirstThatCome) {
  FirstRows first(*table_, {}, 3, TestBudget());
  ASSERT_TRUE(AddAll(*table_, first).ok());
  EXPECT_THAT(Found(first), ElementsAre("0.0", "0.1", "1.0"));
  EXPECT_TRUE(first.has_more());
}

TEST_F(FirstRowsTest, WithoutAnOrderTheyAreSettledOnceThereIsOneMore) {
  FirstRows first(*table_, {}, 3, TestBudget());
  uint64_t rows = 3;
  ASSERT_TRUE(first.Add(0, {&rows, 0, 1}).ok());
  EXPECT_FALSE(first.is_settled());
  ASSERT_TRUE(first.Add(1, {&rows, 0, 1}).ok());
  EXPECT_TRUE(first.is_settled());
}

TEST_F(FirstRowsTest, WithAnOrderTheyAreNeverSettled) {
  FirstRows first(*table_, {{.column = 0}}, 1, TestBudget());
  uint64_t rows = 3;
  ASSERT_TRUE(first.Add(0, {&rows, 0, 1}).ok());
  EXPECT_FALSE(first.is_settled());
}

TEST_F(FirstRowsTest, TiesAreInRowOrderAcrossChunks) {
  FirstRows first(*table_, {{.column = 0}}, 5, TestBudget());
  ASSERT_TRUE(AddAll(*table_, first).ok());
  EXPECT_THAT(Found(first), ElementsAre("0.1", "1.1", "2.0", "0.0", "1.0"));
  EXPECT_FALSE(first.has_more());
}

TEST_F(FirstRowsTest, OfNoneThereAreNone) {
  FirstRows first(*table_, {{.column = 0}}, 5, TestBudget());
  ASSERT_TRUE(first.Finish().ok());
  EXPECT_THAT(Found(first), IsEmpty());
  EXPECT_FALSE(first.has_more());
}

TEST_F(FirstRowsTest, TheGreatestAndTheLeastIntegerAreToldFromNull) {
  const auto table = TableOf({{"n",
                               DataType::Of(TypeKind::kInt64),
                               {Null(), Int(INT64_MAX), Int(INT64_MIN), Null(), Int(0)}}});
  FirstRows ascending(*table, {{0, false}}, 5, TestBudget());
  ASSERT_TRUE(AddAll(*table, ascending).ok());
  EXPECT_THAT(Found(ascending), ElementsAre("0.2", "0.4", "0.1", "0.0", "0.3"));
  FirstRows descending(*table, {{0, true}}, 5, TestBudget());
  ASSERT_TRUE(AddAll(*table, descending).ok());
  EXPECT_THAT(Found(descending), ElementsAre("0.0", "0.3", "0.1", "0.4", "0.2"));
}

TEST_F(FirstRowsTest, OfManyRowsFewAreHeld) {
  std::vector<Cell> cells;
  for (int i = 0; i < 60'000; ++i) cells.push_back(Int(60'000 - i));
  const auto table = TableOf({{"n", DataType::Of(TypeKind::kInt64), cells}});
  MemoryBudget budget("test", MemoryBudget::kUnlimitedBytes);
  FirstRows first(*table, {{.column = 0}}, 10, budget);
  ASSERT_TRUE(AddAll(*table, first).ok());
  EXPECT_EQ(Found(first)[0], "0.59999");
  EXPECT_LT(budget.peak_bytes(), 400'000u);  // of 960,000
}

TEST_F(FirstRowsTest, WhatTheBudgetRefusesIsAnError) {
  MemoryBudget budget("test", 32);
  FirstRows first(*table_, {}, 5, budget);
  EXPECT_EQ(AddAll(*table_, first).code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant
