#include <gmock/gmock.h>

#include <limits>

#include "compute/operators/expression/decimal_number.h"
#include "tests/compute/operators/expression/expression_of.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Casts(const DataType& from, const DataType& to,
                               const std::vector<Cell>& cells) {
  const auto table = TableOf({{"x", from, cells}});
  return TextsOf(*table, CastOf(to, ColumnOf(*table, "x")));
}

TEST(CastTest, FloatsBecomeIntegersHalfToEven) {
  EXPECT_THAT(Casts(kFloatType, kIntType,
                    {Float(2.5), Float(-3.5), Float(0x1p63), Float(-0x1p63),
                     Float(std::numeric_limits<double>::quiet_NaN()), Null()}),
              ElementsAre("2", "-4", "FAILED", "-9223372036854775808", "FAILED", "NULL"));
}

TEST(CastTest, DecimalsBecomeIntegersHalfAwayFromZero) {
  EXPECT_THAT(Casts(DataType::Decimal(10, 1), kIntType, {Decimal(25), Decimal(-25), Decimal(24)}),
              ElementsAre("3", "-3", "2"));
  EXPECT_THAT(Casts(DataType::Decimal(38, 0), kIntType, {Decimal(PowerOfTen(19)), Decimal(-5)}),
              ElementsAre("FAILED", "-5"));
}

TEST(CastTest, IntegersOfFewerBytesAreBounded) {
  EXPECT_THAT(Casts(kIntType, DataType::Of(TypeKind::kInt16), {Int(32767), Int(32768)}),
              ElementsAre("32767", "FAILED"));
  EXPECT_THAT(Casts(kIntType, DataType::Of(TypeKind::kInt32), {Int(-2147483648), Int(1LL << 31)}),
              ElementsAre("-2147483648", "FAILED"));
}

TEST(CastTest, DecimalsLoseDigitsHalfAwayFromZeroAndAreBounded) {
  EXPECT_THAT(Casts(DataType::Decimal(38, 4), DataType::Decimal(4, 2),
                    {Decimal(12345), Decimal(12350), Decimal(-12350), Decimal(999'950)}),
              ElementsAre("123", "124", "-124", "FAILED"));
}

TEST(CastTest, DecimalsBecomeTheNearestFloat) {
  EXPECT_THAT(Casts(DataType::Decimal(38, 30), kFloatType, {Decimal(PowerOfTen(29))}),
              ElementsAre("0.10000000000000001"));
  EXPECT_THAT(Casts(DataType::Decimal(18, 2), kFloatType, {Decimal(9'007'199'254'740'993'00)}),
              ElementsAre("9007199254740992"));
}

TEST(CastTest, FloatsBecomeDecimalsOf15Digits) {
  EXPECT_THAT(Casts(kFloatType, DataType::Decimal(38, 20), {Float(0.1), Float(1.0 / 3)}),
              ElementsAre("10000000000000000000", "33333333333333300000"));
}

TEST(CastTest, TextsThatAreNoNumbersAreExcluded) {  // (rule 5)
  EXPECT_THAT(Casts(kTextType, kIntType,
                    {Text(" 12 "), Text("+-1"), Text("1.5"), Text(""), Text("9223372036854775808"),
                     Null()}),
              ElementsAre("12", "FAILED", "FAILED", "FAILED", "FAILED", "NULL"));
  EXPECT_THAT(Casts(kTextType, kFloatType, {Text("1e400"), Text("1e-400"), Text("-Infinity")}),
              ElementsAre("FAILED", "FAILED", "-inf"));
  EXPECT_THAT(
      Casts(kTextType, DataType::Decimal(38, 2),
            {Text("1.005"), Text("-1e2"), Text("1e"), Text("."), Text("NaN"), Text("1e40")}),
      ElementsAre("101", "-10000", "FAILED", "FAILED", "FAILED", "FAILED"));
}

TEST(CastTest, TextsBecomeBoolsDatesAndUuids) {
  EXPECT_THAT(Casts(kTextType, kBoolType, {Text("yes"), Text("of"), Text("o"), Text("2")}),
              ElementsAre("1", "0", "FAILED", "FAILED"));
  EXPECT_THAT(Casts(kTextType, kDateType, {Text("1970-01-02"), Text("1970-02-30")}),
              ElementsAre("1", "FAILED"));
  EXPECT_THAT(
      Casts(kTextType, kUuidType, {Text("{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"), Text("a0")}),
      ElementsAre("a0eebc999c0b4ef8bb6d6bb9bd380a11", "FAILED"));
}

TEST(CastTest, ValuesAreWrittenAsPostgresDoes) {
  EXPECT_THAT(Casts(kIntType, kTextType, {Int(INT64_MIN), Int(0), Null()}),
              ElementsAre("-9223372036854775808", "0", "NULL"));
  EXPECT_THAT(Casts(DataType::Decimal(10, 2), kTextType, {Decimal(-5), Decimal(12345)}),
              ElementsAre("-0.05", "123.45"));
  EXPECT_THAT(Casts(kBoolType, kTextType, {Bool(true), Bool(false)}), ElementsAre("true", "false"));
  EXPECT_THAT(Casts(kDateType, kTextType, {Int(0), Int(-719'529)}),
              ElementsAre("1970-01-01", "0002-12-31 BC"));
  EXPECT_THAT(Casts(kUuidType, kTextType, {Uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")}),
              ElementsAre("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
}

TEST(CastTest, AnEnumIsWrittenAsItsLabel) {
  const auto table =
      TableOf({{"e", DataType::Of(TypeKind::kEnum), {Text("ok"), Null()}, {"sad", "ok"}}});
  EXPECT_THAT(TextsOf(*table, CastOf(kTextType, ColumnOf(*table, "e"))), ElementsAre("ok", "NULL"));
}

TEST(CastTest, DecimalTextsRoundTheLastOf38Digits) {
  EXPECT_EQ(*ParseDecimal("1.00000000000000000000000000000000000005", 37), PowerOfTen(37) + 1);
  EXPECT_EQ(*ParseDecimal("1.00000000000000000000000000000000000004", 37), PowerOfTen(37));
  EXPECT_EQ(ParseDecimal("99999999999999999999999999999999999999.5", 0), std::nullopt);
}

}  // namespace
}  // namespace sextant
