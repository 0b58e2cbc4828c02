#include "service/verification/answer_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "tests/testing/manual_clock.h"

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

/// An answer of one batch: key columns and one metric.
class TypedAnswer final : public ResultCursor {
 public:
  TypedAnswer(std::vector<ResultValues> keys, ResultValues metric) {
    batch_.num_rows = static_cast<uint32_t>(metric.valid.size());
    for (ResultValues& key : keys) Add(std::move(key), ResultRole::kAxis);
    Add(std::move(metric), ResultRole::kMetric);
  }
  const ResultHeader& header() const override { return header_; }
  const ResultSummary& summary() const override { return summary_; }
  absl::StatusOr<std::optional<ResultBatch>> Next(size_t) override {
    if (std::exchange(done_, true)) return std::nullopt;
    return batch_;
  }

 private:
  void Add(ResultValues values, ResultRole role) {
    header_.columns.push_back(
        {std::string(1, static_cast<char>('a' + header_.columns.size())), values.type, "", role});
    batch_.columns.push_back(std::move(values));
  }

  ResultHeader header_;
  ResultSummary summary_;
  ResultBatch batch_;
  bool done_ = false;
};

/// A column of texts; nullopt is NULL.
ResultValues Texts(const std::vector<std::optional<std::string>>& texts) {
  ResultValues values{.type = DataType::Of(TypeKind::kText), .valid = {}, .values = {}};
  std::vector<std::string> present;
  for (const auto& text : texts) {
    values.valid.push_back(text.has_value() ? 1 : 0);
    present.push_back(text.value_or(""));
  }
  values.values = std::move(present);
  return values;
}

ResultValues Integers(const std::vector<int64_t>& integers) {
  return {.type = DataType::Of(TypeKind::kInt64),
          .valid = std::vector<uint8_t>(integers.size(), 1),
          .values = integers};
}

/// One list.
ResultValues ListOf(ResultValues elements) {
  const auto size = static_cast<uint32_t>(elements.valid.size());
  return {.type = DataType::ListOf(elements.type),
          .valid = {1},
          .values = ResultLists{{0, size}, std::make_shared<ResultValues>(std::move(elements))}};
}

AnswerComparison Compare(ResultCursor& answer, const std::vector<SourceRow>& sql,
                         const FloatBound& bound = {}) {
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive, nullptr,
                       MemoryBudget::kUnlimitedBytes);
  const auto comparison = CompareAnswers(context, answer, std::span(&bound, 1), sql);
  EXPECT_TRUE(comparison.ok()) << comparison.status();
  return comparison.value_or(AnswerComparison());
}

AnswerComparison Compare(FixedAnswer&& answer, const std::vector<SourceRow>& sql,
                         const FloatBound& bound = {}) {
  return Compare(static_cast<ResultCursor&>(answer), sql, bound);
}

AnswerComparison Compare(TypedAnswer&& answer, const std::vector<SourceRow>& sql) {
  return Compare(static_cast<ResultCursor&>(answer), sql);
}

uint64_t Differences(TypedAnswer answer, const std::vector<SourceRow>& sql) {
  return Compare(std::move(answer), sql).differences;
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
  const double magnitude = 1e6 / kMagnitudeScale;
  EXPECT_EQ(Compare(FixedAnswer({0.5}, magnitude), {{"a", "0.500000009"}}, bound).differences, 0u);
  EXPECT_EQ(Compare(FixedAnswer({0.5}, magnitude), {{"a", "0.50000002"}}, bound).differences, 1u);
}

