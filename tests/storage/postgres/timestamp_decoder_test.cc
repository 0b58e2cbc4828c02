#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "compute/plan/time_zone.h"
#include "tests/storage/postgres/wire_bytes.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kEpochShiftUs = 946'684'800'000'000;

PlannedColumn Timestamp(WireType wire, const std::string& zone = "") {
  PlannedColumn column = Planned("c", DataType::Of(TypeKind::kTimestamp), wire);
  if (!zone.empty()) column.zone = *FindTimeZone(zone);
  return column;
}

// The decoded instant of a local civil time.
int64_t InstantOf(const std::string& zone, const absl::CivilSecond& local) {
  const int64_t seconds = local - absl::CivilSecond(2000, 1, 1);
  const auto texts =
      DecodeColumn(Timestamp(WireType::kTimestamp, zone), {Int64Bytes(seconds * 1'000'000)});
  EXPECT_TRUE(texts.ok()) << texts.status();
  return std::stoll(texts->at(0)) / 1'000'000;
}

int64_t Utc(const absl::CivilSecond& time) { return time - absl::CivilSecond(1970, 1, 1); }

TEST(TimestampDecoderTest, TimestamptzCountsFromTheYear2000) {
  const auto texts = DecodeColumn(Timestamp(WireType::kTimestamptz),
                                  {Int64Bytes(0), Int64Bytes(-kEpochShiftUs), Int64Bytes(-1)});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_EQ(*texts, (std::vector<std::string>{"946684800000000", "0", "946684799999999"}));
}

TEST(TimestampDecoderTest, InfinityIsRefusedWithAWayOut) {
  for (const int64_t infinity :
       {std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()}) {
    const auto texts = DecodeColumn(Timestamp(WireType::kTimestamptz), {Int64Bytes(infinity)});
    EXPECT_TRUE(absl::IsFailedPrecondition(texts.status()));
    EXPECT_THAT(std::string(texts.status().message()),
                HasSubstr("column 'c', row 1 of the stream: infinity has no place"));
  }
}

TEST(TimestampDecoderTest, ATimeThatWouldWrapIsRefused) {
  const int64_t largest = std::numeric_limits<int64_t>::max() - kEpochShiftUs;
  const auto good = DecodeColumn(Timestamp(WireType::kTimestamptz), {Int64Bytes(largest)});
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->at(0), "9223372036854775807");
  const auto bad = DecodeColumn(Timestamp(WireType::kTimestamptz), {Int64Bytes(largest + 1)});
  EXPECT_THAT(std::string(bad.status().message()), HasSubstr("after the year 294246"));
}

TEST(TimestampDecoderTest, ATimestampIsReadInItsZone) {
  EXPECT_EQ(InstantOf("America/St_Johns", absl::CivilSecond(2024, 1, 15, 12)),
            Utc(absl::CivilSecond(2024, 1, 15, 15, 30)));
  EXPECT_EQ(InstantOf("", absl::CivilSecond(2024, 1, 15, 12)),
            Utc(absl::CivilSecond(2024, 1, 15, 12)));
}

TEST(TimestampDecoderTest, ASkippedLocalTimeIsReadWithTheOffsetBefore) {
  EXPECT_EQ(InstantOf("Europe/Berlin", absl::CivilSecond(2024, 3, 31, 2, 30)),
            Utc(absl::CivilSecond(2024, 3, 31, 1, 30)));
}

TEST(TimestampDecoderTest, ARepeatedLocalTimeIsReadWithTheOffsetAfter) {
  EXPECT_EQ(InstantOf("Europe/Berlin", absl::CivilSecond(2024, 10, 27, 2, 30)),
            Utc(absl::CivilSecond(2024, 10, 27, 1, 30)));
}

TEST(TimestampDecoderTest, FractionsBeforeTheEpochSurviveAZone) {
  const auto texts = DecodeColumn(Timestamp(WireType::kTimestamp, "Europe/Berlin"),
                                  {Int64Bytes(-kEpochShiftUs - 1)});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_EQ(texts->at(0), std::to_string(-3'600'000'001));
}

TEST(TimestampDecoderTest, DatesCountFrom1970) {
  const PlannedColumn date = Planned("c", DataType::Of(TypeKind::kDate), WireType::kDate);
  const auto texts = DecodeColumn(date, {Int32Bytes(0), Int32Bytes(-10957), Int32Bytes(-10958)});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_EQ(*texts, (std::vector<std::string>{"10957", "0", "-1"}));
}

TEST(TimestampDecoderTest, InfiniteAndFarDatesAreRefused) {
  const PlannedColumn date = Planned("c", DataType::Of(TypeKind::kDate), WireType::kDate);
  EXPECT_THAT(std::string(DecodeColumn(date, {Int32Bytes(INT32_MAX)}).status().message()),
              HasSubstr("infinity"));
  EXPECT_THAT(std::string(DecodeColumn(date, {Int32Bytes(INT32_MIN)}).status().message()),
              HasSubstr("infinity"));
  EXPECT_THAT(std::string(DecodeColumn(date, {Int32Bytes(200'000'000)}).status().message()),
              HasSubstr("after the year"));
}

TEST(TimestampDecoderTest, WrongLengthsAreDataLoss) {
  EXPECT_TRUE(
      absl::IsDataLoss(DecodeColumn(Timestamp(WireType::kTimestamptz), {Int32Bytes(1)}).status()));
  EXPECT_TRUE(absl::IsDataLoss(
      DecodeColumn(Planned("c", DataType::Of(TypeKind::kDate), WireType::kDate), {Int64Bytes(1)})
          .status()));
}

}  // namespace
}  // namespace sextant
