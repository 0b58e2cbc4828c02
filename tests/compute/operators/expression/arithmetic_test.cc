#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/compute/operators/expression/expression_of.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using Op = ExpressionOp;

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
const double kInfinity = std::numeric_limits<double>::infinity();
const double kNaN = std::numeric_limits<double>::quiet_NaN();
const DataType kNarrow = DataType::Decimal(10, 2);
const DataType kBroad = DataType::Decimal(38, 2);

/// `a op b` of two columns of integers, in batches that start within a chunk.
std::vector<std::string> OfIntegers(Op op, const std::vector<Cell>& a, const std::vector<Cell>& b) {
  const auto table = TableOf({{"a", kIntType, a}, {"b", kIntType, b}}, {.chunk_rows = 3});
  return TextsOf(*table, ApplyOf(op, kIntType, {ColumnOf(*table, "a"), ColumnOf(*table, "b")}));
}
std::vector<std::string> OfInteger(Op op, const std::vector<Cell>& a) {
  const auto table = TableOf({{"a", kIntType, a}});
  return TextsOf(*table, ApplyOf(op, kIntType, {ColumnOf(*table, "a")}));
}
std::vector<std::string> OfFloats(Op op, const std::vector<Cell>& a, const std::vector<Cell>& b) {
  const auto table = TableOf({{"a", kFloatType, a}, {"b", kFloatType, b}});
  return TextsOf(*table, ApplyOf(op, kFloatType, {ColumnOf(*table, "a"), ColumnOf(*table, "b")}));
}
std::vector<std::string> OfFloat(Op op, const std::vector<Cell>& a) {
  const auto table = TableOf({{"a", kFloatType, a}});
  return TextsOf(*table, ApplyOf(op, kFloatType, {ColumnOf(*table, "a")}));
}
std::vector<std::string> OfDecimals(Op op, const DataType& type, const DataType& result,
                                    const std::vector<Cell>& a, const std::vector<Cell>& b) {
  const auto table = TableOf({{"a", type, a}, {"b", type, b}});
  return TextsOf(*table, ApplyOf(op, result, {ColumnOf(*table, "a"), ColumnOf(*table, "b")}));
}
std::vector<std::string> OfDecimal(Op op, const DataType& type, const DataType& result,
                                   const std::vector<Cell>& a) {
  const auto table = TableOf({{"a", type, a}});
  return TextsOf(*table, ApplyOf(op, result, {ColumnOf(*table, "a")}));
}

TEST(ArithmeticTest, IntegersAddAndAnOverflowIsExcluded) {  // (rule 5)
  EXPECT_THAT(OfIntegers(Op::kAdd, {Int(1), Int(kGreatest), Int(kLeast), Int(kLeast), Null()},
                         {Int(2), Int(1), Int(-1), Int(0), Int(1)}),
              ElementsAre("3", "FAILED", "FAILED", "-9223372036854775808", "NULL"));
}

TEST(ArithmeticTest, IntegersSubtractAndAnOverflowIsExcluded) {  // (rule 5)
  EXPECT_THAT(
      OfIntegers(Op::kSubtract, {Int(1), Int(0), Int(kLeast)}, {Int(2), Int(kLeast), Int(1)}),
      ElementsAre("-1", "FAILED", "FAILED"));
}

TEST(ArithmeticTest, IntegersMultiplyAndAnOverflowIsExcluded) {  // (rule 5)
  EXPECT_THAT(OfIntegers(Op::kMultiply, {Int(-4), Int(int64_t{1} << 62), Int(kLeast), Int(0)},
                         {Int(3), Int(2), Int(-1), Int(kLeast)}),
              ElementsAre("-12", "FAILED", "FAILED", "0"));
}

TEST(ArithmeticTest, IntegersDivideTowardsZeroAndByZeroIsExcluded) {  // (rule 5)
  EXPECT_THAT(OfIntegers(Op::kDivide, {Int(7), Int(-7), Int(7), Int(1), Int(kLeast), Null()},
                         {Int(2), Int(2), Int(-2), Int(0), Int(-1), Int(0)}),
              ElementsAre("3", "-3", "-3", "FAILED", "FAILED", "NULL"));
}

