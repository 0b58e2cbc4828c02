#include "storage/postgres/type_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::HasSubstr;

SourceColumn ColumnOf(uint32_t type_oid, int32_t typmod = -1) {
  SourceColumn column;
  column.name = "c";
  column.type_name = "some type";
  column.type_oid = type_oid;
  column.typmod = typmod;
  return column;
}

SourceColumn ArrayOf(uint32_t element_oid) {
  SourceColumn column = ColumnOf(1);
  column.is_array = true;
  column.element_oid = element_oid;
  column.element_base_oid = element_oid;
  return column;
}

int32_t NumericTypmod(int precision, int scale) { return (precision << 16 | (scale & 0x7FF)) + 4; }

DataType TypeOf(const SourceColumn& column, const ColumnOverrides& overrides = {}) {
  const auto planned = MapColumn(column, overrides);
  EXPECT_TRUE(planned.ok()) << planned.status();
  return planned.ok() ? planned->field.type : DataType();
}

TEST(TypeMapTest, EveryScalarHasItsType) {
  EXPECT_EQ(TypeOf(ColumnOf(kBoolOid)), DataType::Of(TypeKind::kBool));
  EXPECT_EQ(TypeOf(ColumnOf(kInt2Oid)), DataType::Of(TypeKind::kInt16));
  EXPECT_EQ(TypeOf(ColumnOf(kInt4Oid)), DataType::Of(TypeKind::kInt32));
  EXPECT_EQ(TypeOf(ColumnOf(kInt8Oid)), DataType::Of(TypeKind::kInt64));
  EXPECT_EQ(TypeOf(ColumnOf(kFloat4Oid)), DataType::Of(TypeKind::kFloat32));
  EXPECT_EQ(TypeOf(ColumnOf(kFloat8Oid)), DataType::Of(TypeKind::kFloat64));
  EXPECT_EQ(TypeOf(ColumnOf(kTextOid)), DataType::Of(TypeKind::kText));
  EXPECT_EQ(TypeOf(ColumnOf(kVarcharOid)), DataType::Of(TypeKind::kText));
  EXPECT_EQ(TypeOf(ColumnOf(kBpcharOid)), DataType::Of(TypeKind::kText));
  EXPECT_EQ(TypeOf(ColumnOf(kNameOid)), DataType::Of(TypeKind::kText));
  EXPECT_EQ(TypeOf(ColumnOf(kUuidOid)), DataType::Of(TypeKind::kUuid));
  EXPECT_EQ(TypeOf(ColumnOf(kJsonOid)), DataType::Of(TypeKind::kJson));
  EXPECT_EQ(TypeOf(ColumnOf(kJsonbOid)), DataType::Of(TypeKind::kJson));
  EXPECT_EQ(TypeOf(ColumnOf(kDateOid)), DataType::Of(TypeKind::kDate));
  EXPECT_EQ(TypeOf(ColumnOf(kTimestampOid)), DataType::Of(TypeKind::kTimestamp));
  EXPECT_EQ(TypeOf(ColumnOf(kTimestamptzOid)), DataType::Of(TypeKind::kTimestamp));
  EXPECT_EQ(TypeOf(ColumnOf(kIntervalOid)), DataType::Of(TypeKind::kInterval));
  EXPECT_EQ(TypeOf(ColumnOf(kByteaOid)), DataType::Of(TypeKind::kBytes));
}

TEST(TypeMapTest, NumericKeepsPrecisionAndScale) {
  EXPECT_EQ(TypeOf(ColumnOf(kNumericOid, NumericTypmod(12, 2))), DataType::Decimal(12, 2));
  EXPECT_EQ(TypeOf(ColumnOf(kNumericOid, NumericTypmod(38, 0))), DataType::Decimal(38, 0));
}

TEST(TypeMapTest, AScaleBeyondThePrecisionWidensTheType) {
  EXPECT_EQ(TypeOf(ColumnOf(kNumericOid, NumericTypmod(2, 5))), DataType::Decimal(5, 5));
}

TEST(TypeMapTest, ANegativeScaleMustBeDeclared) {
  const SourceColumn column = ColumnOf(kNumericOid, NumericTypmod(5, -2));
  const auto planned = MapColumn(column, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(planned.status()));
  EXPECT_THAT(std::string(planned.status().message()), HasSubstr("found numeric(5,-2)"));
  EXPECT_EQ(TypeOf(column, {.type = "numeric(7,0)", .zone = ""}), DataType::Decimal(7, 0));
}

TEST(TypeMapTest, ADeclaredNumericMayBeWrittenInSeveralWays) {
  const SourceColumn column = ColumnOf(kNumericOid);
  for (const char* const type : {"numeric(18,4)", "NUMERIC ( 18 , 4 )", "decimal(18, 4)"}) {
    EXPECT_EQ(TypeOf(column, {.type = type, .zone = ""}), DataType::Decimal(18, 4)) << type;
    const auto cast = CastFor(column, {.type = type, .zone = ""});
    ASSERT_TRUE(cast.ok()) << cast.status();
    EXPECT_EQ(*cast, "") << "a cast would round";
  }
}

TEST(TypeMapTest, ADeclaredNumericOfAnotherTypeIsCast) {
  const auto cast = CastFor(ColumnOf(kFloat8Oid), {.type = "numeric(18,4)", .zone = ""});
  ASSERT_TRUE(cast.ok()) << cast.status();
  EXPECT_EQ(*cast, "pg_catalog.numeric(18,4)");
}

TEST(TypeMapTest, ADeclaredNumericMustHaveAtMost38Digits) {
  for (const char* const type : {"numeric", "numeric(39,2)", "numeric(0,0)"}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(
        CastFor(ColumnOf(kNumericOid), {.type = type, .zone = ""}).status()))
        << type;
  }
}

TEST(TypeMapTest, ListsOfTextNumbersAndTimesAreTyped) {
  EXPECT_EQ(TypeOf(ArrayOf(kTextOid)), DataType::ListOf(TypeKind::kText));
  EXPECT_EQ(TypeOf(ArrayOf(kInt4Oid)), DataType::ListOf(TypeKind::kInt32));
  EXPECT_EQ(TypeOf(ArrayOf(kFloat8Oid)), DataType::ListOf(TypeKind::kFloat64));
  EXPECT_EQ(TypeOf(ArrayOf(kTimestamptzOid)), DataType::ListOf(TypeKind::kTimestamp));
}

TEST(TypeMapTest, OtherTypesAreCastToText) {
  constexpr uint32_t kInet = 869;
  EXPECT_EQ(*CastFor(ColumnOf(kInet), {}), "pg_catalog.text");
  EXPECT_EQ(*CastFor(ArrayOf(kUuidOid), {}), "pg_catalog.text[]");
  EXPECT_EQ(*CastFor(ColumnOf(kInt4Oid), {}), "");
  EXPECT_FALSE(MapColumn(ColumnOf(kInet), {}).ok());
}

TEST(TypeMapTest, EnumsKeepTheirLabels) {
  SourceColumn column = ColumnOf(99999);
  column.type_kind = 'e';
  column.enum_labels = {"low", "high"};
  const auto planned = MapColumn(column, {});
  ASSERT_TRUE(planned.ok()) << planned.status();
  EXPECT_EQ(planned->field.enum_labels, column.enum_labels);
}

}  // namespace
}  // namespace sextant
