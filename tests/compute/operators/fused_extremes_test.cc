// Fused min and max against the general form, which is the truth.

#include "compute/operators/fused_extremes.h"

#include <gmock/gmock.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "tests/testing/run_aggregate.h"
#include "tests/testing/run_lane.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using enum AggregateKind;

const DataType kInt = DataType::Of(TypeKind::kInt64);

size_t NumFused(const Table& table, std::vector<BoundAggregate> aggregates) {
  return Lane(LaneQueryOf(std::move(aggregates)), table, true).num_fused;
}

class FusedExtremesRandomTest : public ::testing::Test {
 protected:
  FusedExtremesRandomTest() { RecordProperty("seed", std::to_string(seed_)); }

  /// In one cell, in few and in many; of all rows, and of some.
  void ExpectSame(std::vector<BoundAggregate> aggregates, const Table& table) {
    const BoundQuery query = LaneQueryOf(std::move(aggregates));
    const Lane fused(query, table, true);
    const Lane general(query, table, false);
    EXPECT_EQ(fused.num_fused, query.aggregates.size());
    for (const uint32_t num_cells : {1u, 37u, 3000u}) {
      for (const uint32_t stride : {1u, 3u}) {
        SCOPED_TRACE(absl::StrCat("seed ", seed_, ", ", num_cells, " cells, each ", stride));
        const LaneRows rows = RandomLaneRows(table.num_rows(), num_cells, stride, random_);
        EXPECT_EQ(LaneAnswers(query, table, fused, rows), LaneAnswers(query, table, general, rows));
      }
    }
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
};

TEST_F(FusedExtremesRandomTest, NearIntegersAreAsTheGeneralForm_Rule9) {
  const auto table = DrawnTable(
      {{"tiny", kInt, 1, 4, 0}, {"small", kInt, -300, 600, 0}, {"wide", kInt, -70'000, 140'000, 0}},
      7000, random_);
  ExpectSame({AggregateOf(*table, kMax, "tiny"), AggregateOf(*table, kMin, "small")}, *table);
  ExpectSame({AggregateOf(*table, kMin, "tiny"), AggregateOf(*table, kMax, "wide"),
              AggregateOf(*table, kMin, "wide")},
             *table);
}

TEST_F(FusedExtremesRandomTest, NullsAreNoSamples_Rule9) {
  const auto table = DrawnTable({{"half", kInt, -5, 10, 2},
                                 {"rare", kInt, 100, 1000, 50},
                                 {"mostly", kInt, -9, 9, 1},
                                 {"d", DataType::Of(TypeKind::kDuration), -1000, 2000, 3}},
                                7000, random_);
  ExpectSame({AggregateOf(*table, kMax, "half"), AggregateOf(*table, kMin, "rare"),
              AggregateOf(*table, kMin, "d"), AggregateOf(*table, kMax, "d")},
             *table);
}

TEST_F(FusedExtremesRandomTest, SpansAtTheLimitOfTheirBitsAreAsTheGeneralForm_Rule9) {
  // One less than all numbers of 32 bits: 0 stands for no sample.
  const uint64_t most = 0xFFFFFFFE;
  const auto table =
      TableOf({{"a", kInt, {Int(-7), Int(static_cast<int64_t>(most) - 8), Int(5), Null()}},
               {"b", kInt, {Int(0), Int(static_cast<int64_t>(most) - 1), Int(3), Int(9)}}});
  ExpectSame({AggregateOf(*table, kMax, "a"), AggregateOf(*table, kMin, "a"),
              AggregateOf(*table, kMax, "b"), AggregateOf(*table, kMin, "b")},
             *table);
}

TEST(FusedExtremesTest, OneAloneStaysGeneral) {
  const auto table = TableOf({{"n", kInt, {Int(1), Int(2)}}});
  EXPECT_EQ(NumFused(*table, {AggregateOf(*table, kMax, "n")}), 0u);
}

TEST(FusedExtremesTest, IntegersFarApartTextsAndFloatsStayGeneral) {
  const auto table = TableOf({{"far", kInt, {Int(0), Int(int64_t{1} << 33)}},
                              {"t", DataType::Of(TypeKind::kText), {Text("a"), Text("b")}},
                              {"x", DataType::Of(TypeKind::kFloat64), {Float(1), Float(1.0 / 3)}}});
  EXPECT_EQ(NumFused(*table, {AggregateOf(*table, kMax, "far"), AggregateOf(*table, kMin, "far"),
                              AggregateOf(*table, kMax, "t"), AggregateOf(*table, kMin, "x"),
                              AggregateOf(*table, kMax, "x")}),
            0u);
}

TEST(FusedExtremesTest, WhatIsReadOffSortedSamplesIsLeftThere) {
  const auto table = TableOf({{"n", kInt, {Int(1), Int(2)}}, {"m", kInt, {Int(1), Int(2)}}});
  EXPECT_EQ(NumFused(*table, {AggregateOf(*table, kMode, "n"), AggregateOf(*table, kMax, "n"),
                              AggregateOf(*table, kMin, "n"), AggregateOf(*table, kMin, "m")}),
            0u);
}

}  // namespace
}  // namespace sextant
