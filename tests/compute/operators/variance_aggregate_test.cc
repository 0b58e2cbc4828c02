#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

std::shared_ptr<const Table> TableOfX(DataType type, std::vector<Cell> cells) {
  return TableOf({{"x", type, std::move(cells)}}, {.chunk_rows = 7});
}

std::string ValueOf(AggregateKind kind, const Table& table, uint32_t num_ranges = 1) {
  return RunAggregate(AggregateOf(table, kind, "x"), table, {.num_ranges = num_ranges})[0];
}

const DataType kInt64 = DataType::Of(TypeKind::kInt64);
const DataType kFloat64 = DataType::Of(TypeKind::kFloat64);

TEST(VarianceAggregateTest, TheSampleFormsDivideByOneLess) {
  const auto table = TableOfX(kInt64, {Int(1), Null(), Int(2), Int(3), Int(6)});
  EXPECT_EQ(ValueOf(AggregateKind::kVarSamp, *table), "4.666666666666667");
  EXPECT_EQ(ValueOf(AggregateKind::kVarPop, *table), "3.5");
  EXPECT_EQ(ValueOf(AggregateKind::kStddevSamp, *table), "2.160246899469287");
  EXPECT_EQ(ValueOf(AggregateKind::kStddevPop, *table), "1.8708286933869707");
}

TEST(VarianceAggregateTest, OneSampleHasNoSampleVarianceAndNoSpread) {
  const auto integers = TableOfX(kInt64, {Int(5), Null()});
  const auto floats = TableOfX(kFloat64, {Float(5), Null()});
  for (const auto& table : {integers, floats}) {
    EXPECT_EQ(ValueOf(AggregateKind::kVarSamp, *table), "-");
    EXPECT_EQ(ValueOf(AggregateKind::kStddevSamp, *table), "-");
    EXPECT_EQ(ValueOf(AggregateKind::kVarPop, *table), "0");
    EXPECT_EQ(ValueOf(AggregateKind::kStddevPop, *table), "0");
  }
}

TEST(VarianceAggregateTest, NoSampleHasNoValue) {
  const auto table = TableOfX(kInt64, {Null(), Null()});
  EXPECT_EQ(ValueOf(AggregateKind::kVarPop, *table), "-");
  EXPECT_EQ(ValueOf(AggregateKind::kVarPop, *TableOfX(kFloat64, {Null()})), "-");
}

TEST(VarianceAggregateTest, TheGreatestIntegersAreExact) {
  const auto near = TableOfX(kInt64, {Int(kMax), Int(kMax - 2), Int(kMax - 1)});
  EXPECT_EQ(ValueOf(AggregateKind::kVarSamp, *near), "1");
  const auto far = TableOfX(kInt64, {Int(kMax), Int(kMin)});
  EXPECT_EQ(ValueOf(AggregateKind::kVarPop, *far), "8.507059173023462e+37");
  EXPECT_EQ(ValueOf(AggregateKind::kStddevPop, *far), "9223372036854775808");
}

TEST(VarianceAggregateTest, DecimalsOfAnyWidthAreRoundedOnce) {
  const auto narrow = TableOfX(DataType::Decimal(9, 2), {Decimal(10), Decimal(30)});
  EXPECT_EQ(ValueOf(AggregateKind::kVarSamp, *narrow), "0.02");
  int128_t large = 1;
  for (int digit = 0; digit < 36; ++digit) large *= 10;
  const auto wide =
      TableOfX(DataType::Decimal(38, 2), {Decimal(-large + 10), Decimal(-large + 30)});
  EXPECT_EQ(ValueOf(AggregateKind::kVarSamp, *wide), "0.02");
  const auto mixed = TableOfX(DataType::Decimal(38, 0), {Decimal(-large), Decimal(large)});
  EXPECT_EQ(ValueOf(AggregateKind::kStddevPop, *mixed), "1e+36");
}

TEST(VarianceAggregateTest, DurationsAreInSeconds) {
  const auto table = TableOfX(DataType::Of(TypeKind::kDuration), {Int(1'000'000), Int(3'000'000)});
  EXPECT_EQ(ValueOf(AggregateKind::kVarSamp, *table), "2");
  EXPECT_EQ(ValueOf(AggregateKind::kStddevPop, *table), "1");
}

