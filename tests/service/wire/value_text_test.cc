#include "service/wire/value_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace sextant {
namespace {

TEST(DecimalTextTest, KeepsTheZerosOfItsScale) { EXPECT_EQ(DecimalText(1200, 2), "12.00"); }
TEST(DecimalTextTest, WritesAZeroBeforeThePoint) { EXPECT_EQ(DecimalText(-5, 2), "-0.05"); }
TEST(DecimalTextTest, ZeroHasItsScale) { EXPECT_EQ(DecimalText(0, 3), "0.000"); }
TEST(DecimalTextTest, ScaleZeroHasNoPoint) { EXPECT_EQ(DecimalText(-42, 0), "-42"); }
TEST(DecimalTextTest, TheSmallestInt128HasAllItsDigits) {
  const int128_t smallest = static_cast<int128_t>(1) << 127;
  EXPECT_EQ(DecimalText(smallest, 0), "-170141183460469231731687303715884105728");
}

TEST(DateTextTest, ALeapDay) { EXPECT_EQ(DateText(19782), "2024-02-29"); }
TEST(DateTextTest, TheDayBeforeTheEpoch) { EXPECT_EQ(DateText(-1), "1969-12-31"); }
TEST(DateTextTest, TheYearZeroIsOneBeforeChrist) { EXPECT_EQ(DateText(-719163), "0001-12-31 BC"); }

TEST(IntervalTextTest, EveryUnitIsWritten) {
  EXPECT_EQ(IntervalText({14, 3, 14706789000}), "1 year 2 mons 3 days 04:05:06.789");
}
TEST(IntervalTextTest, NothingIsAZeroTime) { EXPECT_EQ(IntervalText({0, 0, 0}), "00:00:00"); }
TEST(IntervalTextTest, APositiveTimeAfterANegativeDayHasASign) {
  EXPECT_EQ(IntervalText({0, -1, 3600000000}), "-1 days +01:00:00");
}
TEST(IntervalTextTest, ANegativeTimeHasOneSign) {
  EXPECT_EQ(IntervalText({0, 0, -1500000}), "-00:00:01.5");
}
TEST(IntervalTextTest, ManyHoursAreNotDays) {
  EXPECT_EQ(IntervalText({0, 0, int64_t{100} * 3600 * 1000000}), "100:00:00");
}

TEST(UuidTextTest, HasItsDashes) {
  const uint8_t bytes[16] = {0xa0, 0xee, 0xbc, 0x99, 0x9c, 0x0b, 0x4e, 0xf8,
                             0xbb, 0x6d, 0x6b, 0xb9, 0xbd, 0x38, 0x0a, 0x11};
  EXPECT_EQ(UuidText(WideOfUuid(bytes)), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
}

TEST(BytesTextTest, IsHexadecimal) {
  EXPECT_EQ(BytesText(std::string_view("\x00\xff", 2)), "\\x00ff");
}

}  // namespace
}  // namespace sextant
