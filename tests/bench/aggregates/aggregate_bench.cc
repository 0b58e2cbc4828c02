// What aggregates cost by themselves: rows whose cells are known go into states by ranges, which
// are merged and finished, on one thread. The shapes are those of db-benchmark's groupby.
//
//   aggregate_bench --benchmark_filter=median --benchmark_repetitions=5

#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compute/column/bitmap.h"
#include "compute/column/table_builder.h"
#include "compute/memory/check.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/aggregate_sharing.h"
#include "compute/operators/morsel.h"
#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Below(uint64_t limit) {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t mixed = (state_ ^ (state_ >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return (mixed ^ (mixed >> 31)) % limit;
  }

 private:
  uint64_t state_;
};

/// Columns v1 (1..5), v2 (1..15), v3 (floats below 100), v4 (v3 where it is not NULL: one row in
/// ten), seconds (below two weeks), key (below 100,000) and wide_key (below 10^9).
std::shared_ptr<const Table> MakeTable(uint64_t num_rows) {
  const DataType integer = DataType::Of(TypeKind::kInt64);
  const DataType number = DataType::Of(TypeKind::kFloat64);
  const Schema schema({{.name = "v1", .type = integer},
                       {.name = "v2", .type = integer},
                       {.name = "v3", .type = number},
                       {.name = "v4", .type = number},
                       {.name = "seconds", .type = integer},
                       {.name = "key", .type = integer},
                       {.name = "wide_key", .type = integer}});
  auto builder = *TableBuilder::Create(schema, TestBudget());
  Random random(108);
  std::vector<int64_t> integers(kMaxChunkRows);
  std::vector<double> floats(kMaxChunkRows);
  std::vector<uint64_t> valid(BitmapWords(kMaxChunkRows));
  for (uint64_t done = 0; done < num_rows;) {
    const auto count = static_cast<uint32_t>(
        std::min<uint64_t>({builder->remaining_rows(), num_rows - done, kMaxChunkRows}));
    const auto add_integers = [&](ColumnIndex column, int64_t least, uint64_t span) {
      for (uint32_t i = 0; i < count; ++i) {
        integers[i] = least + static_cast<int64_t>(random.Below(span));
      }
      auto& to = static_cast<IntegerColumnBuilder&>(builder->column(column));
      SEXTANT_CHECK(to.Append({integers.data(), count}, {}).ok());
    };
    for (uint32_t i = 0; i < count; ++i) {
      floats[i] = static_cast<double>(random.Below(100'000'000)) / 1e6;
    }
    std::fill(valid.begin(), valid.end(), 0);
    for (uint32_t i = 0; i < count; ++i) {
      valid[i / 64] |= uint64_t{random.Below(10) != 0} << (i % 64);
    }
    for (const ColumnIndex column : {2, 3}) {
      auto& to = static_cast<FloatColumnBuilder&>(builder->column(column));
      const std::span<const uint64_t> bits(valid.data(), column == 2 ? 0 : BitmapWords(count));
      SEXTANT_CHECK(to.Append({floats.data(), count}, bits).ok());
    }
    add_integers(0, 1, 5);
    add_integers(1, 1, 15);
    add_integers(4, 0, 14 * 86400);
    add_integers(5, 0, 100'000);
    add_integers(6, 0, 1'000'000'000);
    SEXTANT_CHECK(builder->FinishRows(count).ok());
    done += count;
  }
  return *builder->Finish({});
}

const Table& TableOfRows(uint64_t num_rows) {
  static auto& tables = *new std::map<uint64_t, std::shared_ptr<const Table>>();
  std::shared_ptr<const Table>& table = tables[num_rows];
  if (table == nullptr) table = MakeTable(num_rows);
  return *table;
}

const std::vector<uint32_t>& CellsOfRows(uint64_t num_rows, uint32_t num_cells) {
  static auto& known =
      *new std::map<std::pair<uint64_t, uint32_t>, std::unique_ptr<std::vector<uint32_t>>>();
  auto& cells = known[{num_rows, num_cells}];
  if (cells != nullptr) return *cells;
  cells = std::make_unique<std::vector<uint32_t>>(num_rows);
  Random random(num_cells);
  for (uint32_t& cell : *cells) cell = static_cast<uint32_t>(random.Below(num_cells));
  return *cells;
}

struct Measure {
  AggregateKind kind;
  std::string value;
  std::string second = {};
  double fraction = 0;
};

using States = std::vector<std::unique_ptr<AggregateState>>;

void AddRows(const Table& table, uint32_t chunk, const uint32_t* cells, States& states) {
  std::vector<uint32_t> rows(kBatchRows);
  const uint32_t num_rows = table.chunk(chunk).num_rows();
  for (uint32_t begin = 0; begin < num_rows; begin += kBatchRows) {
    const uint32_t count = std::min(kBatchRows, num_rows - begin);
    for (uint32_t k = 0; k < count; ++k) rows[k] = begin + k;
    const SampleBatch batch = {
        &table.chunk(chunk), table.first_row(chunk), {rows.data(), count}, cells + begin};
    for (const auto& state : states) SEXTANT_CHECK(state->Update(batch).ok());
  }
}

void Run(benchmark::State& bench, uint32_t num_cells, const std::vector<Measure>& measures) {
  const auto num_rows = static_cast<uint64_t>(bench.range(0)) * 1'000'000;
  const Table& table = TableOfRows(num_rows);
  const std::vector<uint32_t>& cells = CellsOfRows(num_rows, num_cells);
  BoundQuery query;
  query.datasets.emplace_back();
  std::vector<BoundAggregate>& bound = query.aggregates;
  std::vector<uint32_t> leaders;
  for (const Measure& measure : measures) {
    leaders.push_back(static_cast<uint32_t>(leaders.size()));
    bound.push_back(AggregateOf(table, measure.kind, measure.value, measure.second));
    bound.back().fraction = measure.fraction;
    bound.back().descending = true;
    bound.back().is_list = measure.kind == AggregateKind::kTopValues;
    bound.back().last = 2;
    if (bound.back().is_list) {
      bound.back().result_type = DataType::ListOf(bound.back().result_type);
    }
  }
  query.datasets[0].aggregates = leaders;
  FindLeaders(query, 0, query.datasets[0].aggregates, leaders);
  std::vector<std::unique_ptr<Aggregate>> aggregates;
  for (const BoundAggregate& one : bound) {
    aggregates.push_back(MakeAggregate({one, table, table.num_rows(), num_cells == 1}));
  }
  std::vector<uint32_t> same_cells(num_cells);
  for (uint32_t cell = 0; cell < num_cells; ++cell) same_cells[cell] = cell;
  const auto make_states = [&] {
    States states = MakeSharedStates(aggregates, leaders, TestBudget());
    for (const auto& state : states) SEXTANT_CHECK(state->Resize(num_cells).ok());
    return states;
  };
  for (auto _ : bench) {
    States whole;
    for (uint32_t chunk = 0; chunk < table.num_chunks();) {
      States range = make_states();
      const uint64_t end = table.first_row(chunk) + kRangeRows;
      for (; chunk < table.num_chunks() && table.first_row(chunk) < end; ++chunk) {
        AddRows(table, chunk, cells.data() + table.first_row(chunk), range);
      }
      for (const auto& state : range) SEXTANT_CHECK(state->Seal(AlwaysGoOn).ok());
      if (whole.empty()) {
        whole = std::move(range);
        continue;
      }
      for (size_t i = 0; i < whole.size(); ++i) {
        SEXTANT_CHECK(whole[i]->Merge(*range[i], same_cells, AlwaysGoOn).ok());
      }
    }
    for (size_t i = 0; i < whole.size(); ++i) {
      MetricValues values(bound[i].result_type, TestBudget());
      SEXTANT_CHECK(whole[i]->Finish(same_cells, values, AlwaysGoOn).ok());
      benchmark::DoNotOptimize(values.size());
    }
  }
  bench.SetItemsProcessed(static_cast<int64_t>(num_rows) * bench.iterations());
}

#define SEXTANT_BENCH(name, num_cells, ...)                                  \
  BENCHMARK_CAPTURE(Run, name, num_cells, std::vector<Measure>{__VA_ARGS__}) \
      ->Arg(1)                                                               \
      ->Arg(10)                                                              \
      ->Unit(benchmark::kMillisecond)

using enum AggregateKind;

SEXTANT_BENCH(q1_sum_100, 100, {kSum, "v1"});
SEXTANT_BENCH(q2_sum_10000, 10'000, {kSum, "v1"});
SEXTANT_BENCH(q3_sum_mean_100000, 100'000, {kSum, "v1"}, {kAvg, "v3"});
SEXTANT_BENCH(q4_means_100, 100, {kAvg, "v1"}, {kAvg, "v2"}, {kAvg, "v3"});
SEXTANT_BENCH(q4_means_of_nullable_100, 100, {kAvg, "v4"});
SEXTANT_BENCH(q5_sums_100000, 100'000, {kSum, "v1"}, {kSum, "v2"}, {kSum, "v3"});
SEXTANT_BENCH(q6_median_stddev_10000, 10'000, {kPercentileCont, "v3", "", 0.5},
              {kStddevSamp, "v3"});
SEXTANT_BENCH(q6_median_10000, 10'000, {kPercentileCont, "v3", "", 0.5});
SEXTANT_BENCH(q6_stddev_10000, 10'000, {kStddevSamp, "v3"});
SEXTANT_BENCH(quantiles_of_one_1, 1, {kPercentileCont, "v3", "", 0.5});
SEXTANT_BENCH(quantiles_of_seconds_5000, 5'000, {kPercentileCont, "seconds", "", 0.5},
              {kPercentileCont, "seconds", "", 0.95}, {kMin, "seconds"}, {kMax, "seconds"},
              {kAvg, "seconds"});
SEXTANT_BENCH(quantiles_of_few_200000, 200'000, {kPercentileCont, "seconds", "", 0.5});
SEXTANT_BENCH(q7_extremes_100000, 100'000, {kMax, "v1"}, {kMin, "v2"});
SEXTANT_BENCH(q8_top2_100000, 100'000, {kTopValues, "v3", "v3"});
SEXTANT_BENCH(q9_regression_10000, 10'000, {kCorr, "v1", "v2"});
SEXTANT_BENCH(distinct_small_100, 100, {kCountDistinct, "v2"});
SEXTANT_BENCH(distinct_small_10000, 10'000, {kCountDistinct, "v2"});
SEXTANT_BENCH(distinct_large_100, 100, {kCountDistinct, "key"});
SEXTANT_BENCH(distinct_large_10000, 10'000, {kCountDistinct, "key"});
SEXTANT_BENCH(distinct_interned_100, 100, {kCountDistinct, "wide_key"});

}  // namespace
}  // namespace sextant

BENCHMARK_MAIN();