TEST(VarianceAggregateTest, NanAndInfinityGiveNan) {
  for (const double special : {kNan, kInfinity, -kInfinity}) {
    const auto first = TableOfX(kFloat64, {Float(special), Float(1), Float(2)});
    const auto last = TableOfX(kFloat64, {Float(1), Float(2), Float(special)});
    const auto alone = TableOfX(kFloat64, {Float(special)});
    for (const uint32_t num_ranges : {1, 3}) {
      EXPECT_EQ(ValueOf(AggregateKind::kVarSamp, *first, num_ranges), "NaN");
      EXPECT_EQ(ValueOf(AggregateKind::kStddevPop, *last, num_ranges), "NaN");
    }
    EXPECT_EQ(ValueOf(AggregateKind::kVarPop, *alone), "NaN");
    EXPECT_EQ(ValueOf(AggregateKind::kVarSamp, *alone), "-");
  }
}

TEST(VarianceAggregateTest, EqualFloatsHaveNoSpreadHoweverTheyRound) {
  const auto table = TableOfX(kFloat64, std::vector<Cell>(11, Float(0.1)));
  for (const uint32_t num_ranges : {1, 2, 3}) {
    EXPECT_EQ(ValueOf(AggregateKind::kStddevSamp, *table, num_ranges), "0");
  }
}

TEST(VarianceAggregateTest, FiniteFloatsThatOverflowAreAnError) {
  const auto table = TableOfX(kFloat64, {Float(1e200), Float(-1e200)});
  for (const uint32_t num_ranges : {1, 2}) {
    const auto values = TryRunAggregate(AggregateOf(*table, AggregateKind::kVarPop, "x"), *table,
                                        {.num_ranges = num_ranges});
    EXPECT_EQ(values.status().code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(values.status().message(),
              "metric 'm': the variance of a cell does not fit in double precision");
  }
}

TEST(VarianceAggregateTest, ExactMomentsDoNotDependOnRanges_Rule4) {
  std::vector<Cell> cells;
  for (int64_t i = 0; i < 100; ++i)
    cells.push_back(Int(i * 922337203685477 - (i % 3) * (kMax / 4)));
  const auto table = TableOfX(kInt64, cells);
  EXPECT_EQ(ValueOf(AggregateKind::kVarSamp, *table, 7), ValueOf(AggregateKind::kVarSamp, *table));
}

TEST(VarianceAggregateTest, FloatsStayWithinTheirBoundWhateverTheRanges_Rule3) {
  // A small spread about a great mean. |difference| <= 10 n eps kappa variance, kappa being the
  // condition of the variance: sqrt(1 + mean^2 / variance).
  std::vector<Cell> cells;
  std::vector<int64_t> integers;
  for (int64_t i = 0; i < 999; ++i) {
    integers.push_back(1'000'000'000 + (i * 7919) % 101);
    cells.push_back(Float(static_cast<double>(integers.back())));
  }
  const auto table = TableOfX(kFloat64, cells);
  std::vector<Cell> exact_cells;
  for (const int64_t value : integers) exact_cells.push_back(Int(value));
  const auto exact_table = TableOfX(kInt64, exact_cells);
  const double exact = std::stod(ValueOf(AggregateKind::kVarSamp, *exact_table));
  const double kappa = std::sqrt(1 + 1e18 / exact);
  for (const uint32_t num_ranges : {1, 2, 5, 50}) {
    const double value = std::stod(ValueOf(AggregateKind::kVarSamp, *table, num_ranges));
    EXPECT_NEAR(value, exact, 10 * 999 * 2.3e-16 * kappa * exact) << num_ranges;
  }
}

TEST(VarianceAggregateTest, EachCellHasItsOwn) {
  const auto table = TableOfX(kFloat64, {Float(1), Float(5), Float(2), Float(7), Float(3)});
  EXPECT_THAT(RunAggregate(AggregateOf(*table, AggregateKind::kVarSamp, "x"), *table,
                           {.cells = {0, 2, 0, 2, 1}, .num_cells = 4, .num_ranges = 3}),
              ElementsAre("0.5", "-", "2", "-"));
}

}  // namespace
}  // namespace sextant
