// Fused sums against the general aggregates, which are the truth.

#include "compute/operators/fused_sums.h"

#include <gmock/gmock.h>

#include <bit>
#include <limits>
#include <random>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "compute/memory/check.h"
#include "compute/operators/aggregate_sharing.h"
#include "compute/operators/morsel.h"
#include "tests/testing/run_aggregate.h"
#include "tests/testing/run_lane.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using enum AggregateKind;

constexpr int64_t kLeastInt64 = std::numeric_limits<int64_t>::min();

void ExpectSameAnswers(const BoundQuery& query, const Table& table, const LaneRows& rows,
                       size_t num_fused, bool is_ungrouped = false) {
  const Lane fused(query, table, true, is_ungrouped);
  const Lane general(query, table, false, is_ungrouped);
  EXPECT_EQ(fused.num_fused, num_fused);
  EXPECT_EQ(LaneAnswers(query, table, fused, rows), LaneAnswers(query, table, general, rows));
}

using States = std::vector<std::unique_ptr<AggregateState>>;

const DataType kInt = DataType::Of(TypeKind::kInt64);
const DataType kDouble = DataType::Of(TypeKind::kFloat64);
const DataType kReal = DataType::Of(TypeKind::kFloat32);
const DataType kDuration = DataType::Of(TypeKind::kDuration);

class FusedSumsRandomTest : public ::testing::Test {
 protected:
  FusedSumsRandomTest() { RecordProperty("seed", std::to_string(seed_)); }

