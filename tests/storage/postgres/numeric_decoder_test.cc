#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/storage/postgres/wire_bytes.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kNegative = 0x4000;

PlannedColumn Numeric(int precision, int scale) {
  return Planned("c", DataType::Decimal(precision, scale), WireType::kNumeric);
}

std::string Decode(const PlannedColumn& column, const std::string& bytes) {
  const auto texts = DecodeColumn(column, {bytes});
  return texts.ok() ? texts->at(0) : std::string(texts.status().ToString());
}

TEST(NumericDecoderTest, ZeroHasNoDigits) {
  EXPECT_EQ(Decode(Numeric(12, 2), NumericBytes(0, 0, {})), "0");
}

TEST(NumericDecoderTest, DecimalsEndWithinADigit) {
  // 1234.5600 with scale 2, 3 and 4
  EXPECT_EQ(Decode(Numeric(12, 2), NumericBytes(0, 0, {1234, 5600})), "123456");
  EXPECT_EQ(Decode(Numeric(12, 3), NumericBytes(0, 0, {1234, 5600})), "1234560");
  EXPECT_EQ(Decode(Numeric(12, 4), NumericBytes(0, 0, {1234, 5600})), "12345600");
}

TEST(NumericDecoderTest, ZerosAtTheEndAreNotSent) {
  // 12340000 = 1234 * 10000^1
  EXPECT_EQ(Decode(Numeric(12, 2), NumericBytes(1, 0, {1234})), "1234000000");
}

TEST(NumericDecoderTest, SmallFractionsBeginBehindThePoint) {
  // 0.0007 = 7 * 10000^-1; 0.00000012 = 12 * 10000^-2
  EXPECT_EQ(Decode(Numeric(12, 4), NumericBytes(-1, 0, {7})), "7");
  EXPECT_EQ(Decode(Numeric(12, 8), NumericBytes(-2, 0, {12})), "12");
}

TEST(NumericDecoderTest, TheSignIsKept) {
  EXPECT_EQ(Decode(Numeric(12, 2), NumericBytes(0, kNegative, {1, 500})), "-105");
  EXPECT_EQ(Decode(Numeric(30, 2), NumericBytes(0, kNegative, {1, 500})), "-105");
}

TEST(NumericDecoderTest, EighteenDigitsAreTheLargestNarrowValue) {
  EXPECT_EQ(Decode(Numeric(18, 0), NumericBytes(4, 0, {99, 9999, 9999, 9999, 9999})),
            "999999999999999999");
}

TEST(NumericDecoderTest, ThirtyEightDigitsAreTheLargestWideValue) {
  EXPECT_EQ(Decode(Numeric(38, 0),
                   NumericBytes(9, kNegative,
                                {99, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999})),
            "-99999999999999999999999999999999999999");
}

TEST(NumericDecoderTest, MoreDigitsThanTheTypeHasAreRefused) {
  EXPECT_THAT(Decode(Numeric(4, 2), NumericBytes(0, 0, {100})), HasSubstr("too large for"));
  EXPECT_THAT(Decode(Numeric(18, 0), NumericBytes(4, 0, {100, 0, 0, 0, 0})),
              HasSubstr("too large for"));
  EXPECT_THAT(Decode(Numeric(38, 0), NumericBytes(9, 0, {100})), HasSubstr("too large for"));
  EXPECT_THAT(Decode(Numeric(38, 0), NumericBytes(32767, 0, {1})), HasSubstr("too large for"));
}

TEST(NumericDecoderTest, MoreDecimalsThanTheTypeHasAreRefusedNotRounded) {
  EXPECT_THAT(Decode(Numeric(12, 2), NumericBytes(0, 0, {1, 2345})), HasSubstr("more decimals"));
  EXPECT_THAT(Decode(Numeric(12, 2), NumericBytes(-2, 0, {1})), HasSubstr("more decimals"));
  EXPECT_THAT(Decode(Numeric(12, 0), NumericBytes(-1, 0, {5000})), HasSubstr("more decimals"));
}

TEST(NumericDecoderTest, NaNIsRefusedWithColumnRowAndAWayOut) {
  const auto texts = DecodeColumn(Numeric(12, 2), {std::nullopt, NumericBytes(0, 0xC000, {})});
  EXPECT_TRUE(absl::IsFailedPrecondition(texts.status()));
  const std::string message(texts.status().message());
  EXPECT_THAT(message, HasSubstr("column 'c', row 2 of the stream: NaN is no numeric(12,2)"));
  EXPECT_THAT(message, HasSubstr("nullif(column, 'NaN')"));
}

TEST(NumericDecoderTest, InfinitiesAreRefused) {
  EXPECT_THAT(Decode(Numeric(12, 2), NumericBytes(0, 0xD000, {})), HasSubstr("infinity"));
  EXPECT_THAT(Decode(Numeric(30, 2), NumericBytes(0, 0xF000, {})), HasSubstr("infinity"));
}

TEST(NumericDecoderTest, BytesThatAreNoNumericAreDataLoss) {
  for (const std::string& bytes :
       {std::string(), std::string("short"), NumericBytes(0, 0, {1}) + "x",
        NumericBytes(0, 0, {1}).substr(0, 9), NumericBytes(0, 0x1234, {1}),
        NumericBytes(0, 0, {10000}), NumericBytes(0, 0, {-1})}) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeColumn(Numeric(12, 2), {bytes}).status()));
    EXPECT_TRUE(absl::IsDataLoss(DecodeColumn(Numeric(30, 2), {bytes}).status()));
  }
}

TEST(NumericDecoderTest, ScaleEqualToPrecision) {
  EXPECT_EQ(Decode(Numeric(20, 20), NumericBytes(-1, 0, {1234, 5678})), "12345678000000000000");
}

}  // namespace
}  // namespace sextant
