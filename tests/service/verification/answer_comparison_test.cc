#include "service/verification/answer_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

/// An answer of one batch: names, the sum of a float, its magnitude and count.
class FixedAnswer final : public ResultCursor {
 public:
  explicit FixedAnswer(std::vector<double> sums, double magnitude = 0)
      : names_(sums.size()), sums_(std::move(sums)), magnitude_(magnitude) {
    for (size_t row = 0; row < names_.size(); ++row) names_[row] = std::string(1, 'a' + row);
    header_.columns = {{"name", DataType::Of(TypeKind::kText), "", ResultRole::kAxis},
                       {"sum", DataType::Of(TypeKind::kFloat64), "", ResultRole::kMetric},
                       {"bound 1", DataType::Of(TypeKind::kFloat64), "", ResultRole::kMetric},
                       {"bound 2", DataType::Of(TypeKind::kInt64), "", ResultRole::kMetric}};
  }
  const ResultHeader& header() const override { return header_; }
  const ResultSummary& summary() const override { return summary_; }
  absl::StatusOr<std::optional<ResultBatch>> Next(size_t) override {
    if (done_) return std::nullopt;
    done_ = true;
    const std::vector<uint8_t> valid(sums_.size(), 1);
    ResultBatch batch{.num_rows = static_cast<uint32_t>(sums_.size()), .columns = {}};
    batch.columns.push_back({DataType::Of(TypeKind::kText), valid, names_});
    batch.columns.push_back({DataType::Of(TypeKind::kFloat64), valid, sums_});
    batch.columns.push_back(
        {DataType::Of(TypeKind::kFloat64), valid, std::vector<double>(sums_.size(), magnitude_)});
    batch.columns.push_back(
        {DataType::Of(TypeKind::kInt64), valid, std::vector<int64_t>(sums_.size(), 10)});
    return batch;
  }

 private:
  ResultHeader header_;
  ResultSummary summary_;
  std::vector<std::string> names_;
  std::vector<double> sums_;
  double magnitude_;
  bool done_ = false;
};

AnswerComparison Compare(FixedAnswer answer, const std::vector<SourceRow>& sql,
                         const FloatBound& bound = {}) {
  const auto comparison = CompareAnswers(answer, std::span(&bound, 1), sql);
  EXPECT_TRUE(comparison.ok()) << comparison.status();
  return comparison.value_or(AnswerComparison());
}

TEST(AnswerComparisonTest, EqualAnswersHaveNoDifferenceInAnyOrder) {
  const AnswerComparison comparison = Compare(FixedAnswer({1, 2}), {{"b", "2"}, {"a", "1"}});
  EXPECT_EQ(comparison.cells, 2u);
  EXPECT_EQ(comparison.differences, 0u);
}

TEST(AnswerComparisonTest, AnotherValueIsADifferenceWithItsCell) {
  const AnswerComparison comparison = Compare(FixedAnswer({1}), {{"a", "1.5"}});
  ASSERT_THAT(comparison.first, SizeIs(1));
  EXPECT_EQ(comparison.first[0].cell, "name=a");
  EXPECT_EQ(comparison.first[0].column, "sum");
  EXPECT_EQ(comparison.first[0].ours, "1");
  EXPECT_EQ(comparison.first[0].sql, "1.5");
}

TEST(AnswerComparisonTest, NullIsNoValue) {
  EXPECT_EQ(Compare(FixedAnswer({0}), {{"a", std::nullopt}}).first.at(0).sql, "NULL");
}

TEST(AnswerComparisonTest, CellsThatOneSideLacksAreDifferences) {
  const AnswerComparison comparison = Compare(FixedAnswer({1}), {{"z", "1"}});
  ASSERT_THAT(comparison.first, SizeIs(2));
  EXPECT_EQ(comparison.first[0].sql, "no cell");
  EXPECT_EQ(comparison.first[1].ours, "no cell");
  EXPECT_EQ(comparison.first[1].cell, "name=z");
}

TEST(AnswerComparisonTest, ACellThatTheSqlGivesTwiceIsADifference) {
  EXPECT_EQ(Compare(FixedAnswer({1}), {{"a", "1"}, {"a", "1"}}).differences, 1u);
}

TEST(AnswerComparisonTest, Rule3FloatSumsAreEqualWithinTheirBoundAndNotBeyond) {
  const FloatBound bound{.relative = 0, .magnitude_metric = 1, .count_metric = 2};
  // 10 samples of magnitude 1e6 in all: 1e-8 apart is the order of addition.
  EXPECT_EQ(Compare(FixedAnswer({0.5}, 1e6), {{"a", "0.500000009"}}, bound).differences, 0u);
  EXPECT_EQ(Compare(FixedAnswer({0.5}, 1e6), {{"a", "0.50000002"}}, bound).differences, 1u);
}

TEST(AnswerComparisonTest, ARelativeBoundIsOfTheLargerValue) {
  EXPECT_EQ(Compare(FixedAnswer({1e9}), {{"a", "1000000001"}}, {.relative = 1e-8}).differences, 0u);
  EXPECT_EQ(Compare(FixedAnswer({1e9}), {{"a", "1000000001"}}, {.relative = 1e-10}).differences,
            1u);
}

TEST(AnswerComparisonTest, AtMostAHundredDifferencesAreShownAndAllAreCounted) {
  std::vector<SourceRow> sql;
  for (int i = 0; i < 150; ++i) sql.push_back({std::string(1, 'A') + std::to_string(i), "1"});
  const AnswerComparison comparison = Compare(FixedAnswer({}), sql);
  EXPECT_EQ(comparison.differences, 150u);
  EXPECT_THAT(comparison.first, SizeIs(kMaxShownDifferences));
}

TEST(AnswerComparisonTest, RowsOfAnotherWidthAreOurError) {
  FixedAnswer answer({1});
  const FloatBound bound;
  const auto comparison =
      CompareAnswers(answer, std::span(&bound, 1), std::vector<SourceRow>{{"a"}});
  EXPECT_EQ(comparison.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(comparison.status().message()), HasSubstr("1 columns"));
}

}  // namespace
}  // namespace sextant
