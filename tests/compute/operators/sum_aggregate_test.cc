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

}  // namespace
}  // namespace sextant
