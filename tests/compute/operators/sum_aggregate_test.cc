#include <gmock/gmock.h>

#include <limits>

#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The sum of floats in each order of ranges and lanes, which must agree; or the code of the error.
std::string SumOf(const std::vector<double>& floats, AggregateKind kind = AggregateKind::kSum) {
  std::vector<Cell> cells;
  for (const double value : floats) cells.push_back(Float(value));
  const auto table = TableOf({{"x", DataType::Of(TypeKind::kFloat64), cells}}, {.chunk_rows = 7});
  std::string first;
  for (const bool is_ungrouped : {false, true}) {
    for (const uint32_t num_ranges : {1, 2, 3}) {
      const auto sum = TryRunAggregate(AggregateOf(*table, kind, "x"), *table,
                                       {.num_ranges = num_ranges, .is_ungrouped = is_ungrouped});
      const std::string text = sum.ok() ? (*sum)[0] : absl::StatusCodeToString(sum.status().code());
      if (first.empty()) first = text;
      EXPECT_EQ(text, first) << num_ranges << " ranges" << (is_ungrouped ? ", lanes" : "");
    }
  }
  return first;
}

TEST(SumAggregateTest, FiniteFloatsThatOverflowAreAnError_Rule3) {
  EXPECT_EQ(SumOf({1e308, 1e308, 1e308, 1e308, 1e308, 1e308}), "OUT_OF_RANGE");
  EXPECT_EQ(SumOf({1e308, 1e308, 1e308}, AggregateKind::kAvg), "OUT_OF_RANGE");
}

TEST(SumAggregateTest, AnInfinityIsTheSumWhateverTheOthersAddUpTo_Rule3) {
  EXPECT_EQ(SumOf({kInfinity, 1, 2}), "inf");
  EXPECT_EQ(SumOf({1e308, 1e308, -kInfinity}), "-inf");
  EXPECT_EQ(SumOf({-1e308, -1e308, kInfinity}, AggregateKind::kAvg), "inf");
}

TEST(SumAggregateTest, ANanOrBothInfinitiesSumToNan_Rule3) {
  EXPECT_EQ(SumOf({1e308, 1e308, kNan}), "NaN");
  EXPECT_EQ(SumOf({1e308, kInfinity, 1e308, -kInfinity}), "NaN");
  EXPECT_EQ(SumOf({kNan, kInfinity}, AggregateKind::kAvg), "NaN");
}

/// The sum of decimals of 38 digits, in units of 10^37, in each order of ranges.
std::string SumOfLarge(const std::vector<int>& units) {
  int128_t unit = 1;
  for (int digit = 0; digit < 37; ++digit) unit *= 10;
  std::vector<Cell> cells;
  for (const int value : units) cells.push_back(Decimal(value * unit));
  const auto table = TableOf({{"x", DataType::Decimal(38, 0), cells}}, {.chunk_rows = 2});
  const BoundAggregate sum_of_x = AggregateOf(*table, AggregateKind::kSum, "x");
  std::string first;
  for (const uint32_t num_ranges : {1, 2, 3}) {
    const auto sum = TryRunAggregate(sum_of_x, *table, {.num_ranges = num_ranges});
    const std::string text = sum.ok() ? (*sum)[0] : absl::StatusCodeToString(sum.status().code());
    if (first.empty()) first = text;
    EXPECT_EQ(text, first) << num_ranges << " ranges";
  }
  return first;
}

TEST(SumAggregateTest, ASumThatFitsMayPassThroughOneThatDoesNot_Rule2) {
  EXPECT_EQ(SumOfLarge({9, 9, -9, -9}), "0");
  EXPECT_EQ(SumOfLarge({-9, -9, -9, 9, 9, 9}), "0");
  EXPECT_EQ(SumOfLarge({9, 9, 9, 9, -9, -9, -9}), SumOfLarge({9}));
}

TEST(SumAggregateTest, ASumOfMoreThan38DigitsIsAnError_Rule2) {
  EXPECT_EQ(SumOfLarge({9, 9}), "OUT_OF_RANGE");
  EXPECT_EQ(SumOfLarge({9, 9, 9, 9}), "OUT_OF_RANGE");
  EXPECT_EQ(SumOfLarge({-5, -5}), "OUT_OF_RANGE");
}

}  // namespace
}  // namespace sextant