TEST(AnswerComparisonTest, Rule3TheMagnitudesOfAFloatSumMayBeBeyondAllFloats) {
  const FloatBound bound{.relative = 0, .magnitude_metric = 1, .count_metric = 2};
  const double magnitude = 1e308 / kMagnitudeScale * 10;
  EXPECT_EQ(Compare(FixedAnswer({0}, magnitude), {{"a", "9e294"}}, bound).differences, 0u);
  EXPECT_EQ(Compare(FixedAnswer({0}, magnitude), {{"a", "2e295"}}, bound).differences, 1u);
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

TEST(AnswerComparisonTest, NullAndTheTextNullAreDifferentKeys) {
  EXPECT_EQ(Differences({{Texts({std::nullopt, "NULL"})}, Integers({1, 2})},
                        {{"NULL", "2"}, {std::nullopt, "1"}}),
            0u);
  const AnswerComparison comparison =
      Compare(TypedAnswer({Texts({std::nullopt})}, Integers({1})), {{"NULL", "1"}});
  ASSERT_THAT(comparison.first, SizeIs(2));
  EXPECT_EQ(comparison.first[0].cell, "a=NULL");
  EXPECT_EQ(comparison.first[1].cell, "a='NULL'");
}

TEST(AnswerComparisonTest, NullAndTheTextNullAreDifferentValues) {
  const AnswerComparison comparison =
      Compare(TypedAnswer({Integers({1})}, Texts({std::nullopt})), {{"1", "NULL"}});
  ASSERT_THAT(comparison.first, SizeIs(1));
  EXPECT_EQ(comparison.first[0].ours, "NULL");
  EXPECT_EQ(comparison.first[0].sql, "'NULL'");
}

TEST(AnswerComparisonTest, TextsThatHoldSeparatorsAreDifferentKeys) {
  EXPECT_EQ(Differences({{Texts({"x, b=y", "x"}), Texts({"z", "y, b=z"})}, Integers({1, 2})},
                        {{"x", "y, b=z", "2"}, {"x, b=y", "z", "1"}}),
            0u);
  // All three would read "a=x, b=y, b=z".
  EXPECT_EQ(Differences({{Texts({"x, b=y"}), Texts({"z"})}, Integers({1})}, {{"x", "y, b=z", "1"}}),
            2u);
  EXPECT_EQ(Differences({{Texts({"1:x"}), Texts({""})}, Integers({1})}, {{"", "1:x", "1"}}), 2u);
}

TEST(AnswerComparisonTest, ListsAreComparedElementByElement) {
  const ResultValues decimals{
      .type = DataType::Decimal(12, 2), .valid = {1, 0}, .values = std::vector<int64_t>{150, 0}};
  EXPECT_EQ(Differences({{Integers({1})}, ListOf(decimals)}, {{"1", "{1.5,NULL}"}}), 0u);
  EXPECT_EQ(Differences({{Integers({1})}, ListOf(decimals)}, {{"1", "{1.5,0}"}}), 1u);
  EXPECT_EQ(Differences({{Integers({1})}, ListOf(Texts({"a,b"}))}, {{"1", "{\"a,b\"}"}}), 0u);
  EXPECT_EQ(Differences({{Integers({1})}, ListOf(Texts({"a,b"}))}, {{"1", "{a,b}"}}), 1u);
  EXPECT_EQ(Differences({{Integers({1})}, ListOf(Texts({"NULL"}))}, {{"1", "{NULL}"}}), 1u);
}

TEST(AnswerComparisonTest, Rule6ADayIsADayOfHoursInAnInterval) {
  const ResultValues day{
      .type = DataType::Of(TypeKind::kInterval),
      .valid = {1},
      .values = std::vector<Wide>{WideOfInterval({.months = 0, .days = 1, .microseconds = 0})}};
  EXPECT_EQ(Differences({{day}, Integers({1})}, {{"24:00:00", "1"}}), 0u);
  EXPECT_EQ(Differences({{day}, Integers({1})}, {{"24:00:01", "1"}}), 2u);
}

TEST(AnswerComparisonTest, ATextThatIsNoValueOfItsTypeDiffers) {
  const ResultValues epoch{
      .type = DataType::Of(TypeKind::kTimestamp), .valid = {1}, .values = std::vector<int64_t>{0}};
  const AnswerComparison comparison =
      Compare(TypedAnswer({Integers({1})}, epoch), {{"1", "infinity"}});
  ASSERT_THAT(comparison.first, SizeIs(1));
  EXPECT_EQ(comparison.first[0].ours, "1970-01-01 00:00:00+00:00");
  EXPECT_EQ(comparison.first[0].sql, "infinity");
}

TEST(AnswerComparisonTest, NoNumberIsNearAnInfinity) {
  EXPECT_EQ(Compare(FixedAnswer({1}), {{"a", "Infinity"}}, {.relative = 1e-9}).differences, 1u);
  EXPECT_EQ(Compare(FixedAnswer({HUGE_VAL}), {{"a", "Infinity"}}).differences, 0u);
}

TEST(AnswerComparisonTest, WhatIsShownIsCutWithinItsLimit) {
  const std::string text(5000, 'x');
  const AnswerComparison comparison =
      Compare(TypedAnswer({Texts({text})}, Integers({1})), {{text, "2"}});
  ASSERT_THAT(comparison.first, SizeIs(1));
  EXPECT_THAT(comparison.first[0].cell, SizeIs(kMaxShownBytes));
}

class EndedComparisonTest : public ::testing::Test {
 protected:
  /// Whether a comparison of many rows ends early.
  absl::Status Compare(QueryContext& context) {
    std::vector<SourceRow> sql;
    for (int i = 0; i < 5000; ++i) sql.push_back({std::to_string(i), "1"});
    FixedAnswer answer({});
    const FloatBound bound;
    return CompareAnswers(context, answer, std::span(&bound, 1), sql).status();
  }

  ManualClock clock_;
};

TEST_F(EndedComparisonTest, ACallerThatIsGoneEndsIt) {
  QueryContext context(clock_, QueryContext::kNoDeadline, Priority::kInteractive, nullptr,
                       MemoryBudget::kUnlimitedBytes);
  context.Cancel();
  EXPECT_EQ(Compare(context).code(), absl::StatusCode::kCancelled);
}

TEST_F(EndedComparisonTest, ItsDeadlineEndsIt) {
  QueryContext context(clock_, 10, Priority::kInteractive, nullptr, MemoryBudget::kUnlimitedBytes);
  EXPECT_TRUE(Compare(context).ok());
  clock_.Advance(10);
  EXPECT_EQ(Compare(context).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(EndedComparisonTest, ItsIndexCountsAsMemoryOfTheQuery) {
  QueryContext context(clock_, QueryContext::kNoDeadline, Priority::kInteractive, nullptr, 100'000);
  EXPECT_EQ(Compare(context).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(context.budget().reserved_bytes(), 0u);
}

TEST(AnswerComparisonTest, RowsOfAnotherWidthAreOurError) {
  FixedAnswer answer({1});
  const FloatBound bound;
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive, nullptr,
                       MemoryBudget::kUnlimitedBytes);
  const auto comparison =
      CompareAnswers(context, answer, std::span(&bound, 1), std::vector<SourceRow>{{"a"}});
  EXPECT_EQ(comparison.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(comparison.status().message()), HasSubstr("1 columns"));
}

}  // namespace
}  // namespace sextant
