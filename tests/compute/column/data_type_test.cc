#include "compute/column/data_type.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace sextant {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

TEST(DataTypeTest, NamesAreThoseOfPostgres) {
  EXPECT_EQ(TypeName(DataType::Of(TypeKind::kInt64)), "bigint");
  EXPECT_EQ(TypeName(DataType::Decimal(12, 2)), "numeric(12,2)");
  EXPECT_EQ(TypeName(DataType::ListOf(TypeKind::kText)), "text[]");
  EXPECT_EQ(TypeName(DataType::Of(TypeKind::kTimestamp)), "timestamp with time zone");
}

TEST(DataTypeTest, DecimalsAreIntegersUpToEighteenDigits) {
  EXPECT_EQ(PlainLayout(DataType::Decimal(18, 4)), Layout::kInteger);
  EXPECT_EQ(PlainLayout(DataType::Decimal(19, 4)), Layout::kWide);
}

TEST(DataTypeTest, Int128SurvivesAWide) {
  const auto max = static_cast<int128_t>(~uint128_t{0} >> 1);
  for (const int128_t value : {int128_t{0}, int128_t{-1}, max, -max - 1, int128_t{1} << 64}) {
    EXPECT_TRUE(Int128OfWide(WideOfInt128(value)) == value);
  }
}

TEST(DataTypeTest, IntervalSurvivesAWide) {
  const IntervalValue value{std::numeric_limits<int32_t>::min(), -1,
                            std::numeric_limits<int64_t>::min()};
  const IntervalValue back = IntervalOfWide(WideOfInterval(value));
  EXPECT_EQ(back.months, value.months);
  EXPECT_EQ(back.days, value.days);
  EXPECT_EQ(back.microseconds, value.microseconds);
}

TEST(DataTypeTest, UuidSurvivesAWideAndComparesHighFirst) {
  uint8_t bytes[16];
  for (int i = 0; i < 16; ++i) bytes[i] = static_cast<uint8_t>(0xF0 + i);
  const Wide wide = WideOfUuid(bytes);
  EXPECT_EQ(wide.high, 0xF0F1F2F3F4F5F6F7u);
  uint8_t back[16];
  UuidOfWide(wide, back);
  EXPECT_EQ(std::memcmp(bytes, back, 16), 0);
}

TEST(DataTypeTest, Rule6IntervalsCompareWithMonthsOfThirtyDays) {
  EXPECT_TRUE(IntervalOrderKey({1, 0, 0}) == IntervalOrderKey({0, 30, 0}));
  EXPECT_TRUE(IntervalOrderKey({0, 1, 0}) == IntervalOrderKey({0, 0, kDayUs}));
  EXPECT_TRUE(IntervalOrderKey({1, -30, -1}) < 0);
}

TEST(DataTypeTest, IntervalOrderKeyHoldsTheFarthestIntervals) {
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
  EXPECT_TRUE(IntervalOrderKey({kMax, kMax, std::numeric_limits<int64_t>::max()}) >
              IntervalOrderKey({kMax, kMax, 0}));
}

}  // namespace
}  // namespace sextant
