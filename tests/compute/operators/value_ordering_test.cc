#include "compute/operators/value_ordering.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "compute/operators/order_keys.h"
#include "tests/testing/random_table.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<uint16_t> OrderOf(const DataType& type, const std::vector<Cell>& cells) {
  const auto table = TableOf({{"value", type, cells}});
  const auto order = OrderByValue(table->chunk(0).column(0), TestBudget());
  EXPECT_TRUE(order.ok()) << order.status();
  return {(*order)->rows().begin(), (*order)->rows().end()};
}

TEST(ValueOrderingTest, RowsAreByValueThenByRowAndNullsAreApart) {
  EXPECT_THAT(OrderOf(DataType::Of(TypeKind::kInt64),
                      {Int(50), Null(), Int(-3), Int(50), Int(1'000), Null(), Int(-3)}),
              ElementsAre(2, 6, 0, 3, 4));
}

TEST(ValueOrderingTest, IntegersOfAllBitsAreInSignedOrder) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(
      OrderOf(DataType::Of(TypeKind::kInt64), {Int(0), Int(kMost), Int(kLeast), Int(-1), Int(1)}),
      ElementsAre(2, 3, 0, 4, 1));
}

// (rule 8)
TEST(ValueOrderingTest, NanIsGreatestAndBothZerosAreOne) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THAT(OrderOf(DataType::Of(TypeKind::kFloat64),
                      {Float(0.0), Float(std::nan("")), Float(-0.0), Float(infinity),
                       Float(-infinity), Float(0.0), Float(-2.5), Null()}),
              ElementsAre(4, 6, 0, 2, 5, 3, 1));
  EXPECT_THAT(OrderOf(DataType::Of(TypeKind::kFloat32),
                      {Float(std::nan("")), Float(-0.0), Float(0.0), Float(-1)}),
              ElementsAre(3, 1, 2, 0));
}

TEST(ValueOrderingTest, DecimalsUuidsAndIntervalsAreInTheOrderOfPredicates) {
  EXPECT_THAT(OrderOf(DataType::Decimal(38, 2), {Decimal(5), Decimal(-7), Null(), Decimal(0)}),
              ElementsAre(1, 3, 0));
  EXPECT_THAT(
      OrderOf(DataType::Of(TypeKind::kUuid), {Uuid("ff000000-0000-0000-0000-000000000000"),
                                              Uuid("00000000-0000-0000-0000-0000000000ff"),
                                              Uuid("7f000000-0000-0000-0000-000000000000")}),
      ElementsAre(1, 2, 0));
  // (rule 6) a month is 30 days
  EXPECT_THAT(OrderOf(DataType::Of(TypeKind::kInterval),
                      {Interval(1, 0, 1), Interval(0, 30, 0), Interval(1, 0, 0)}),
              ElementsAre(1, 2, 0));
}

// (rule 7)
TEST(ValueOrderingTest, TextsAreByUnsignedBytes) {
  EXPECT_THAT(
      OrderOf(DataType::Of(TypeKind::kBytes),
              {Text("refs/heads/b"), Text("refs/heads/abcdefghij"), Null(),
               Text("refs/heads/\xC3\xA9"), Text("refs/heads/abcdefghi"), Text("refs/heads/"),
               Text("refs/heads/b"), Text(std::string_view("refs/heads/\0", 12))}),
      ElementsAre(5, 7, 4, 1, 0, 6, 3));
}

TEST(ValueOrderingTest, AColumnOfNullsHasAnEmptyOrder) {
  EXPECT_THAT(OrderOf(DataType::Of(TypeKind::kFloat64), {Null(), Null()}), IsEmpty());
}

TEST(ValueOrderingTest, FencesAreTheKeysOfEvery64thRow) {
  RandomDraws draws(1);
  std::vector<Cell> cells;
  for (int row = 0; row < 1'000; ++row) {
    cells.push_back(draws.OneIn(9) ? Null() : Int(draws.Between(-500, 500)));
  }
  const auto table = TableOf({{"value", DataType::Of(TypeKind::kInt32), cells}});
  const Column& column = table->chunk(0).column(0);
  const auto order = *OrderByValue(column, TestBudget());
  const auto fences = order->fences<uint64_t>();
  ASSERT_EQ(fences.size(), (order->rows().size() + 63) / 64);
  for (size_t i = 0; i < fences.size(); ++i) {
    EXPECT_EQ(fences[i], OrderKeyOf(column, column.IntegerAt(order->rows()[i * 64])));
  }
}

TEST(ValueOrderingTest, WhatIsFoundForLessHasNone) {
  RandomDraws draws(1);
  std::vector<Cell> ascending;
  std::vector<Cell> few;
  std::vector<Cell> near;
  std::vector<Cell> texts;
  std::vector<Cell> any;
  for (int row = 0; row < 5'000; ++row) {
    ascending.push_back(Int(row));
    few.push_back(Int(static_cast<int64_t>(draws.Below(20))));
    near.push_back(Int(row * 10 + static_cast<int64_t>(draws.Below(300))));
    texts.push_back(Text(std::string(1'000, 'a')));
    any.push_back(Int(static_cast<int64_t>(draws.Below(100'000))));
  }
  const auto table = TableOf({{"ascending", DataType::Of(TypeKind::kInt64), ascending},
                              {"few", DataType::Of(TypeKind::kInt64), few},
                              {"near", DataType::Of(TypeKind::kTimestamp), near},
                              {"long texts", DataType::Of(TypeKind::kBytes), texts},
                              {"any", DataType::Of(TypeKind::kInt64), any}});
  const auto may_be = [&](ColumnIndex column) {
    return MayBeOrdered(table->chunk(0).column(column));
  };
  EXPECT_FALSE(may_be(0));
  EXPECT_FALSE(may_be(1));
  EXPECT_FALSE(may_be(2));
  EXPECT_FALSE(may_be(3));
  EXPECT_TRUE(may_be(4));
}

TEST(ValueOrderingTest, ARefusalIsAnErrorAndAnOrderIsCharged) {
  const auto table = TableOf({{"value", DataType::Of(TypeKind::kFloat64), {Float(2), Float(1)}}});
  MemoryBudget none("none", 0);
  EXPECT_EQ(OrderByValue(table->chunk(0).column(0), none).status().code(),
            absl::StatusCode::kResourceExhausted);
  MemoryBudget budget("cache");
  const auto order = *OrderByValue(table->chunk(0).column(0), budget);
  EXPECT_GT(order->reserved_bytes(), 0u);
  EXPECT_EQ(budget.reserved_bytes(), order->reserved_bytes());
}

}  // namespace
}  // namespace sextant