  /// In one cell, in few that have ways, and in many; of all rows, and of some.
  void ExpectSame(const BoundQuery& query, const Table& table, size_t num_fused) {
    SCOPED_TRACE(absl::StrCat("seed ", seed_));
    for (const uint32_t num_cells : {1u, 37u, 3000u}) {
      for (const uint32_t stride : {1u, 3u}) {
        SCOPED_TRACE(absl::StrCat(num_cells, " cells, each ", stride, " rows"));
        ExpectSameAnswers(query, table,
                          RandomLaneRows(table.num_rows(), num_cells, stride, random_), num_fused);
      }
    }
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
};

TEST_F(FusedSumsRandomTest, IntegersOfEveryWidthAreAsTheGeneralForm_Rule2) {
  const auto table = DrawnTable({{"tiny", kInt, 1, 4, 0},
                                 {"small", kInt, -300, 600, 0},
                                 {"wide", kInt, -70'000, 140'000, 0},
                                 {"large", kInt, -(int64_t{1} << 40), uint64_t{1} << 41, 0}},
                                7000, random_);
  ExpectSame(LaneQueryOf({AggregateOf(*table, kSum, "tiny"), AggregateOf(*table, kAvg, "small"),
                          AggregateOf(*table, kSum, "wide"), AggregateOf(*table, kAvg, "large"),
                          AggregateOf(*table, kCountRows, "tiny")}),
             *table, 5);
}

TEST_F(FusedSumsRandomTest, NullsAreCountedPerValue_Rule17) {
  const auto table = DrawnTable({{"half", kInt, -5, 10, 2},
                                 {"rare", kInt, 100, 1000, 50},
                                 {"full", kInt, 0, 3, 0},
                                 {"x", kDouble, -1000, 2000, 3},
                                 {"t", kInt, 0, 9, 4}},
                                7000, random_);
  ExpectSame(LaneQueryOf({AggregateOf(*table, kSum, "half"), AggregateOf(*table, kCount, "half"),
                          AggregateOf(*table, kAvg, "rare"), AggregateOf(*table, kSum, "full"),
                          AggregateOf(*table, kAvg, "x"), AggregateOf(*table, kCount, "x"),
                          AggregateOf(*table, kCount, "t"), AggregateOf(*table, kCountRows, "t")}),
             *table, 8);
}

TEST_F(FusedSumsRandomTest, SumsOfPositiveIntegersNeedNoCount_Rule17) {
  const auto table = DrawnTable({{"one", kInt, 1, 4, 0},
                                 {"two", kInt, 7, 100, 3},
                                 {"far", kInt, 1'000'000, 5, 2},
                                 {"zero", kInt, 0, 5, 0},
                                 {"below", kInt, -9, 20, 0},
                                 {"high", kInt, 1'000'000, 5, 0},
                                 {"x", kDouble, -5, 10, 0},
                                 {"y", kDouble, -5, 10, 2}},
                                7000, random_);
  std::vector<BoundAggregate> sums;
  for (const char* name : {"y", "x", "below", "two", "one", "zero", "far", "high"}) {
    sums.push_back(AggregateOf(*table, kSum, name));
    ExpectSame(LaneQueryOf(sums), *table, sums.size());
  }
  sums.push_back(AggregateOf(*table, kAvg, "one"));
  ExpectSame(LaneQueryOf(sums), *table, sums.size());
}

TEST_F(FusedSumsRandomTest, FloatsAddInRowOrder_Rule4) {
  const auto table = DrawnTable({{"x", kDouble, -100'000, 200'000, 0},
                                 {"y", kReal, -100'000, 200'000, 0},
                                 {"n", kInt, 0, 10, 0}},
                                7000, random_);
  ExpectSame(LaneQueryOf({AggregateOf(*table, kSum, "x"), AggregateOf(*table, kAvg, "x"),
                          AggregateOf(*table, kAvg, "y"), AggregateOf(*table, kSum, "n")}),
             *table, 4);
}

TEST_F(FusedSumsRandomTest, DifferencesAndDurationsAreAsTheGeneralForm_Rule6) {
  const auto table = DrawnTable({{"begin", kDuration, -(int64_t{1} << 35), uint64_t{1} << 36, 5},
                                 {"end", kDuration, -(int64_t{1} << 35), uint64_t{1} << 36, 6}},
                                7000, random_);
  BoundAggregate difference = AggregateOf(*table, kAvg, "end");
  difference.value.minus = ValueOfColumn(*table, "begin").column;
  ExpectSame(LaneQueryOf({difference, AggregateOf(*table, kSum, "end"),
                          AggregateOf(*table, kAvg, "begin")}),
             *table, 3);
}

TEST_F(FusedSumsRandomTest, SumsAtTheLimitOfAWordAreAsTheGeneralForm_Rule2) {
  // 2^63 / 7,000 rows: the most that is proven to fit.
  const int64_t most = std::numeric_limits<int64_t>::max() / 7000;
  const auto table = DrawnTable({{"up", kInt, most - 3, 3, 0},
                                 {"down", kInt, -most, 3, 0},
                                 {"both", kInt, -most, 2 * static_cast<uint64_t>(most), 0}},
                                7000, random_);
  ExpectSame(LaneQueryOf({AggregateOf(*table, kSum, "up"), AggregateOf(*table, kSum, "down"),
                          AggregateOf(*table, kSum, "both")}),
             *table, 3);
}

TEST_F(FusedSumsRandomTest, WhatHasNoRoomStaysGeneral) {
  std::vector<DrawnColumn> columns;
  std::vector<std::string> names = {"a", "b", "c", "d", "e", "f"};
  for (const std::string& name : names) {
    columns.push_back({name, kInt, 0, uint64_t{1} << 45, 0});
    columns.push_back({absl::StrCat("x_", name), kDouble, 0, 1000, 0});
  }
  const auto table = DrawnTable(columns, 3000, random_);
  std::vector<BoundAggregate> aggregates;
  for (const DrawnColumn& column : columns) {
    aggregates.push_back(AggregateOf(*table, kSum, column.name));
    aggregates.push_back(AggregateOf(*table, kCount, column.name));
  }
  // One word is of the count, five of sums of 57 bits; four floats; and their counts.
  ExpectSame(LaneQueryOf(aggregates), *table, 18);
}

/// The answers of one cell that gets every third row, by Update or by AddSelected.
std::vector<std::string> AnswersOfOneCell(const BoundQuery& query, const Table& table,
                                          bool by_selection) {
  const Lane lane(query, table, true, true);
  States states = MakeSharedStates(lane.aggregates, lane.leaders, TestBudget());
  for (const auto& state : states) SEXTANT_CHECK(state->Resize(1).ok());
  const std::vector<uint32_t> cells(kBatchRows);
  for (uint32_t index = 0; index < table.num_chunks(); ++index) {
    const Chunk& chunk = table.chunk(index);
    std::vector<uint64_t> words(BitmapWords(chunk.num_rows()));
    std::vector<uint32_t> rows;
    for (uint32_t row = index; row < chunk.num_rows(); row += 3) {
      SetBit(words, row);
      rows.push_back(row);
    }
    const uint64_t first_row = table.first_row(index);
    const Selection selection = {words.data(), 0, static_cast<uint32_t>(words.size())};
    for (const auto& state : states) {
      EXPECT_TRUE(state->takes_selections());
      if (by_selection) {
        state->AddSelected({&chunk, first_row, selection});
      } else {
        SEXTANT_CHECK(state->Update({&chunk, first_row, rows, cells.data()}).ok());
      }
    }
  }
  std::vector<std::string> answers;
  for (size_t i = 0; i < states.size(); ++i) {
    SEXTANT_CHECK(states[i]->Seal(AlwaysGoOn).ok());
    MetricValues values(query.aggregates[i].result_type, TestBudget());
    const uint32_t cell = 0;
    SEXTANT_CHECK(states[i]->Finish({&cell, 1}, values, AlwaysGoOn).ok());
    answers.push_back(ExactText(values, 0));
  }
  return answers;
}

TEST_F(FusedSumsRandomTest, SelectionsOfTheOnlyCellAreAsTheirRows_Rules2And4) {
  const auto table = DrawnTable({{"half", kInt, -5, 10, 2},
                                 {"full", kInt, -70'000, 140'000, 0},
                                 {"x", kDouble, -1000, 2000, 3},
                                 {"y", kReal, -1000, 2000, 0}},
                                4000, random_);
  const BoundQuery query =
      LaneQueryOf({AggregateOf(*table, kSum, "half"), AggregateOf(*table, kCount, "half"),
                   AggregateOf(*table, kAvg, "full"), AggregateOf(*table, kSum, "x"),
                   AggregateOf(*table, kAvg, "y"), AggregateOf(*table, kCount, "x"),
                   AggregateOf(*table, kCountRows, "x")});
  EXPECT_EQ(AnswersOfOneCell(query, *table, true), AnswersOfOneCell(query, *table, false));
  const BoundQuery counts =
      LaneQueryOf({AggregateOf(*table, kCount, "x"), AggregateOf(*table, kCountRows, "x")});
  EXPECT_EQ(AnswersOfOneCell(counts, *table, true), AnswersOfOneCell(counts, *table, false));
}

std::vector<std::string> FusedOf(const BoundQuery& query, const Table& table,
                                 bool is_ungrouped = false) {
  const Lane lane(query, table, true, is_ungrouped);
  return {absl::StrCat(lane.num_fused, " fused")};
}

TEST(FusedSumsTest, CountsAloneStayGeneral) {
  const auto table = TableOf({{"n", kInt, {Int(1), Null()}}});
  EXPECT_THAT(
      FusedOf(LaneQueryOf({AggregateOf(*table, kCountRows, "n"), AggregateOf(*table, kCount, "n")}),
              *table),
      ElementsAre("0 fused"));
}

TEST(FusedSumsTest, SumsThatAreNotProvenStayGeneral_Rule2) {
  const auto table = TableOf({{"n", kInt, {Int(kLeastInt64), Int(0)}}});
  EXPECT_THAT(FusedOf(LaneQueryOf({AggregateOf(*table, kSum, "n")}), *table),
              ElementsAre("0 fused"));
}

TEST(FusedSumsTest, FloatsWithInfinitiesStayGeneral_Rule3) {
  const auto table =
      TableOf({{"x", kDouble, {Float(1), Float(std::numeric_limits<double>::infinity())}}});
  EXPECT_THAT(FusedOf(LaneQueryOf({AggregateOf(*table, kSum, "x")}), *table),
              ElementsAre("0 fused"));
}

TEST(FusedSumsTest, FloatsThatAreDecimalsAddUpExactly_Rule3) {
  const auto table = TableOf({{"x",
                               kDouble,
                               {Float(0.1), Float(0.2), Null(), Float(0.1), Float(-7.25),
                                Float(0.1), Float(0.1), Float(0.1)}}});
  const BoundQuery query =
      LaneQueryOf({AggregateOf(*table, kSum, "x"), AggregateOf(*table, kAvg, "x"),
                   AggregateOf(*table, kCount, "x")});
  const Lane lane(query, *table, true);
  const LaneRows rows = {.cells = {0, 0, 0, 1, 2, 1, 1, 0}, .num_cells = 4};
  const std::vector<std::string> answers = LaneAnswers(query, *table, lane, rows);
  const auto text = [](size_t i, uint32_t cell, double value, int mark) {
    return absl::StrCat(i, " of ", cell, ": ", value, " ",
                        absl::Hex(std::bit_cast<uint64_t>(value)), " ", mark);
  };
  EXPECT_EQ(lane.num_fused, 3u);
  EXPECT_EQ(answers[0], text(0, 0, 0.4, 1));
  EXPECT_EQ(answers[1], text(0, 1, 0.3, 1));
  EXPECT_EQ(answers[2], text(0, 2, -7.25, 1));
  EXPECT_EQ(answers[3], "0 of 3: - 0");
  EXPECT_EQ(answers[4], text(1, 0, 0.4 / 3, 1));
  EXPECT_EQ(answers[5], text(1, 1, 0.1, 1));
  EXPECT_EQ(answers[8], "2 of 0: 3 1");
}

TEST(FusedSumsTest, UngroupedFloatsStayInLanes_Rule4) {
  const auto table = TableOf({{"x", kDouble, {Float(1), Float(2)}}, {"n", kInt, {Int(1), Int(2)}}});
  const BoundQuery query =
      LaneQueryOf({AggregateOf(*table, kSum, "x"), AggregateOf(*table, kSum, "n")});
  EXPECT_THAT(FusedOf(query, *table, true), ElementsAre("1 fused"));
  ExpectSameAnswers(query, *table, {.cells = {0, 0}}, 1, true);
}

TEST(FusedSumsTest, CountOfAListIsGeneral) {
  const DataType list = DataType::ListOf(TypeKind::kInt64);
  const auto table =
      TableOf({{"l", list, {List({Int(1)}), Null()}}, {"n", kInt, {Int(1), Int(2)}}});
  const BoundQuery query =
      LaneQueryOf({AggregateOf(*table, kSum, "n"), AggregateOf(*table, kCount, "l")});
  ExpectSameAnswers(query, *table, {.cells = {0, 0}}, 1);
}

}  // namespace
}  // namespace sextant
