#include "service/verification/answer_text.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

/// What the source prints, in the one form.
std::string Source(const DataType& type, const std::string& text) {
  const auto canonical = TextOfSource(type, text);
  return canonical.ok() ? *canonical : std::string(canonical.status().message());
}

std::string Ours(const DataType& type, int64_t value) {
  return TextOfResult({.type = type, .valid = {1}, .values = std::vector<int64_t>{value}}, 0)
      .value_or("NULL");
}

TEST(AnswerTextTest, BothSidesOfATypeHaveOneForm) {
  EXPECT_EQ(Source(DataType::Of(TypeKind::kBool), "t"), Ours(DataType::Of(TypeKind::kBool), 1));
  EXPECT_EQ(Source(DataType::Of(TypeKind::kDate), "1970-01-02"),
            Ours(DataType::Of(TypeKind::kDate), 1));
  EXPECT_EQ(Source(DataType::Of(TypeKind::kTimestamp), "1970-01-01 00:00:01.5+00"),
            Ours(DataType::Of(TypeKind::kTimestamp), 1'500'000));
  EXPECT_EQ(Source(DataType::Decimal(12, 2), "-0.05"), Ours(DataType::Decimal(12, 2), -5));
  EXPECT_EQ(Source(DataType::Decimal(12, 2), "1.5"), Ours(DataType::Decimal(12, 2), 150));
}

TEST(AnswerTextTest, MinusZeroIsZeroAndNanIsItself) {
  const DataType type = DataType::Of(TypeKind::kFloat64);
  EXPECT_EQ(Source(type, "-0"), "0");
  EXPECT_EQ(Source(type, "NaN"), "NaN");
  EXPECT_EQ(Source(type, "1e+20"), Source(type, "100000000000000000000"));
}

TEST(AnswerTextTest, Rule6EqualIntervalsHaveOneForm) {
  const DataType type = DataType::Of(TypeKind::kInterval);
  for (const char* const month : {"1 mon", "30 days", "29 days 24:00:00", "2 mons -720:00:00"}) {
    EXPECT_EQ(Source(type, month), "1 mon") << month;
  }
  const ResultValues ours{
      .type = type,
      .valid = {1},
      .values = std::vector<Wide>{WideOfInterval({.months = 0, .days = 31, .microseconds = -1})}};
  EXPECT_EQ(TextOfResult(ours, 0), Source(type, "1 mon 23:59:59.999999"));
}

TEST(AnswerTextTest, ADecimalWithMoreDigitsThanItsTypeDiffers) {
  EXPECT_NE(Source(DataType::Decimal(12, 2), "1.501"), Ours(DataType::Decimal(12, 2), 150));
}

TEST(AnswerTextTest, AListIsPrintedAsAnArray) {
  ResultValues elements{.type = DataType::Of(TypeKind::kText),
                        .valid = {1, 0, 1, 1},
                        .values = std::vector<std::string>{"a", "", "b c", "null"}};
  const ResultValues lists{
      .type = DataType::ListOf(TypeKind::kText),
      .valid = {1, 1},
      .values = ResultLists{{0, 4, 4}, std::make_shared<ResultValues>(elements)}};
  EXPECT_EQ(TextOfResult(lists, 0), "{a,NULL,\"b c\",\"null\"}");
  EXPECT_EQ(TextOfResult(lists, 1), "{}");
}

TEST(AnswerTextTest, ATextThatIsNotOfItsTypeIsRefused) {
  EXPECT_FALSE(TextOfSource(DataType::Of(TypeKind::kFloat64), "one").ok());
  EXPECT_FALSE(TextOfSource(DataType::Decimal(12, 2), "x").ok());
  EXPECT_FALSE(TextOfSource(DataType::Of(TypeKind::kTimestamp), "yesterday").ok());
  EXPECT_FALSE(TextOfSource(DataType::Of(TypeKind::kInterval), "long").ok());
}

TEST(AnswerTextTest, AListOfTheSourceIsReadElementByElement) {
  EXPECT_EQ(Source(DataType::ListOf(TypeKind::kFloat64), "{100000000000000000000,NULL,-0}"),
            "{1e+20,NULL,0}");
  EXPECT_EQ(Source(DataType::ListOf(TypeKind::kTimestamp), "{\"1970-01-01 00:00:01.50+00\"}"),
            "{\"1970-01-01 00:00:01.5+00:00\"}");
  EXPECT_FALSE(TextOfSource(DataType::ListOf(TypeKind::kFloat64), "{one}").ok());
  EXPECT_FALSE(TextOfSource(DataType::ListOf(TypeKind::kInt64), "1").ok());
}

TEST(AnswerTextTest, AFloat4IsThatOfItsShortestText) {
  const ResultValues tenth{.type = DataType::Of(TypeKind::kFloat32),
                           .valid = {1},
                           .values = std::vector<double>{static_cast<double>(0.1F)}};
  EXPECT_EQ(Source(tenth.type, "0.1"), TextOfResult(tenth, 0));
}

}  // namespace
}  // namespace sextant
