// Aggregates that keep their samples against the plainest form of them, on random samples.

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "compute/kernels/float_order.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"
#include "tests/testing/run_aggregate.h"
#include "tests/testing/run_query.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using enum AggregateKind;

constexpr uint32_t kSeed = 1234;
constexpr uint32_t kCells = 60;

/// Samples in cells of unlike sizes: each has half as many as the one before, down to a few.
struct Samples {
  std::shared_ptr<const Table> table;
  std::vector<uint32_t> cells;
  std::vector<std::vector<double>> of_cell;  // not NULL, in row order
};

double RandomFloat(std::mt19937_64& random) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const uint64_t draw = random();
  switch (draw % 16) {
    case 0:
      return 0.0;
    case 1:
      return -0.0;
    case 2:
      return draw % 32 == 2 ? kInfinity : -kInfinity;
    case 3:
      return std::numeric_limits<double>::quiet_NaN();
    case 4:
    case 5:
    case 6:
      return static_cast<double>(draw / 16 % 5);  // ties
    default:
      return static_cast<double>(static_cast<int64_t>(draw) >> 20) / 1024;
  }
}

double RandomInteger(std::mt19937_64& random) {
  return static_cast<double>(static_cast<int64_t>(random() % 2000) - 1000);
}

double RandomPrice(std::mt19937_64& random) {
  return static_cast<double>(random() % 200'000) / 100 - 500;
}

template <typename Draw>
Samples RandomSamples(DataType type, size_t num_rows, Draw draw) {
  std::mt19937_64 random(kSeed);
  ColumnCells x{"x", type, {}};
  Samples samples;
  samples.of_cell.resize(kCells);
  for (size_t row = 0; row < num_rows; ++row) {
    const auto cell = static_cast<uint32_t>(std::min(std::countr_zero(random()), 20) +
                                            (row % 97 == 0 ? random() % 40 : 0));
    const double value = draw(random);
    const bool is_null = random() % 11 == 0;
    samples.cells.push_back(cell);
    if (!is_null) samples.of_cell[cell].push_back(value);
    x.cells.push_back(is_null              ? Null()
                      : IsFloat(type.kind) ? Float(value)
                                           : Int(static_cast<int64_t>(value)));
  }
  samples.table = TableOf({x}, {.chunk_rows = 10'000});
  return samples;
}

std::vector<double> Sorted(std::vector<double> values) {
  std::sort(values.begin(), values.end(),
            [](double a, double b) { return FloatOrderKey(a) < FloatOrderKey(b); });
  for (double& value : values) value = value == 0 ? 0.0 : value;  // rule 8
  return values;
}

double ExpectedOf(AggregateKind kind, double fraction, const std::vector<double>& sorted) {
  const auto count = static_cast<double>(sorted.size());
  switch (kind) {
    case kPercentileCont: {
      const double position = fraction * (count - 1);
      const auto low = static_cast<size_t>(std::floor(position));
      const auto high = static_cast<size_t>(std::ceil(position));
      if (low == high) return sorted[low];
      return sorted[low] + (position - std::floor(position)) * (sorted[high] - sorted[low]);
    }
    case kPercentileDisc:
      return sorted[static_cast<size_t>(std::max(std::ceil(fraction * count), 1.0)) - 1];
    case kMode: {
      std::map<int64_t, size_t> counts;
      for (const double value : sorted) ++counts[FloatOrderKey(value)];
      const auto most =
          std::max_element(counts.begin(), counts.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
      return FloatOfOrderKey(most->first);
    }
    default: {
      std::set<int64_t> keys;
      for (const double value : sorted) keys.insert(FloatOrderKey(value));
      return static_cast<double>(keys.size());
    }
  }
}

void ExpectPlain(const Samples& samples, AggregateKind kind, double fraction) {
  BoundAggregate aggregate = AggregateOf(*samples.table, kind, "x");
  aggregate.fraction = fraction;
  for (const auto& [num_ranges, least_binned_rows] :
       {std::pair{1u, kLeastBinnedRows}, {3u, kLeastBinnedRows}, {1u, uint64_t{0}}, {3u, 0}}) {
    const std::vector<std::string> values = RunAggregate(aggregate, *samples.table,
                                                         {.cells = samples.cells,
                                                          .num_cells = kCells,
                                                          .num_ranges = num_ranges,
                                                          .least_binned_rows = least_binned_rows});
    for (uint32_t cell = 0; cell < kCells; ++cell) {
      const std::vector<double> sorted = Sorted(samples.of_cell[cell]);
      const std::string none = kind == kCountDistinct ? "0" : "-";
      EXPECT_EQ(values[cell], sorted.empty() ? none : FloatText(ExpectedOf(kind, fraction, sorted)))
          << "seed " << kSeed << " cell " << cell << " of " << sorted.size() << " ranges "
          << num_ranges << (least_binned_rows == 0 ? " in bins" : "") << " kind "
          << static_cast<int>(kind) << " fraction " << fraction;
    }
  }
}

void ExpectAllPlain(const Samples& samples) {
  for (const double fraction : {0.0, 0.05, 0.5, 0.95, 1.0}) {
    ExpectPlain(samples, kPercentileCont, fraction);
    ExpectPlain(samples, kPercentileDisc, fraction);
  }
  ExpectPlain(samples, kMode, 0);
  ExpectPlain(samples, kCountDistinct, 0);
}

TEST(SampleAggregatesRandomTest, FloatsAreAsThePlainForm_Rules8And9) {
  ExpectAllPlain(RandomSamples(DataType::Of(TypeKind::kFloat64), 20'000, RandomFloat));
}

TEST(SampleAggregatesRandomTest, NearIntegersAreAsThePlainForm_Rule9) {
  ExpectAllPlain(RandomSamples(DataType::Of(TypeKind::kInt64), 20'000, RandomInteger));
}

TEST(SampleAggregatesRandomTest, FloatsThatAreDecimalsAreAsThePlainForm_Rule9) {
  ExpectAllPlain(RandomSamples(DataType::Of(TypeKind::kFloat64), 20'000, RandomPrice));
}

TEST(SampleAggregatesRandomTest, CellsOfManySamplesAreAsThePlainForm_Rules8And9) {
  const Samples samples =
      RandomSamples(DataType::Of(TypeKind::kFloat64), 330'000, RandomFloat);  // half in cell 0
  ExpectPlain(samples, kPercentileCont, 0.37);
  ExpectPlain(samples, kMode, 0);
  ExpectPlain(samples, kCountDistinct, 0);
}

/// The state of one aggregate over all rows, in one cell, sealed.
std::unique_ptr<AggregateState> StateOf(const Aggregate& aggregate, const Table& table) {
  std::unique_ptr<AggregateState> state = aggregate.MakeState(TestBudget());
  EXPECT_TRUE(state->Resize(1).ok());
  const std::vector<uint32_t> cells(kBatchRows);
  for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {
    std::vector<uint32_t> rows;
    for (uint32_t row = 0; row < table.chunk(chunk).num_rows(); ++row) {
      rows.push_back(row);
      if (rows.size() < kBatchRows && row + 1 < table.chunk(chunk).num_rows()) continue;
      EXPECT_TRUE(
          state->Update({&table.chunk(chunk), table.first_row(chunk), rows, cells.data()}).ok());
      rows.clear();
    }
  }
  EXPECT_TRUE(state->Seal(AlwaysGoOn).ok());
  return state;
}

TEST(SampleAggregatesRandomTest, FinishEndsWhereverItIsCalledOff) {
  const Samples samples = RandomSamples(DataType::Of(TypeKind::kFloat64), 200'000, RandomFloat);
  for (const AggregateKind kind : {kPercentileCont, kMode}) {
    BoundAggregate bound = AggregateOf(*samples.table, kind, "x");
    for (int i = 0; i < 6; ++i) {
      const int asked = i / 2;
      const auto aggregate =
          MakeAggregate({bound, *samples.table, 200'000, false, i % 2 == 0 ? kLeastBinnedRows : 0});
      const std::unique_ptr<AggregateState> state = StateOf(*aggregate, *samples.table);
      MetricValues values(bound.result_type, TestBudget());
      int left = asked;
      const auto call_off = [&] { return left-- > 0 ? absl::OkStatus() : absl::CancelledError(); };
      const std::vector<uint32_t> cell = {0};
      EXPECT_TRUE(absl::IsCancelled(state->Finish(cell, values, call_off)))
          << static_cast<int>(kind) << " asked " << asked;
    }
  }
}

}  // namespace
}  // namespace sextant
