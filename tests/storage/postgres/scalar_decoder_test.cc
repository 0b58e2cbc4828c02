#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "storage/postgres/column_decoder.h"
#include "storage/postgres/utf8.h"
#include "tests/storage/postgres/wire_bytes.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Bytes(std::string_view text) { return std::string(text); }

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

PlannedColumn Of(TypeKind kind, WireType wire) { return Planned("c", DataType::Of(kind), wire); }

TEST(ScalarDecoderTest, Bool) {
  const auto texts =
      DecodeColumn(Of(TypeKind::kBool, WireType::kBool), {Bytes("\x01"), std::string(1, '\0')});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("1", "0"));
}

TEST(ScalarDecoderTest, ABoolOfTwoIsDataLoss) {
  const auto texts = DecodeColumn(Of(TypeKind::kBool, WireType::kBool), {std::nullopt, "\x02"});
  EXPECT_TRUE(absl::IsDataLoss(texts.status()));
  EXPECT_THAT(MessageOf(texts.status()), HasSubstr("column 'c', row 2"));
}

TEST(ScalarDecoderTest, IntegersAtTheirEnds) {
  const auto small =
      DecodeColumn(Of(TypeKind::kInt16, WireType::kInt2), {Int16Bytes(-32768), Int16Bytes(32767)});
  const auto medium = DecodeColumn(Of(TypeKind::kInt32, WireType::kInt4),
                                   {Int32Bytes(INT32_MIN), Int32Bytes(INT32_MAX)});
  const auto large = DecodeColumn(Of(TypeKind::kInt64, WireType::kInt8),
                                  {Int64Bytes(INT64_MIN), Int64Bytes(INT64_MAX)});
  ASSERT_TRUE(small.ok() && medium.ok() && large.ok());
  EXPECT_THAT(*small, ElementsAre("-32768", "32767"));
  EXPECT_THAT(*medium, ElementsAre("-2147483648", "2147483647"));
  EXPECT_THAT(*large, ElementsAre("-9223372036854775808", "9223372036854775807"));
}

TEST(ScalarDecoderTest, AnIntegerOfAnotherWidthIsDataLoss) {
  const auto texts = DecodeColumn(Of(TypeKind::kInt32, WireType::kInt4), {Int64Bytes(1)});
  EXPECT_TRUE(absl::IsDataLoss(texts.status()));
  EXPECT_THAT(MessageOf(texts.status()), HasSubstr("a value of 8 bytes; allowed: 4"));
}

TEST(ScalarDecoderTest, FloatsKeepTheirBits) {
  const auto bits = [](double value) {
    int64_t integer;
    std::memcpy(&integer, &value, 8);
    return Int64Bytes(integer);
  };
  const auto texts = DecodeColumn(Of(TypeKind::kFloat64, WireType::kFloat8),
                                  {bits(0.5), bits(-INFINITY), bits(NAN), std::nullopt});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("0.5", "-inf", "nan", "NULL"));
}

TEST(ScalarDecoderTest, Float4) {
  const auto texts =
      DecodeColumn(Of(TypeKind::kFloat32, WireType::kFloat4), {Int32Bytes(0x3FC00000)});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("1.5"));
}

TEST(ScalarDecoderTest, Uuid) {
  std::string bytes;
  for (int i = 0; i < 16; ++i) bytes.push_back(static_cast<char>(i * 17));
  const auto texts = DecodeColumn(Of(TypeKind::kUuid, WireType::kUuid), {bytes});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("00112233-4455-6677-8899-aabbccddeeff"));
}

TEST(ScalarDecoderTest, Interval) {
  const auto texts = DecodeColumn(Of(TypeKind::kInterval, WireType::kInterval),
                                  {Int64Bytes(-5) + Int32Bytes(-2) + Int32Bytes(14)});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("14/-2/-5"));
}

// As PostgreSQL 17 sends them.
TEST(ScalarDecoderTest, InfiniteIntervalsAreRefused) {
  for (const bool plus : {true, false}) {
    const std::string infinity = Int64Bytes(plus ? INT64_MAX : INT64_MIN) +
                                 Int32Bytes(plus ? INT32_MAX : INT32_MIN) +
                                 Int32Bytes(plus ? INT32_MAX : INT32_MIN);
    const auto texts =
        DecodeColumn(Of(TypeKind::kInterval, WireType::kInterval), {std::nullopt, infinity});
    EXPECT_TRUE(absl::IsFailedPrecondition(texts.status())) << texts.status();
    EXPECT_THAT(MessageOf(texts.status()),
                HasSubstr("column 'c', row 2 of the stream: infinity is no interval"));
  }
}

TEST(ScalarDecoderTest, TextMayBeEmpty) {
  const auto texts =
      DecodeColumn(Of(TypeKind::kText, WireType::kText), {"", "caf\xC3\xA9", std::nullopt});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("", "caf\xC3\xA9", "NULL"));
}

TEST(ScalarDecoderTest, TextThatIsNotUtf8NamesColumnAndRow) {
  const auto texts = DecodeColumn(Of(TypeKind::kText, WireType::kText), {"good", "b\xE9"});
  EXPECT_TRUE(absl::IsFailedPrecondition(texts.status()));
  EXPECT_THAT(MessageOf(texts.status()), HasSubstr("column 'c', row 2 of the stream: text that"));
}

TEST(ScalarDecoderTest, BpcharLosesItsPaddingOnly) {
  const auto texts = DecodeColumn(Of(TypeKind::kText, WireType::kBpchar), {" ab  ", "    "});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre(" ab", ""));
}

TEST(ScalarDecoderTest, ByteaMayBeAnyBytes) {
  const auto texts = DecodeColumn(Of(TypeKind::kBytes, WireType::kBytea), {"\xFF\x01"});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("\xFF\x01"));
}

TEST(ScalarDecoderTest, JsonbLosesItsVersion) {
  const auto texts = DecodeColumn(Of(TypeKind::kJson, WireType::kJsonb), {"\x01{\"a\": 1}"});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("{\"a\": 1}"));
}

TEST(ScalarDecoderTest, AJsonbOfAnotherVersionIsDataLoss) {
  EXPECT_TRUE(
      absl::IsDataLoss(DecodeColumn(Of(TypeKind::kJson, WireType::kJsonb), {"\x02{}"}).status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodeColumn(Of(TypeKind::kJson, WireType::kJsonb), {""}).status()));
}

TEST(ScalarDecoderTest, AnEnumLabelThatWasNotDeclaredIsRefused) {
  PlannedColumn column = Of(TypeKind::kEnum, WireType::kEnum);
  column.field.enum_labels = {"low", "high"};
  const auto texts = DecodeColumn(column, {"high", "low"});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("high", "low"));
  EXPECT_TRUE(absl::IsFailedPrecondition(DecodeColumn(column, {"middle"}).status()));
}

TEST(Utf8Test, OnlyShortestFormsOfCodePointsAreUtf8) {
  for (const char* const good : {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                 "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  for (const char* const bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC2", "\xE1\x80", "\xC2z"}) {
    EXPECT_FALSE(IsUtf8(bad)) << bad;
  }
}

TEST(Utf8Test, AHighByteAnywhereIsNotAscii) {
  for (size_t size = 0; size < 20; ++size) {
    std::string text(size, 'a');
    EXPECT_TRUE(IsAscii(text));
    for (size_t at = 0; at < size; ++at) {
      text[at] = '\x80';
      EXPECT_FALSE(IsAscii(text)) << size << " " << at;
      text[at] = 'a';
    }
  }
}

}  // namespace
}  // namespace sextant
