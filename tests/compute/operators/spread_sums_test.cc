// Sums that are finished from a spread, against sums by themselves, which are the truth.

#include "compute/operators/spread_sums.h"

#include <gmock/gmock.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "tests/testing/run_aggregate.h"
#include "tests/testing/run_lane.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using enum AggregateKind;

const DataType kInt = DataType::Of(TypeKind::kInt64);
const DataType kFloat = DataType::Of(TypeKind::kFloat64);

class SpreadSumsTest : public ::testing::Test {
 protected:
  SpreadSumsTest() { RecordProperty("seed", std::to_string(seed_)); }

  std::vector<uint32_t> LeadersOf(std::vector<BoundAggregate> aggregates,
                                  bool is_ungrouped = false) {
    return Lane(LaneQueryOf(std::move(aggregates)), *table_, true, is_ungrouped).leaders;
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
  const std::shared_ptr<const Table> table_ =
      DrawnTable({{"n", kInt, -1000, 5000, 7},
                  {"huge", kInt, -(int64_t{1} << 62), uint64_t{1} << 56, 3},
                  {"money", DataType::Decimal(12, 2), -500, 100'000, 5},
                  {"x", kFloat, -100, 1000, 4}},
                 7000, random_);
};

TEST_F(SpreadSumsTest, WhatFollowsASpreadIsAsByItself) {
  std::vector<BoundAggregate> aggregates;
  for (const char* column : {"n", "money", "x"}) {
    for (const AggregateKind kind : {kAvg, kStddevSamp, kCount, kSum, kVarPop}) {
      aggregates.push_back(AggregateOf(*table_, kind, column));
    }
  }
  // The sum of these is beyond bigint; their mean is not.
  for (const AggregateKind kind : {kStddevPop, kAvg, kCount}) {
    aggregates.push_back(AggregateOf(*table_, kind, "huge"));
  }
  const BoundQuery query = LaneQueryOf(std::move(aggregates));
  const Lane shared(query, *table_, true);
  const Lane general(query, *table_, false);
  for (const uint32_t num_cells : {1u, 37u, 3000u}) {
    for (const uint32_t stride : {1u, 3u}) {
      SCOPED_TRACE(absl::StrCat("seed ", seed_, ", ", num_cells, " cells, each ", stride));
      const LaneRows rows = RandomLaneRows(table_->num_rows(), num_cells, stride, random_);
      EXPECT_EQ(LaneAnswers(query, *table_, shared, rows),
                LaneAnswers(query, *table_, general, rows));
    }
  }
}

TEST_F(SpreadSumsTest, SumsMeansAndCountsFollowTheSpreadOfTheirValue) {
  EXPECT_THAT(LeadersOf({AggregateOf(*table_, kAvg, "n"), AggregateOf(*table_, kStddevSamp, "n"),
                         AggregateOf(*table_, kCount, "n"), AggregateOf(*table_, kSum, "n")}),
              ElementsAre(1, 1, 1, 1));
}

TEST_F(SpreadSumsTest, SumsOfFloatsAreByThemselves_Rule4) {
  EXPECT_THAT(LeadersOf({AggregateOf(*table_, kAvg, "x"), AggregateOf(*table_, kStddevSamp, "x")}),
              ElementsAre(0, 1));
}

TEST_F(SpreadSumsTest, WhereAllIsOneCellSumsAreByThemselves) {
  EXPECT_THAT(LeadersOf({AggregateOf(*table_, kAvg, "n"), AggregateOf(*table_, kStddevSamp, "n")},
                        /*is_ungrouped=*/true),
              ElementsAre(0, 1));
}

TEST_F(SpreadSumsTest, ASpreadThatMayFollowAPercentileLeadsNone) {
  BoundAggregate median = AggregateOf(*table_, kPercentileCont, "n");
  median.fraction = 0.5;
  EXPECT_THAT(LeadersOf({AggregateOf(*table_, kAvg, "n"), AggregateOf(*table_, kStddevSamp, "n"),
                         std::move(median)}),
              ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace sextant
