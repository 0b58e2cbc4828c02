#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <random>

#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr uint32_t kSeed = 31;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

std::shared_ptr<const Table> TableOfX(TypeKind kind, std::vector<Cell> cells) {
  return TableOf({{"x", DataType::Of(kind), std::move(cells)}}, {.chunk_rows = 3});
}

/// The same from one range of rows and from several.
std::string ValueOf(AggregateKind kind, const Table& table) {
  const BoundAggregate aggregate = AggregateOf(table, kind, "x");
  const std::string value = RunAggregate(aggregate, table)[0];
  EXPECT_EQ(RunAggregate(aggregate, table, {.num_ranges = 3})[0], value);
  return value;
}
std::string Min(const Table& table) { return ValueOf(AggregateKind::kMin, table); }
std::string Max(const Table& table) { return ValueOf(AggregateKind::kMax, table); }

TEST(ExtremeAggregateTest, NanIsTheGreatestFloat_Rule8) {
  const auto table =
      TableOfX(TypeKind::kFloat64, {Float(kNan), Float(kInfinity), Float(-3), Null()});
  EXPECT_EQ(Min(*table), "-3");
  EXPECT_EQ(Max(*table), "NaN");
}

TEST(ExtremeAggregateTest, TheLeastOfNothingButNanIsNan) {
  const auto table = TableOfX(TypeKind::kFloat64, {Float(kNan), Null(), Float(-kNan)});
  EXPECT_EQ(Min(*table), "NaN");
}

TEST(ExtremeAggregateTest, InfinitiesAreFloatsAsOthers) {
  const auto table = TableOfX(TypeKind::kFloat64, {Float(-kInfinity), Float(kInfinity), Float(0)});
  EXPECT_EQ(Min(*table), "-inf");
  EXPECT_EQ(Max(*table), "inf");
}

TEST(ExtremeAggregateTest, FloatsThatAreDecimalsAreThemselves) {
  const auto table = TableOf(
      {{"x", DataType::Of(TypeKind::kFloat64), {Float(19.99), Null(), Float(-0.01), Float(0.07)}}});
  EXPECT_EQ(RunAggregate(AggregateOf(*table, AggregateKind::kMin, "x"), *table)[0], "-0.01");
  EXPECT_EQ(RunAggregate(AggregateOf(*table, AggregateKind::kMax, "x"), *table)[0], "19.99");
}

TEST(ExtremeAggregateTest, IntegersReachTheirLimits) {
  const auto table = TableOfX(TypeKind::kInt64, {Int(kMost), Int(0), Int(kLeast), Null()});
  EXPECT_EQ(Min(*table), std::to_string(kLeast));
  EXPECT_EQ(Max(*table), std::to_string(kMost));
}

TEST(ExtremeAggregateTest, NearIntegersMayLieAtTheLimits) {
  const auto high =
      TableOfX(TypeKind::kInt64, {Null(), Int(kMost - 5), Int(kMost), Int(kMost - 2)});
  EXPECT_EQ(Min(*high), std::to_string(kMost - 5));
  EXPECT_EQ(Max(*high), std::to_string(kMost));
  const auto low = TableOfX(TypeKind::kInt64, {Int(kLeast + 5), Null(), Int(kLeast)});
  EXPECT_EQ(Min(*low), std::to_string(kLeast));
  EXPECT_EQ(Max(*low), std::to_string(kLeast + 5));
}

TEST(ExtremeAggregateTest, IntegersAsFarApartAs32BitsReachAreRight) {
  for (const int64_t span :
       {(int64_t{1} << 32) - 3, (int64_t{1} << 32) - 2, (int64_t{1} << 32) - 1, int64_t{1} << 32}) {
    const auto table = TableOfX(TypeKind::kInt64, {Int(-9), Int(span - 9), Null()});
    EXPECT_EQ(Min(*table), "-9");
    EXPECT_EQ(Max(*table), std::to_string(span - 9));
  }
}

TEST(ExtremeAggregateTest, WithoutASampleThereIsNoValue) {
  const auto table = TableOfX(TypeKind::kInt64, {Null(), Null()});
  EXPECT_EQ(Min(*table), "-");
  EXPECT_EQ(Max(*table), "-");
}

TEST(ExtremeAggregateTest, EachCellHasTheExtremesOfItsSamples) {
  std::mt19937_64 random(kSeed);
  constexpr uint32_t kCells = 40;
  std::vector<Cell> cells;
  std::vector<uint32_t> cell_of;
  std::vector<std::optional<int64_t>> least(kCells);
  std::vector<std::optional<int64_t>> greatest(kCells);
  for (int row = 0; row < 3000; ++row) {
    const auto cell = static_cast<uint32_t>(random() % kCells);
    const auto value = static_cast<int64_t>(random() % 100'000) - 50'000;
    const bool is_null = random() % 4 == 0;
    cell_of.push_back(cell);
    cells.push_back(is_null ? Null() : Int(value));
    if (is_null) continue;
    least[cell] = std::min(least[cell].value_or(value), value);
    greatest[cell] = std::max(greatest[cell].value_or(value), value);
  }
  const auto table = TableOf({{"x", DataType::Of(TypeKind::kInt64), cells}}, {.chunk_rows = 500});
  for (const uint32_t num_ranges : {1, 4}) {
    const RunAggregateOptions options = {
        .cells = cell_of, .num_cells = kCells, .num_ranges = num_ranges};
    const auto min = RunAggregate(AggregateOf(*table, AggregateKind::kMin, "x"), *table, options);
    const auto max = RunAggregate(AggregateOf(*table, AggregateKind::kMax, "x"), *table, options);
    for (uint32_t cell = 0; cell < kCells; ++cell) {
      EXPECT_EQ(min[cell], least[cell] ? std::to_string(*least[cell]) : "-") << "seed " << kSeed;
      EXPECT_EQ(max[cell], greatest[cell] ? std::to_string(*greatest[cell]) : "-");
    }
  }
}

}  // namespace
}  // namespace sextant
