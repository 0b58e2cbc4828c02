#include "compute/exec/batch_columns.h"

#include <gmock/gmock.h>

#include <limits>
#include <string>
#include <vector>

#include "compute/memory/memory_budget.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

class BatchAxisTest : public ::testing::Test {
 protected:
  BatchAxisTest() : budget_("test"), ranks_(budget_) {}

  MetricValues TextsOf(const std::vector<std::string>& texts) {
    MetricValues values(DataType::Of(TypeKind::kText), budget_);
    for (const std::string& text : texts) EXPECT_TRUE(values.AppendText(text).ok());
    return values;
  }
  MetricValues IntegersOf(const std::vector<int64_t>& integers) {
    MetricValues values(DataType::Of(TypeKind::kInt64), budget_);
    for (const int64_t integer : integers) EXPECT_TRUE(values.AppendInteger(integer).ok());
    return values;
  }
  void SetRanks(const std::vector<uint32_t>& ranks) {
    EXPECT_TRUE(ranks_.AppendSpan(std::span<const uint32_t>(ranks)).ok());
  }

  ResultValues Take(const MetricValues& values, const RowRun& rows) {
    absl::StatusOr<BatchAxis> axis = BatchAxis::Create(values, ranks_, budget_);
    EXPECT_TRUE(axis.ok()) << axis.status();
    absl::StatusOr<BatchAxis::Scratch> scratch = axis->MakeScratch(budget_);
    EXPECT_TRUE(scratch.ok()) << scratch.status();
    ResultValues taken;
    axis->Take(rows, *scratch, taken);  // leaves nothing behind, and is written over
    axis->Take(rows, *scratch, taken);
    return taken;
  }
  std::vector<std::string> TakeTexts(const MetricValues& values, const RowRun& rows) {
    const ResultValues taken = Take(values, rows);
    const auto& texts = std::get<ResultTexts>(taken.values);
    std::vector<std::string> rows_of;
    for (size_t row = 0; row < texts.num_rows(); ++row) rows_of.emplace_back(texts[row]);
    return rows_of;
  }
  std::vector<int64_t> TakeIntegers(const MetricValues& values, const RowRun& rows) {
    return std::get<std::vector<int64_t>>(Take(values, rows).values);
  }

  MemoryBudget budget_;
  TrackedVector<uint32_t> ranks_;
};

TEST_F(BatchAxisTest, TextsOfFewRowsAreThoseOfTheirRanks) {
  const MetricValues values = TextsOf({"a", "bcd", "efghijklm", "", "tail of some more bytes"});
  SetRanks({4, 0, 2, 2, 3, 1, 4});
  EXPECT_THAT(TakeTexts(values, {0, 7, {}}),
              ElementsAre("tail of some more bytes", "a", "efghijklm", "efghijklm", "", "bcd",
                          "tail of some more bytes"));
  EXPECT_THAT(TakeTexts(values, {2, 2, {}}), ElementsAre("efghijklm", "efghijklm"));
}

TEST_F(BatchAxisTest, TextsOfOneLengthAreThoseOfTheirRanks) {
  for (const size_t length : {0, 1, 7, 8, 12, 16, 17, 40}) {
    ranks_.Clear();
    std::vector<std::string> texts;
    for (char c = 'a'; c < 'f'; ++c) texts.emplace_back(length, c);
    const MetricValues values = TextsOf(texts);
    SetRanks({3, 3, 0, 4});
    EXPECT_THAT(TakeTexts(values, {0, 4, {}}), ElementsAre(texts[3], texts[3], texts[0], texts[4]))
        << length;
  }
}

TEST_F(BatchAxisTest, ABatchOfManyMoreRowsThanTextsHasEachTextOnce) {
  const MetricValues values = TextsOf({"one", "three", "two"});
  std::vector<uint32_t> ranks;
  for (uint32_t row = 0; row < 100; ++row) ranks.push_back(row * 7 % 3);
  SetRanks(ranks);
  const ResultValues taken = Take(values, {0, 100, {}});
  EXPECT_EQ(std::get<ResultTexts>(taken.values).num_entries(), 3u);
  const std::vector<std::string> texts = TakeTexts(values, {1, 99, {}});
  EXPECT_THAT((std::vector<std::string>(texts.begin(), texts.begin() + 4)),
              ElementsAre("three", "two", "one", "three"));
}

