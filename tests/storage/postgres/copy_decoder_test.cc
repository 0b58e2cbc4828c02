#include "storage/postgres/copy_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/storage/postgres/wire_bytes.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const PlannedColumn kInt8 = Planned("n", DataType::Of(TypeKind::kInt64), WireType::kInt8);
const PlannedColumn kText = Planned("t", DataType::Of(TypeKind::kText), WireType::kText);

TEST(CopyDecoderTest, FieldsGoToTheirColumns) {
  const auto table =
      DecodeRows({kInt8, kText}, {RowOf({Int64Bytes(7), "a"}), RowOf({std::nullopt, std::nullopt}),
                                  RowOf({Int64Bytes(-1), ""})});
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(ColumnTexts(**table, "n"), ElementsAre("7", "NULL", "-1"));
  EXPECT_THAT(ColumnTexts(**table, "t"), ElementsAre("a", "NULL", ""));
}

TEST(CopyDecoderTest, ABatchMayStraddleChunks) {
  std::vector<std::string> rows;
  std::vector<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    rows.push_back(RowOf({Int64Bytes(i)}));
    expected.push_back(std::to_string(i));
  }
  const auto table = DecodeRows({kInt8}, rows, 100);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->num_chunks(), 10u);
  EXPECT_EQ(ColumnTexts(**table, "n"), expected);
}

TEST(CopyDecoderTest, TooFewFieldsAreDataLoss) {
  const auto table = DecodeRows({kInt8, kText}, {RowOf({Int64Bytes(7)})});
  EXPECT_TRUE(absl::IsDataLoss(table.status()));
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("row 1 of the stream"));
}

TEST(CopyDecoderTest, TooManyFieldsAreDataLoss) {
  const auto table = DecodeRows({kInt8}, {RowOf({Int64Bytes(7), "x"})});
  EXPECT_TRUE(absl::IsDataLoss(table.status()));
}

TEST(CopyDecoderTest, BytesAfterTheLastFieldAreDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(DecodeRows({kInt8}, {RowOf({Int64Bytes(7)}) + "x"}).status()));
}

TEST(CopyDecoderTest, ALengthBeyondTheRowIsDataLossThatNamesTheColumn) {
  const auto table = DecodeRows({kText}, {Int16Bytes(1) + Int32Bytes(100) + "short"});
  EXPECT_TRUE(absl::IsDataLoss(table.status()));
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("column 't' claims 100 bytes"));
}

TEST(CopyDecoderTest, ANegativeLengthOtherThanNullIsDataLoss) {
  EXPECT_TRUE(
      absl::IsDataLoss(DecodeRows({kText}, {Int16Bytes(1) + Int32Bytes(-2) + "xy"}).status()));
}

TEST(CopyDecoderTest, EveryTruncationOfARowIsAnErrorAndReadsNothingBeyond) {
  const PlannedColumn list = [] {
    PlannedColumn column = Planned("l", DataType::ListOf(TypeKind::kText), WireType::kArray);
    column.element_wire = WireType::kText;
    column.element_oid = kTextOid;
    return column;
  }();
  const std::string row = RowOf({Int64Bytes(7), "text", ArrayBytes(kTextOid, {"a", std::nullopt})});
  for (size_t size = 0; size < row.size(); ++size) {
    // A copy of exact size, so that the sanitizer sees a read behind it.
    const std::vector<char> cut(row.begin(), row.begin() + static_cast<ptrdiff_t>(size));
    const auto table = DecodeRows({kInt8, kText, list}, {std::string(cut.begin(), cut.end())});
    EXPECT_FALSE(table.ok()) << size;
  }
}

TEST(CopyDecoderTest, RandomBytesNeverCrash) {
  std::mt19937_64 random(20261121);
  const std::vector<PlannedColumn> columns = {
      kInt8, kText, Planned("d", DataType::Decimal(38, 4), WireType::kNumeric)};
  for (int round = 0; round < 20000; ++round) {
    std::string row = RowOf({Int64Bytes(1), "abc", NumericBytes(0, 0, {12, 3400})});
    for (int flips = 0; flips < 3; ++flips) {
      row[random() % row.size()] = static_cast<char>(random());
    }
    const auto table = DecodeRows(columns, {row});
    if (!table.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(table.status()) || absl::IsFailedPrecondition(table.status()))
          << table.status();
    }
  }
}

TEST(CopyDecoderTest, NullInANotNullColumnIsDataLoss) {
  PlannedColumn column = kInt8;
  column.field.nullable = false;
  const auto texts = DecodeColumn(column, {Int64Bytes(1), std::nullopt});
  EXPECT_TRUE(absl::IsDataLoss(texts.status()));
  EXPECT_THAT(std::string(texts.status().message()), HasSubstr("row 2 of the stream: NULL in"));
}

TEST(CopyDecoderTest, TheRowOfAnErrorCountsOverBatches) {
  std::vector<std::optional<std::string>> fields(300, Int64Bytes(1));
  fields[299] = "short";
  const auto texts = DecodeColumn(kInt8, fields);
  EXPECT_THAT(std::string(texts.status().message()),
              HasSubstr("column 'n', row 300 of the stream"));
}

}  // namespace
}  // namespace sextant
