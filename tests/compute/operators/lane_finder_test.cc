#include "compute/operators/lane_finder.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace sextant {
namespace {

BoundPin AtColumn(ColumnIndex column) {
  BoundPin pin;
  pin.kind = TimePin::Kind::kAt;
  pin.start.column = column;
  pin.start.type = DataType::Of(TypeKind::kTimestamp);
  return pin;
}

/// At the negation of a column: what is computed.
BoundPin AtExpression(ColumnIndex column) {
  BoundExpression value;
  value.column = column;
  BoundExpression negated;
  negated.op = ExpressionOp::kNegate;
  negated.arguments.push_back(value);
  BoundPin pin = AtColumn(0);
  pin.start.expression = std::make_shared<const BoundExpression>(negated);
  return pin;
}

std::optional<BoundPredicate> IsNull(ColumnIndex column) {
  BoundValue value;
  value.column = column;
  return BoundPredicate{NullLeaf{value}};
}

TEST(LaneFinderTest, EqualPinsHaveOneNumber) {
  LaneFinder finder;
  const BoundPin pins[] = {BoundPin(), AtColumn(1), AtColumn(2), AtExpression(1), AtExpression(2)};
  for (size_t i = 0; i < std::size(pins); ++i) {
    const LaneFinder::Number added = finder.AddPin(pins[i]);
    EXPECT_EQ(added.number, i);
    EXPECT_TRUE(added.is_new);
  }
  for (size_t i = 0; i < std::size(pins); ++i) {
    const BoundPin same = pins[i];
    const LaneFinder::Number found = finder.AddPin(same);
    EXPECT_EQ(found.number, i);
    EXPECT_FALSE(found.is_new);
  }
}

TEST(LaneFinderTest, TheSameColumnAtTheEndOfASpanIsAnotherPin) {
  LaneFinder finder;
  BoundPin during = AtColumn(1);
  during.kind = TimePin::Kind::kDuring;
  BoundPin to_two = during;
  to_two.end.column = 2;
  EXPECT_TRUE(finder.AddPin(AtColumn(1)).is_new);
  EXPECT_TRUE(finder.AddPin(during).is_new);
  EXPECT_TRUE(finder.AddPin(to_two).is_new);
}

TEST(LaneFinderTest, FiltersAreNumberedWithinTheirPin) {
  LaneFinder finder;
  const BoundPin first = AtColumn(1);
  const BoundPin second = AtColumn(2);
  const size_t one = finder.AddPin(first).number;
  const size_t two = finder.AddPin(second).number;
  EXPECT_EQ(finder.AddFilter(one, IsNull(5)).number, 0u);
  EXPECT_EQ(finder.AddFilter(one, std::nullopt).number, 1u);
  EXPECT_EQ(finder.AddFilter(one, IsNull(6)).number, 2u);
  EXPECT_EQ(finder.AddFilter(two, IsNull(6)).number, 0u);
  EXPECT_EQ(finder.AddFilter(one, IsNull(5)).number, 0u);
  EXPECT_FALSE(finder.AddFilter(one, std::nullopt).is_new);
  EXPECT_TRUE(finder.AddFilter(two, std::nullopt).is_new);
}

}  // namespace
}  // namespace sextant
