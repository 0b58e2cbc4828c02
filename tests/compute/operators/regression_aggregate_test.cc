#include <gmock/gmock.h>

#include <limits>

#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// corr, regr_slope and regr_r2 of (y, x).
std::vector<std::string> ValuesOf(const std::vector<Cell>& y, const std::vector<Cell>& x,
                                  uint32_t num_ranges = 1) {
  const auto table = TableOf(
      {{"y", DataType::Of(TypeKind::kFloat64), y}, {"x", DataType::Of(TypeKind::kFloat64), x}});
  std::vector<std::string> values;
  for (const AggregateKind kind :
       {AggregateKind::kCorr, AggregateKind::kRegrSlope, AggregateKind::kRegrR2}) {
    values.push_back(
        RunAggregate(AggregateOf(*table, kind, "y", "x"), *table, {.num_ranges = num_ranges})[0]);
  }
  return values;
}

TEST(RegressionAggregateTest, ALineIsFound) {
  EXPECT_THAT(
      ValuesOf({Float(1), Float(3), Float(5), Float(7)}, {Float(0), Float(1), Float(2), Float(3)}),
      ElementsAre("1", "2", "1"));
}

TEST(RegressionAggregateTest, TheFirstArgumentIsTheDependentOne) {
  EXPECT_EQ(ValuesOf({Float(0), Float(8)}, {Float(0), Float(2)})[1], "4");
}

TEST(RegressionAggregateTest, APairWithANullIsNoSample) {
  EXPECT_THAT(
      ValuesOf({Float(1), Null(), Float(3), Float(9)}, {Float(1), Float(2), Float(3), Null()}),
      ElementsAre("1", "1", "1"));
  EXPECT_THAT(ValuesOf({Null(), Float(1)}, {Float(2), Null()}), ElementsAre("-", "-", "-"));
}

TEST(RegressionAggregateTest, OnePairHasNoValue) {
  EXPECT_THAT(ValuesOf({Float(1)}, {Float(2)}), ElementsAre("-", "-", "-"));
}

TEST(RegressionAggregateTest, AVerticalLineHasNoValue) {
  EXPECT_THAT(ValuesOf({Float(1), Float(2)}, {Float(4), Float(4)}), ElementsAre("-", "-", "-"));
}

TEST(RegressionAggregateTest, AHorizontalLineExplainsAll) {
  EXPECT_THAT(ValuesOf({Float(4), Float(4)}, {Float(1), Float(2)}), ElementsAre("-", "0", "1"));
}

TEST(RegressionAggregateTest, EqualValuesHaveNoSpreadHoweverTheyRound) {
  // Six times 0.1 is not the sum of six: rounding alone would make a spread of these.
  const std::vector<Cell> equal(7, Float(0.1));
  std::vector<Cell> unlike;
  for (int i = 0; i < 7; ++i) unlike.push_back(Float(i * i));
  for (const uint32_t num_ranges : {1, 2, 3}) {
    EXPECT_THAT(ValuesOf(unlike, equal, num_ranges), ElementsAre("-", "-", "-"));
    EXPECT_THAT(ValuesOf(equal, unlike, num_ranges), ElementsAre("-", "0", "1"));
  }
}

TEST(RegressionAggregateTest, NanAndInfinityGiveNan) {
  for (const double special : {kNan, kInfinity}) {
    for (const uint32_t num_ranges : {1, 3}) {
      EXPECT_THAT(ValuesOf({Float(1), Float(special), Float(2)}, {Float(1), Float(2), Float(4)},
                           num_ranges),
                  ElementsAre("NaN", "NaN", "NaN"));
    }
  }
}

TEST(RegressionAggregateTest, RangesAreAddedAsAWhole_Rule4) {
  std::vector<Cell> y;
  std::vector<Cell> x;
  for (int i = 0; i < 64; ++i) {
    x.push_back(Float(i));
    y.push_back(Float(i % 2 == 0 ? 3 * i : 3 * i + 0.5));
  }
  const auto whole = ValuesOf(y, x);
  for (const uint32_t num_ranges : {2, 4, 8}) {
    const auto merged = ValuesOf(y, x, num_ranges);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(std::stod(merged[i]), std::stod(whole[i]), 1e-14) << i;
    }
  }
}

TEST(RegressionAggregateTest, RangesOfLargeValuesThatHardlyDifferKeepTheirDigits) {  // (rule 4)
  std::vector<Cell> y;
  std::vector<Cell> x;
  for (int i = 0; i < 30; ++i) {
    x.push_back(Float(-2147483647.0 - (i * i % 7 % 2)));
    y.push_back(Float(i % 5));
  }
  const auto whole = ValuesOf(y, x);
  const auto merged = ValuesOf(y, x, 10);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(std::stod(merged[i]), std::stod(whole[i]), 1e-13) << i;
  }
}

TEST(RegressionAggregateTest, FiniteValuesThatOverflowAreAnError) {
  const auto table =
      TableOf({{"y", DataType::Of(TypeKind::kFloat64), {Float(1e200), Float(-1e200)}},
               {"x", DataType::Of(TypeKind::kFloat64), {Float(1), Float(2)}}});
  for (const uint32_t num_ranges : {1, 2}) {
    EXPECT_EQ(TryRunAggregate(AggregateOf(*table, AggregateKind::kCorr, "y", "x"), *table,
                              {.num_ranges = num_ranges})
                  .status()
                  .code(),
              absl::StatusCode::kOutOfRange);
  }
}

TEST(RegressionAggregateTest, IntegersDecimalsAndDurationsAreNumbers) {
  const auto table = TableOf(
      {{"n", DataType::Of(TypeKind::kInt32), {Int(1), Int(2), Int(3)}},
       {"d", DataType::Decimal(9, 2), {Decimal(50), Decimal(100), Decimal(150)}},
       {"w", DataType::Decimal(30, 1), {Decimal(20), Decimal(40), Decimal(60)}},
       {"t", DataType::Of(TypeKind::kDuration), {Int(500'000), Int(1'000'000), Int(1'500'000)}}});
  const auto slope = [&](const char* y, const char* x) {
    return RunAggregate(AggregateOf(*table, AggregateKind::kRegrSlope, y, x), *table)[0];
  };
  EXPECT_EQ(slope("n", "d"), "2");
  EXPECT_EQ(slope("n", "w"), "0.5");
  EXPECT_EQ(slope("n", "t"), "2");
}

}  // namespace
}  // namespace sextant