TEST(ArithmeticTest, ARemainderHasTheSignOfTheDividend) {
  EXPECT_THAT(OfIntegers(Op::kModulo, {Int(7), Int(-7), Int(7), Int(1), Int(kLeast)},
                         {Int(3), Int(3), Int(-3), Int(0), Int(-1)}),
              ElementsAre("1", "-1", "1", "FAILED", "0"));
}

TEST(ArithmeticTest, TheLeastIntegerHasNoOpposite) {
  EXPECT_THAT(OfInteger(Op::kNegate, {Int(5), Int(kLeast), Int(kGreatest)}),
              ElementsAre("-5", "FAILED", "-9223372036854775807"));
  EXPECT_THAT(OfInteger(Op::kAbs, {Int(-5), Int(kLeast), Int(0), Null()}),
              ElementsAre("5", "FAILED", "0", "NULL"));
}

TEST(ArithmeticTest, ASumMayHaveManyTerms) {
  const auto table = TableOf({{"a", kIntType, {Int(1), Int(2)}}});
  const std::vector<BoundExpression> terms(5, ColumnOf(*table, "a"));
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kAdd, kIntType, terms)), ElementsAre("5", "10"));
}

TEST(ArithmeticTest, AThousandNestedSumsAreEvaluated) {
  const auto table = TableOf({{"a", kIntType, {Int(1), Int(2)}}});
  BoundExpression sum = ColumnOf(*table, "a");
  for (int i = 0; i < 1000; ++i) {
    sum = ApplyOf(Op::kAdd, kIntType, {std::move(sum), ColumnOf(*table, "a")});
  }
  EXPECT_THAT(TextsOf(*table, sum), ElementsAre("1001", "2002"));
  BoundExpression right = ColumnOf(*table, "a");
  for (int i = 0; i < 1000; ++i) {
    right = ApplyOf(Op::kAdd, kIntType, {ColumnOf(*table, "a"), std::move(right)});
  }
  EXPECT_THAT(TextsOf(*table, right), ElementsAre("1001", "2002"));
}

TEST(ArithmeticTest, AFailureUnderAnOperationIsExcludedOnce) {
  const auto table = TableOf({{"a", kIntType, {Int(0), Int(2), Null()}}});
  const BoundExpression quotient =
      ApplyOf(Op::kDivide, kIntType, {ConstantOf(kIntType, int64_t{6}), ColumnOf(*table, "a")});
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kAdd, kIntType, {quotient, quotient})),
              ElementsAre("FAILED", "6", "NULL"));
}

