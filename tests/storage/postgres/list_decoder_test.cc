#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/storage/postgres/wire_bytes.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PlannedColumn ListOf(TypeKind element, WireType wire, uint32_t oid) {
  PlannedColumn column = Planned("c", DataType::ListOf(element), WireType::kArray);
  column.element_wire = wire;
  column.element_oid = oid;
  return column;
}

const PlannedColumn kTexts = ListOf(TypeKind::kText, WireType::kText, kTextOid);
const PlannedColumn kNumbers = ListOf(TypeKind::kInt64, WireType::kInt8, kInt8Oid);

TEST(ListDecoderTest, EmptyNullAndNullElementsAreDistinct) {
  const std::string empty = Int32Bytes(0) + Int32Bytes(0) + Int32Bytes(kTextOid);
  const auto texts =
      DecodeColumn(kTexts, {ArrayBytes(kTextOid, {"a", std::nullopt, ""}), empty, std::nullopt});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("{a,NULL,}", "{}", "NULL"));
}

TEST(ListDecoderTest, ListsMayBeLongerThanABatch) {
  std::vector<std::optional<std::string>> elements;
  std::string expected = "{";
  for (int i = 0; i < 1000; ++i) {
    elements.push_back(Int64Bytes(i));
    expected += (i == 0 ? "" : ",") + std::to_string(i);
  }
  const std::string array = ArrayBytes(kInt8Oid, elements);
  const auto texts = DecodeColumn(kNumbers, {array, std::nullopt, array});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre(expected + "}", "NULL", expected + "}"));
}

TEST(ListDecoderTest, TimestampsInLists) {
  const auto texts =
      DecodeColumn(ListOf(TypeKind::kTimestamp, WireType::kTimestamptz, kTimestamptzOid),
                   {ArrayBytes(kTimestamptzOid, {Int64Bytes(0), std::nullopt})});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("{946684800000000,NULL}"));
}

TEST(ListDecoderTest, TwoDimensionsAreRefused) {
  const std::string array = Int32Bytes(2) + Int32Bytes(0) + Int32Bytes(kInt8Oid) + Int32Bytes(1) +
                            Int32Bytes(1) + Int32Bytes(1) + Int32Bytes(1) + Int32Bytes(8) +
                            Int64Bytes(5);
  const auto texts = DecodeColumn(kNumbers, {std::nullopt, array});
  EXPECT_TRUE(absl::IsFailedPrecondition(texts.status()));
  EXPECT_THAT(std::string(texts.status().message()),
              HasSubstr("column 'c', row 2 of the stream: an array of 2 dimensions"));
}

TEST(ListDecoderTest, AnErrorInAnElementNamesItsRow) {
  const auto texts = DecodeColumn(kNumbers, {ArrayBytes(kInt8Oid, {Int64Bytes(1), Int64Bytes(2)}),
                                             ArrayBytes(kInt8Oid, {Int64Bytes(3), "xy"})});
  EXPECT_TRUE(absl::IsDataLoss(texts.status()));
  EXPECT_THAT(std::string(texts.status().message()), HasSubstr("row 2 of the stream"));
}

TEST(ListDecoderTest, BytesThatAreNoArrayAreDataLoss) {
  const std::string good = ArrayBytes(kInt8Oid, {Int64Bytes(1)});
  const std::string header = Int32Bytes(1) + Int32Bytes(0) + Int32Bytes(kInt8Oid);
  for (const std::string& bytes :
       {std::string(), good.substr(0, 11), good.substr(0, good.size() - 1), good + "x",
        ArrayBytes(kTextOid, {"12345678"}), header, header + Int32Bytes(1000000) + Int32Bytes(1),
        header + Int32Bytes(-1) + Int32Bytes(1),
        header + Int32Bytes(1) + Int32Bytes(1) + Int32Bytes(-5),
        Int32Bytes(0) + Int32Bytes(0) + Int32Bytes(kInt8Oid) + "x",
        Int32Bytes(-1) + Int32Bytes(0) + Int32Bytes(kInt8Oid)}) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeColumn(kNumbers, {bytes}).status())) << bytes.size();
  }
}

}  // namespace
}  // namespace sextant