TEST_F(BatchAxisTest, RowsInAnOrderHaveTheValuesOfTheirCells) {
  SetRanks({2, 0, 1, 1});
  const std::vector<uint32_t> order = {3, 0, 1, 2};
  EXPECT_THAT(TakeTexts(TextsOf({"x", "y", "z"}), {1, 3, order}), ElementsAre("z", "x", "y"));
  EXPECT_THAT(TakeIntegers(IntegersOf({5, 6, 7}), {1, 3, order}), ElementsAre(7, 5, 6));
  EXPECT_THAT(TakeIntegers(IntegersOf({5, 6, 8}), {1, 3, order}), ElementsAre(8, 5, 6));
}

TEST_F(BatchAxisTest, TextsOfRanksThatAscendAreThoseOfTheirRanks) {
  const MetricValues values = TextsOf({"a", "bcd", "efghijklm", "", "tail of some more bytes"});
  SetRanks({0, 0, 1, 2, 2, 3, 3, 4});
  EXPECT_THAT(TakeTexts(values, {2, 5, {}}), ElementsAre("bcd", "efghijklm", "efghijklm", "", ""));
  EXPECT_THAT(TakeTexts(values, {0, 2, {}}), ElementsAre("a", "a"));
}

TEST_F(BatchAxisTest, TextsOfRanksThatAscendWithGapsAreThoseOfTheirRanks) {
  const MetricValues values = TextsOf({"a", "bcd", "efghijklm", "", "tail of some more bytes"});
  SetRanks({1, 1, 4});
  EXPECT_THAT(TakeTexts(values, {0, 3, {}}), ElementsAre("bcd", "bcd", "tail of some more bytes"));
}

TEST_F(BatchAxisTest, IntegersWithAndWithoutGapsAreThoseOfTheirRanks) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
  SetRanks({1, 0, 1});
  EXPECT_THAT(TakeIntegers(IntegersOf({kLeast, kGreatest}), {0, 3, {}}),
              ElementsAre(kGreatest, kLeast, kGreatest));
  EXPECT_THAT(TakeIntegers(IntegersOf({kGreatest - 1, kGreatest}), {0, 2, {}}),
              ElementsAre(kGreatest, kGreatest - 1));
  EXPECT_THAT(TakeIntegers(IntegersOf({kLeast, kLeast + 1}), {1, 2, {}}),
              ElementsAre(kLeast, kLeast + 1));
}

TEST_F(BatchAxisTest, NullsAmongIntegersAreNotValid) {
  MetricValues values = IntegersOf({3});
  ASSERT_TRUE(values.AppendMissing().ok());
  SetRanks({1, 0});
  const ResultValues taken = Take(values, {0, 2, {}});
  EXPECT_THAT(taken.valid, ElementsAre(0, 1));
  EXPECT_THAT(std::get<std::vector<int64_t>>(taken.values), ElementsAre(0, 3));
}

/// Neither the target of a batch nor a budget knows of the others.
TEST_F(BatchAxisTest, ABatchHasFewBytesOfTextsThatNoneOfItsRowsHas) {
  const MetricValues values = TextsOf({"a", std::string(size_t{1} << 20, 'b')});
  SetRanks(std::vector<uint32_t>(16, 0));
  const ResultValues taken = Take(values, {0, 16, {}});
  const auto& texts = std::get<ResultTexts>(taken.values);
  size_t num_bytes = 0;
  for (size_t code = 0; code < texts.num_entries(); ++code) num_bytes += texts.entry(code).size();
  EXPECT_LE(num_bytes, size_t{64});
}

}  // namespace
}  // namespace sextant
