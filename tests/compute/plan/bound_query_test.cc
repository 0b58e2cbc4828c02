#include "compute/plan/bound_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sextant {
namespace {

BoundValue ValueOf(ColumnIndex column, DataType type) {
  BoundValue value;
  value.column = column;
  value.type = type;
  return value;
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(BoundQueryTest, Rule8FloatKeysOrderAsPostgresDoes) {
  const double ordered[] = {-kInfinity, -1e300, -1,    -5e-324,   0,
                            5e-324,     1,      1e300, kInfinity, std::nan("")};
  for (size_t i = 1; i < std::size(ordered); ++i) {
    EXPECT_LT(FloatKey(ordered[i - 1]), FloatKey(ordered[i])) << ordered[i];
  }
}

TEST(BoundQueryTest, Rule8MinusZeroIsZeroAndAnyNaNIsNaN) {
  EXPECT_EQ(FloatKey(-0.0), FloatKey(0.0));
  EXPECT_EQ(FloatKey(-std::nan("")), FloatKey(std::nan("7")));
}

TEST(BoundQueryTest, Rule8UuidKeysOrderByBytes) {
  const uint8_t low[16] = {0x7F, 0xFF};
  const uint8_t high[16] = {0x80};
  const DataType uuid = DataType::Of(TypeKind::kUuid);
  EXPECT_LT(WideKey(uuid, WideOfUuid(low)), WideKey(uuid, WideOfUuid(high)));
}

TEST(BoundQueryTest, Rule6IntervalKeysOrderByMonthsOfThirtyDays) {
  const DataType interval = DataType::Of(TypeKind::kInterval);
  EXPECT_EQ(WideKey(interval, WideOfInterval({1, 0, 0})),
            WideKey(interval, WideOfInterval({0, 30, 0})));
  EXPECT_LT(WideKey(interval, WideOfInterval({0, 0, -1})),
            WideKey(interval, WideOfInterval({0, 0, 0})));
}

TEST(BoundQueryTest, DecimalKeysAreSigned) {
  const DataType decimal = DataType::Decimal(38, 2);
  EXPECT_LT(WideKey(decimal, WideOfInt128(-1)), WideKey(decimal, WideOfInt128(0)));
}

TEST(BoundQueryTest, MinusZeroIsAnotherConstantThanZero) {
  const auto text_of = [](double value) {
    BoundExpression constant;
    constant.op = ExpressionOp::kConstant;
    constant.type = DataType::Of(TypeKind::kFloat64);
    constant.constant.value = value;
    return ToString(constant);
  };
  EXPECT_NE(text_of(-0.0), text_of(0.0));
  EXPECT_EQ(text_of(1.5), text_of(1.5));
}

TEST(BoundQueryTest, APredicateIsWrittenWithItsValuesTypesAndKeys) {
  const BoundValue value = ValueOf(3, DataType::Of(TypeKind::kInt32));
  BoundPredicate range;
  range.node = IntegerRangeLeaf{value, -5, 7};
  range.negated = true;
  BoundPredicate texts;
  texts.node = TextSetLeaf{ValueOf(1, DataType::Of(TypeKind::kText)), {"a'", "b\n"}};
  BoundPredicate both;
  both.node = AndNode{{range, texts}};
  EXPECT_EQ(ToString(both), "and(not((#3 integer) in [-5, 7]), (#1 text) in {'a\\'', 'b\\n'})");
}

TEST(BoundQueryTest, WideKeysAreWrittenWhole) {
  BoundPredicate range;
  range.node =
      WideRangeLeaf{ValueOf(0, DataType::Decimal(38, 0)), std::numeric_limits<int128_t>::min(),
                    std::numeric_limits<int128_t>::max()};
  EXPECT_EQ(ToString(range),
            "(#0 numeric(38,0)) in [-170141183460469231731687303715884105728, "
            "170141183460469231731687303715884105727]");
}

}  // namespace
}  // namespace sextant