TEST(ArithmeticTest, DaysBeyondTheCalendarAreExcluded) {
  const auto table = TableOf({{"d", kDateType, {Int(0), Int(2'145'042'905)}}});
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kAdd, kDateType,
                                      {ColumnOf(*table, "d"), ConstantOf(kIntType, int64_t{1})})),
              ElementsAre("1", "FAILED"));
}

TEST(ArithmeticTest, FloatsOverflowOnlyFromFiniteOperands) {  // (rule 5)
  EXPECT_THAT(OfFloats(Op::kAdd, {Float(1.5), Float(1e308), Float(kInfinity), Float(kNaN)},
                       {Float(2), Float(1e308), Float(1), Float(1)}),
              ElementsAre("3.5", "FAILED", "inf", "nan"));
  EXPECT_THAT(OfFloats(Op::kMultiply, {Float(1e200), Float(1e-200), Float(kInfinity)},
                       {Float(1e200), Float(1e-200), Float(0)}),
              ElementsAre("FAILED", "0", "-nan"));
}

TEST(ArithmeticTest, FloatsDividedByZeroAreExcluded) {  // (rule 5)
  EXPECT_THAT(OfFloats(Op::kDivide, {Float(1), Float(0), Float(kInfinity), Float(1), Null()},
                       {Float(0), Float(-0.0), Float(0), Float(4), Float(0)}),
              ElementsAre("FAILED", "FAILED", "FAILED", "0.25", "NULL"));
}

TEST(ArithmeticTest, NaNDividedByZeroIsExcludedAsTheSqlHasIt) {  // (rule 5)
  EXPECT_THAT(OfFloats(Op::kDivide, {Float(kNaN), Float(kNaN)}, {Float(0), Float(2)}),
              ElementsAre("FAILED", "nan"));
}

TEST(ArithmeticTest, FloatsRoundHalfToEven) {
  EXPECT_THAT(OfFloat(Op::kRound, {Float(0.5), Float(1.5), Float(-2.5), Float(kNaN)}),
              ElementsAre("0", "2", "-2", "nan"));
  EXPECT_THAT(OfFloat(Op::kFloor, {Float(-0.5), Float(1.5)}), ElementsAre("-1", "1"));
  EXPECT_THAT(OfFloat(Op::kCeil, {Float(-1.5), Float(1.5)}), ElementsAre("-1", "2"));
  EXPECT_THAT(OfFloat(Op::kTrunc, {Float(-1.5), Float(1.5)}), ElementsAre("-1", "1"));
  EXPECT_THAT(OfFloat(Op::kAbs, {Float(-1.5), Float(-kInfinity)}), ElementsAre("1.5", "inf"));
  EXPECT_THAT(OfFloat(Op::kNegate, {Float(1.5), Float(-2)}), ElementsAre("-1.5", "2"));
}

TEST(ArithmeticTest, DecimalsAreExactAndWiden) {
  EXPECT_THAT(OfDecimals(Op::kAdd, kNarrow, kBroad, {Decimal(150), Decimal(-1), Null()},
                         {Decimal(275), Decimal(1), Decimal(1)}),
              ElementsAre("425", "0", "NULL"));
  EXPECT_THAT(OfDecimals(Op::kMultiply, kNarrow, DataType::Decimal(38, 4),
                         {Decimal(150), Decimal(-3)}, {Decimal(275), Decimal(5)}),
              ElementsAre("41250", "-15"));
}

int128_t Power(int exponent) {
  int128_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

TEST(ArithmeticTest, DecimalsBeyond38DigitsAreExcluded) {  // (rule 5)
  const Cell greatest = Decimal(Power(38) - 1);
  EXPECT_THAT(OfDecimals(Op::kAdd, kBroad, kBroad, {greatest, greatest}, {Decimal(0), Decimal(1)}),
              ElementsAre("99999999999999999999999999999999999999", "FAILED"));
  EXPECT_THAT(
      OfDecimals(Op::kSubtract, kBroad, kBroad, {Decimal(0), Decimal(-1)}, {greatest, greatest}),
      ElementsAre("-99999999999999999999999999999999999999", "FAILED"));
  EXPECT_THAT(OfDecimals(Op::kMultiply, kBroad, DataType::Decimal(38, 4),
                         {Decimal(Power(19)), Decimal(Power(30))},
                         {Decimal(Power(18)), Decimal(Power(30))}),
              ElementsAre("10000000000000000000000000000000000000", "FAILED"));
}

TEST(ArithmeticTest, DecimalsHaveARemainder) {
  EXPECT_THAT(OfDecimals(Op::kModulo, kBroad, kBroad, {Decimal(550), Decimal(-550), Decimal(1)},
                         {Decimal(200), Decimal(200), Decimal(0)}),
              ElementsAre("150", "-150", "FAILED"));
}

TEST(ArithmeticTest, DecimalsRoundHalfAwayFromZero) {
  const std::vector<Cell> cells = {Decimal(150), Decimal(-150), Decimal(149), Decimal(-149)};
  const DataType whole = DataType::Decimal(38, 0);
  EXPECT_THAT(OfDecimal(Op::kRound, kNarrow, whole, cells), ElementsAre("2", "-2", "1", "-1"));
  EXPECT_THAT(OfDecimal(Op::kFloor, kNarrow, whole, cells), ElementsAre("1", "-2", "1", "-2"));
  EXPECT_THAT(OfDecimal(Op::kCeil, kNarrow, whole, cells), ElementsAre("2", "-1", "2", "-1"));
  EXPECT_THAT(OfDecimal(Op::kTrunc, kNarrow, whole, cells), ElementsAre("1", "-1", "1", "-1"));
  EXPECT_THAT(OfDecimal(Op::kRound, kNarrow, DataType::Decimal(38, 3), {Decimal(150)}),
              ElementsAre("1500"));
  EXPECT_THAT(OfDecimal(Op::kAbs, kNarrow, kNarrow, cells),
              ElementsAre("150", "150", "149", "149"));
}

}  // namespace
}  // namespace sextant
