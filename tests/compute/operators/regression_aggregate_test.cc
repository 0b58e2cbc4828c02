#include <gmock/gmock.h>

#include <limits>
#include <random>

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

/// corr, regr_slope and regr_r2 of columns, one text per cell and kind.
std::vector<std::string> ValuesOf(const Table& table, std::string_view y, std::string_view x,
                                  const RunAggregateOptions& options) {
  std::vector<std::string> values;
  for (const AggregateKind kind :
       {AggregateKind::kCorr, AggregateKind::kRegrSlope, AggregateKind::kRegrR2}) {
    for (std::string& value : RunAggregate(AggregateOf(table, kind, y, x), table, options)) {
      values.push_back(std::move(value));
    }
  }
  return values;
}

/// Integers, and the same as floats, which go pair by pair.
TEST(RegressionAggregateTest, IntegersNearOneAnotherAreAsTheirFloats_Rule3) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const DataType integer = DataType::Of(TypeKind::kInt64);
  const DataType floating = DataType::Of(TypeKind::kFloat64);
  for (const int64_t span : {1, 20, 70'000}) {
    for (const uint32_t num_cells : {1u, 5u, 1500u}) {
      ColumnCells x{"x", integer, {}};
      ColumnCells y{"y", integer, {}};
      ColumnCells float_x{"float_x", floating, {}};
      ColumnCells float_y{"float_y", floating, {}};
      RunAggregateOptions options = {.num_cells = num_cells, .num_ranges = 3};
      for (int row = 0; row < 6000; ++row) {
        const int64_t of_x = static_cast<int64_t>(random() % static_cast<uint64_t>(span)) - 40;
        const int64_t of_y = of_x / 2 + static_cast<int64_t>(random() % 9);
        const uint64_t draw = random();
        x.cells.push_back(draw % 3 == 0 ? Null() : Int(of_x));
        float_x.cells.push_back(draw % 3 == 0 ? Null() : Float(static_cast<double>(of_x)));
        y.cells.push_back(draw % 5 == 0 ? Null() : Int(of_y));
        float_y.cells.push_back(draw % 5 == 0 ? Null() : Float(static_cast<double>(of_y)));
        options.cells.push_back(static_cast<uint32_t>(random() % num_cells));
      }
      const auto table = TableOf({x, y, float_x, float_y}, {.chunk_rows = 1000});
      const auto exact = ValuesOf(*table, "y", "x", options);
      const auto general = ValuesOf(*table, "float_y", "float_x", options);
      for (size_t i = 0; i < exact.size(); ++i) {
        ASSERT_EQ(exact[i] == "-", general[i] == "-") << i << ' ' << exact[i] << ' ' << general[i];
        if (exact[i] == "-") continue;
        EXPECT_NEAR(std::stod(exact[i]), std::stod(general[i]), 1e-11) << i;
      }
    }
  }
}

TEST(RegressionAggregateTest, IntegersOfALineAreExact_Rule3) {
  const DataType integer = DataType::Of(TypeKind::kInt64);
  ColumnCells y{"y", integer, {}};
  ColumnCells x{"x", integer, {}};
  for (int64_t row = 0; row < 100; ++row) {
    x.cells.push_back(Int(row * row));
    y.cells.push_back(Int(1'000'000'000 - 3 * row * row));
  }
  const auto table = TableOf({y, x}, {.chunk_rows = 7});
  EXPECT_THAT(ValuesOf(*table, "y", "x", {.num_ranges = 3}), ElementsAre("-1", "-3", "1"));
}

TEST(RegressionAggregateTest, IntegersFarApartGoPairByPair_Rule3) {
  const DataType integer = DataType::Of(TypeKind::kInt64);
  const int64_t far = int64_t{1} << 40;
  const auto table = TableOf({{"y", integer, {Int(0), Int(far), Int(2 * far)}},
                              {"x", integer, {Int(-far), Int(0), Int(far)}}});
  EXPECT_THAT(ValuesOf(*table, "y", "x", {}), ElementsAre("1", "1", "1"));
}

TEST(RegressionAggregateTest, EqualIntegersHaveNoSpread) {
  const DataType integer = DataType::Of(TypeKind::kInt64);
  const auto table =
      TableOf({{"y", integer, {Int(5), Int(5), Null()}}, {"x", integer, {Int(1), Int(2), Int(3)}}});
  EXPECT_THAT(ValuesOf(*table, "y", "x", {}), ElementsAre("-", "0", "1"));
  EXPECT_THAT(ValuesOf(*table, "x", "y", {}), ElementsAre("-", "-", "-"));
}

}  // namespace
}  // namespace sextant
