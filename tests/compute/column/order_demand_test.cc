#include "compute/column/order_demand.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

TEST(OrderDemandTest, AColumnIsWantedOnceItsRowsWereComparedTwice) {
  const OrderDemand demand(/*num_columns=*/2, /*num_rows=*/100);
  demand.Note(1, 100);
  demand.Note(1, 99);
  EXPECT_FALSE(demand.IsWanted(1));
  demand.Note(1, 1);
  EXPECT_TRUE(demand.IsWanted(1));
  EXPECT_FALSE(demand.IsWanted(0));
}

TEST(OrderDemandTest, NewsIsTakenOncePerColumn) {
  const OrderDemand demand(2, 100);
  EXPECT_FALSE(demand.TakeNews());
  demand.Note(0, 200);
  EXPECT_TRUE(demand.TakeNews());
  demand.Note(0, 200);
  EXPECT_FALSE(demand.TakeNews());
  demand.Note(1, 200);
  EXPECT_TRUE(demand.TakeNews());
}

TEST(OrderDemandTest, NothingIsWantedOfATableWithoutRows) {
  const OrderDemand demand(1, 0);
  EXPECT_FALSE(demand.IsWanted(0));
  EXPECT_FALSE(demand.TakeNews());
}

}  // namespace
}  // namespace sextant
