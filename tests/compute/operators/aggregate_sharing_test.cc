#include "compute/operators/aggregate_sharing.h"

#include <gmock/gmock.h>

#include <random>

#include "compute/memory/check.h"
#include "tests/testing/run_aggregate.h"
#include "tests/testing/run_lane.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr uint32_t kSeed = 4711;

std::shared_ptr<const Table> RandomTable(size_t num_rows) {
  std::mt19937_64 random(kSeed);
  ColumnCells x{"x", DataType::Of(TypeKind::kFloat64), {}};
  ColumnCells n{"n", DataType::Of(TypeKind::kInt64), {}};
  ColumnCells wait{"wait", DataType::Of(TypeKind::kDuration), {}};
  ColumnCells t{"t", DataType::Of(TypeKind::kText), {}};
  for (size_t row = 0; row < num_rows; ++row) {
    const uint64_t draw = random();
    x.cells.push_back(draw % 7 == 0 ? Null() : Float(static_cast<double>(draw % 1000) / 8 - 40));
    n.cells.push_back(draw % 5 == 0 ? Null() : Int(static_cast<int64_t>(draw / 1000 % 100) - 50));
    wait.cells.push_back(Int(static_cast<int64_t>(draw >> 20)));
    t.cells.push_back(Text(std::to_string(draw % 20)));
  }
  return TableOf({x, n, wait, t}, {.chunk_rows = 1000});
}

std::vector<uint32_t> LeadersOf(const BoundQuery& query) {
  std::vector<uint32_t> leaders(query.aggregates.size());
  FindLeaders(query, 0, query.datasets[0].aggregates, leaders);
  return leaders;
}

BoundAggregate Quantile(const Table& table, AggregateKind kind, std::string_view column,
                        double fraction) {
  BoundAggregate aggregate = AggregateOf(table, kind, column);
  aggregate.fraction = fraction;
  return aggregate;
}

using enum AggregateKind;

TEST(AggregateSharingTest, QuantilesModeAndExtremesOfOneValueShareOneState) {
  const auto table = RandomTable(10);
  const BoundQuery query =
      LaneQueryOf({AggregateOf(*table, kMin, "x"), Quantile(*table, kPercentileCont, "x", 0.5),
                   Quantile(*table, kPercentileDisc, "x", 0.9), AggregateOf(*table, kMode, "x"),
                   AggregateOf(*table, kMax, "n"), Quantile(*table, kPercentileCont, "n", 0.5)});
  EXPECT_THAT(LeadersOf(query), ElementsAre(1, 1, 1, 1, 5, 5));
}

TEST(AggregateSharingTest, SumMeanAndCountOfOneValueShareOneState) {
  const auto table = RandomTable(10);
  const BoundQuery query =
      LaneQueryOf({AggregateOf(*table, kCount, "n"), AggregateOf(*table, kAvg, "n"),
                   AggregateOf(*table, kSum, "n"), AggregateOf(*table, kCount, "x")});
  EXPECT_THAT(LeadersOf(query), ElementsAre(1, 1, 1, 3));
}

TEST(AggregateSharingTest, ExtremesOfTextKeepTheirOwnState) {
  const auto table = RandomTable(10);
  const BoundQuery query =
      LaneQueryOf({AggregateOf(*table, kMode, "t"), AggregateOf(*table, kMin, "t")});
  EXPECT_THAT(LeadersOf(query), ElementsAre(0, 1));
}

TEST(AggregateSharingTest, MinAndMaxAloneShareNothing) {
  const auto table = RandomTable(10);
  const BoundQuery query =
      LaneQueryOf({AggregateOf(*table, kMin, "n"), AggregateOf(*table, kMax, "n")});
  EXPECT_THAT(LeadersOf(query), ElementsAre(0, 1));
}

/// Runs all aggregates of `query` with shared states over two ranges.
std::vector<MetricValues> RunShared(const BoundQuery& query, const Table& table,
                                    const std::vector<uint32_t>& cells, uint32_t num_cells) {
  std::vector<std::unique_ptr<Aggregate>> aggregates;
  for (const BoundAggregate& one : query.aggregates) {
    aggregates.push_back(MakeAggregate({one, table, table.num_rows(), false}));
  }
  const std::vector<uint32_t> leaders = LeadersOf(query);
  std::vector<uint32_t> same_cells(num_cells);
  for (uint32_t cell = 0; cell < num_cells; ++cell) same_cells[cell] = cell;
  std::vector<std::unique_ptr<AggregateState>> whole;
  for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {  // a range each
    auto states = MakeSharedStates(aggregates, leaders, TestBudget());
    std::vector<uint32_t> rows(table.chunk(chunk).num_rows());
    for (uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
    const uint64_t first = table.first_row(chunk);
    for (const auto& state : states) {
      SEXTANT_CHECK(state->Resize(num_cells).ok());
      SEXTANT_CHECK(state->Update({&table.chunk(chunk), first, rows, &cells[first]}).ok());
      SEXTANT_CHECK(state->Seal(AlwaysGoOn).ok());
    }
    if (whole.empty()) {
      whole = std::move(states);
      continue;
    }
    for (size_t i = 0; i < whole.size(); ++i) {
      SEXTANT_CHECK(whole[i]->Merge(*states[i], same_cells, AlwaysGoOn).ok());
    }
  }
  std::vector<MetricValues> values;
  for (size_t i = 0; i < whole.size(); ++i) {
    values.emplace_back(query.aggregates[i].result_type, TestBudget());
    SEXTANT_CHECK(whole[i]->Finish(same_cells, values.back(), AlwaysGoOn).ok());
  }
  return values;
}

TEST(AggregateSharingTest, SharedStatesGiveTheValuesOfSeparateOnes) {
  const auto table = RandomTable(5000);
  constexpr uint32_t kCells = 37;
  std::mt19937_64 random(kSeed);
  std::vector<uint32_t> cells(table->num_rows());
  for (uint32_t& cell : cells) cell = static_cast<uint32_t>(random() % kCells);
  for (const std::string column : {"x", "n", "wait"}) {
    const BoundQuery query = LaneQueryOf(
        {AggregateOf(*table, kMin, column), Quantile(*table, kPercentileCont, column, 0.5),
         Quantile(*table, kPercentileCont, column, 0.95),
         Quantile(*table, kPercentileDisc, column, 0.25), AggregateOf(*table, kMode, column),
         AggregateOf(*table, kMax, column), AggregateOf(*table, kAvg, column),
         AggregateOf(*table, kCount, column)});
    const std::vector<MetricValues> shared = RunShared(query, *table, cells, kCells);
    for (size_t i = 0; i < query.aggregates.size(); ++i) {
      BoundQuery alone = LaneQueryOf({query.aggregates[i]});
      const MetricValues own = std::move(RunShared(alone, *table, cells, kCells)[0]);
      const auto equal = [](const auto& a, const auto& b) {
        return std::equal(a.span().begin(), a.span().end(), b.span().begin(), b.span().end());
      };
      EXPECT_TRUE(equal(shared[i].valid, own.valid)) << "seed " << kSeed << column << i;
      EXPECT_TRUE(equal(shared[i].integers, own.integers)) << "seed " << kSeed << column << i;
      EXPECT_TRUE(equal(shared[i].floats, own.floats)) << "seed " << kSeed << column << i;
    }
  }
}

}  // namespace
}  // namespace sextant
