#include <gmock/gmock.h>

#include <limits>
#include <random>
#include <set>

#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr uint32_t kSeed = 99;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Samples {
  std::shared_ptr<const Table> table;
  std::vector<uint32_t> cells;
  std::vector<std::string> expected;
};

/// Integers below `domain` times `stride`, with NULLs, in `num_cells` cells.
Samples RandomIntegers(size_t num_rows, uint32_t num_cells, uint64_t domain, int64_t stride) {
  std::mt19937_64 random(kSeed);
  ColumnCells x{"x", DataType::Of(TypeKind::kInt64), {}};
  Samples samples;
  std::vector<std::set<int64_t>> seen(num_cells);
  for (size_t row = 0; row < num_rows; ++row) {
    const auto cell = static_cast<uint32_t>(random() % num_cells);
    const int64_t value = static_cast<int64_t>(random() % domain) * stride - 7;
    samples.cells.push_back(cell);
    const bool is_null = random() % 9 == 0;
    x.cells.push_back(is_null ? Null() : Int(value));
    if (!is_null) seen[cell].insert(value);
  }
  for (const auto& one : seen) samples.expected.push_back(std::to_string(one.size()));
  samples.table = TableOf({x}, {.chunk_rows = 3000});
  return samples;
}

void ExpectCounted(const Samples& samples) {
  const BoundAggregate aggregate = AggregateOf(*samples.table, AggregateKind::kCountDistinct, "x");
  const auto num_cells = static_cast<uint32_t>(samples.expected.size());
  for (const uint32_t num_ranges : {1, 2, 5}) {
    EXPECT_EQ(
        RunAggregate(aggregate, *samples.table,
                     {.cells = samples.cells, .num_cells = num_cells, .num_ranges = num_ranges}),
        samples.expected)
        << "seed " << kSeed << " ranges " << num_ranges;
  }
}

TEST(DistinctAggregateTest, ASmallDomainIsCountedByBits) {
  ExpectCounted(RandomIntegers(40'000, 10, 200, 1));
}

TEST(DistinctAggregateTest, ALargeDomainIsCountedBySortedSamples) {
  ExpectCounted(RandomIntegers(40'000, 200, 1'000'000, 1));
}

TEST(DistinctAggregateTest, ValuesFarApartAreCountedByTheirKeys) {
  ExpectCounted(RandomIntegers(40'000, 20, 3000, int64_t{1} << 40));
}

TEST(DistinctAggregateTest, ManyCellsOfASmallDomainAreCounted) {
  ExpectCounted(RandomIntegers(30'000, 20'000, 5000, 1));
}

TEST(DistinctAggregateTest, AShortRangeMergesIntoBitsOfALongOne) {
  // Of five ranges of 1,200 rows none has enough for bits; of one, the first has.
  ExpectCounted(RandomIntegers(6000, 3, 50, 1));
}

TEST(DistinctAggregateTest, FloatsAreCountedAsTheyCompare_Rule8) {
  const auto table = TableOf(
      {{"x",
        DataType::Of(TypeKind::kFloat64),
        {Float(0.0), Float(-0.0), Float(kNan), Float(-kNan), Float(1.5), Null(), Float(1.5)}}});
  EXPECT_EQ(RunAggregate(AggregateOf(*table, AggregateKind::kCountDistinct, "x"), *table)[0], "3");
}

TEST(DistinctAggregateTest, TextIsCountedByItsCodes) {
  std::mt19937_64 random(kSeed);
  ColumnCells x{"x", DataType::Of(TypeKind::kText), {}};
  std::set<std::string> seen;
  for (int row = 0; row < 10'000; ++row) {
    const std::string text = std::to_string(random() % 300);
    x.cells.push_back(random() % 5 == 0 ? Null() : Text(text));
    if (!std::holds_alternative<std::monostate>(x.cells.back().value)) seen.insert(text);
  }
  const auto table = TableOf({x}, {.chunk_rows = 1000});
  const BoundAggregate aggregate = AggregateOf(*table, AggregateKind::kCountDistinct, "x");
  for (const uint32_t num_ranges : {1, 3}) {
    EXPECT_EQ(RunAggregate(aggregate, *table, {.num_ranges = num_ranges})[0],
              std::to_string(seen.size()));
  }
}

TEST(DistinctAggregateTest, RepeatsOfManyRowsOfOneRangeTakeNoMemory) {
  const Samples samples = RandomIntegers(500'000, 1, 1000, int64_t{1} << 40);
  MemoryBudget budget("small", 4'000'000);  // 8 bytes a key and 4 a cell would take 6 million
  const auto values =
      TryRunAggregate(AggregateOf(*samples.table, AggregateKind::kCountDistinct, "x"),
                      *samples.table, {.cells = samples.cells, .num_cells = 1, .budget = &budget});
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_EQ(*values, samples.expected);
}

TEST(DistinctAggregateTest, ValuesThatHardlyRepeatAreCountedOverManyBlocks) {
  ExpectCounted(RandomIntegers(600'000, 1, 2'000'000, int64_t{1} << 40));
  ExpectCounted(RandomIntegers(600'000, 3, 500'000, int64_t{1} << 40));
}

TEST(DistinctAggregateTest, RepeatsThatBeginAfterBlocksWithoutAnyAreCountedOnce) {
  constexpr int64_t kNumDistinct = 300'000;
  constexpr int64_t kNumRows = 1'400'000;  // the ninth block behind the first is asked again
  ColumnCells x{"x", DataType::Of(TypeKind::kInt64), {}};
  for (int64_t row = 0; row < kNumRows; ++row) {
    x.cells.push_back(Int((row < kNumDistinct ? row : row % 1000) << 40));
  }
  ExpectCounted({TableOf({x}), std::vector<uint32_t>(kNumRows), {std::to_string(kNumDistinct)}});
}

TEST(DistinctAggregateTest, WithoutMemoryItIsRefused) {
  const Samples samples = RandomIntegers(40'000, 2000, 1'000'000, 1);
  MemoryBudget budget("small", 200'000);
  const auto values = TryRunAggregate(
      AggregateOf(*samples.table, AggregateKind::kCountDistinct, "x"), *samples.table,
      {.cells = samples.cells, .num_cells = 2000, .budget = &budget});
  EXPECT_TRUE(absl::IsResourceExhausted(values.status())) << values.status();
  EXPECT_EQ(budget.reserved_bytes(), 0);
}

}  // namespace
}  // namespace sextant
