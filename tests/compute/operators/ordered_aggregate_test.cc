#include <gmock/gmock.h>

#include <limits>

#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

const DataType kInt64 = DataType::Of(TypeKind::kInt64);
const DataType kFloat64 = DataType::Of(TypeKind::kFloat64);
const DataType kText = DataType::Of(TypeKind::kText);

std::shared_ptr<const Table> TableOfX(DataType type, std::vector<Cell> cells,
                                      std::vector<std::string> labels = {}) {
  return TableOf({{"x", type, std::move(cells), std::move(labels)}}, {.chunk_rows = 7});
}

/// The same from one range of rows and from several.
std::string ValueOf(AggregateKind kind, const Table& table, double fraction = 0) {
  BoundAggregate aggregate = AggregateOf(table, kind, "x");
  aggregate.fraction = fraction;
  const std::string value = RunAggregate(aggregate, table)[0];
  for (const uint32_t num_ranges : {2, 3}) {
    EXPECT_EQ(RunAggregate(aggregate, table, {.num_ranges = num_ranges})[0], value) << num_ranges;
  }
  return value;
}

std::string Continuous(const Table& table, double fraction) {
  return ValueOf(AggregateKind::kPercentileCont, table, fraction);
}

std::string Discrete(const Table& table, double fraction) {
  return ValueOf(AggregateKind::kPercentileDisc, table, fraction);
}

std::string Mode(const Table& table) { return ValueOf(AggregateKind::kMode, table); }

TEST(OrderedAggregateTest, ThePercentileLiesBetweenTwoSamples_Rule9) {
  const auto table = TableOfX(kInt64, {Int(10), Null(), Int(40), Int(20), Int(30)});
  EXPECT_EQ(Continuous(*table, 0), "10");
  EXPECT_EQ(Continuous(*table, 0.5), "25");
  EXPECT_EQ(Continuous(*table, 0.9), "37");
  EXPECT_EQ(Continuous(*table, 1), "40");
}

TEST(OrderedAggregateTest, ThePercentileIsLowPlusTheFractionOfTheDifference_Rule9) {
  // Not 0.7 * 0.1 + 0.3 * 0.9, which is 0.34.
  const auto table = TableOfX(kFloat64, {Float(0.1), Float(0.9)});
  EXPECT_EQ(Continuous(*table, 0.3), "0.33999999999999997");
}

TEST(OrderedAggregateTest, TheMedianOfOneSampleIsIt) {
  EXPECT_EQ(Continuous(*TableOfX(kFloat64, {Float(2.5)}), 0.5), "2.5");
}

TEST(OrderedAggregateTest, NoSampleHasNoPercentileAndNoMode) {
  const auto table = TableOfX(kFloat64, {Null(), Null()});
  EXPECT_EQ(Continuous(*table, 0.5), "-");
  EXPECT_EQ(Discrete(*table, 0.5), "-");
  EXPECT_EQ(Mode(*table), "-");
}

TEST(OrderedAggregateTest, NanIsTheGreatestSample_Rule8) {
  const auto table =
      TableOfX(kFloat64, {Float(kNan), Float(1), Float(kInfinity), Float(-kInfinity), Float(2)});
  EXPECT_EQ(Discrete(*table, 0), "-inf");
  EXPECT_EQ(Continuous(*table, 0.5), "2");
  EXPECT_EQ(Discrete(*table, 0.8), "inf");
  EXPECT_EQ(Continuous(*table, 1), "NaN");
  EXPECT_EQ(Continuous(*table, 0.9), "NaN");
}

TEST(OrderedAggregateTest, BetweenTheInfinitiesThereIsNan) {
  const auto table = TableOfX(kFloat64, {Float(-kInfinity), Float(kInfinity)});
  EXPECT_EQ(Continuous(*table, 0.5), "NaN");
}

TEST(OrderedAggregateTest, TheGreatestIntegersAreOrderedExactly) {
  const auto table = TableOfX(kInt64, {Int(kMax), Int(kMax - 1), Int(kMax - 2)});
  EXPECT_EQ(Discrete(*table, 0.5), "9223372036854775806");
}

TEST(OrderedAggregateTest, ThePercentileOfDurationsIsInSeconds) {
  const auto table = TableOfX(DataType::Of(TypeKind::kDuration), {Int(1'500'000), Int(500'000)});
  EXPECT_EQ(Continuous(*table, 0.5), "1");
  EXPECT_EQ(Discrete(*table, 0.5), "0.5");
  EXPECT_EQ(Mode(*table), "0.5");
}

TEST(OrderedAggregateTest, ThePercentileOfDecimalsOfAnyWidthIsAFloat) {
  EXPECT_EQ(Continuous(*TableOfX(DataType::Decimal(9, 2), {Decimal(150), Decimal(225)}), 0.5),
            "1.875");
  const auto wide = TableOfX(DataType::Decimal(38, 1), {Decimal(-15), Null(), Decimal(20)});
  EXPECT_EQ(Continuous(*wide, 0.5), "0.25");
  EXPECT_EQ(Discrete(*wide, 0.5), "-15");
}

TEST(OrderedAggregateTest, TheDiscretePercentileIsASampleOfRankCeil) {
  const auto table = TableOfX(kInt64, {Int(4), Int(1), Int(3), Int(2)});
  EXPECT_EQ(Discrete(*table, 0), "1");
  EXPECT_EQ(Discrete(*table, 0.25), "1");
  EXPECT_EQ(Discrete(*table, 0.26), "2");
  EXPECT_EQ(Discrete(*table, 0.5), "2");
  EXPECT_EQ(Discrete(*table, 1), "4");
}

TEST(OrderedAggregateTest, TextIsOrderedByBytes_Rule7) {
  const auto table = TableOfX(kText, {Text("b"), Text("\xC3\xA4"), Text("B"), Null(), Text("a")});
  EXPECT_EQ(Discrete(*table, 0), "B");
  EXPECT_EQ(Discrete(*table, 0.5), "a");
  EXPECT_EQ(Discrete(*table, 1), "\xC3\xA4");
}

TEST(OrderedAggregateTest, EnumsAreOrderedAsDeclared_Rule8) {
  const auto table = TableOfX(DataType::Of(TypeKind::kEnum),
                              {Text("low"), Text("high"), Text("mid"), Text("mid"), Text("high")},
                              {"low", "mid", "high"});
  EXPECT_EQ(Discrete(*table, 0.4), "mid");
  EXPECT_EQ(Mode(*table), "mid");
}

TEST(OrderedAggregateTest, DatesUuidsAndIntervalsHaveADiscretePercentile) {
  EXPECT_EQ(Discrete(*TableOfX(DataType::Of(TypeKind::kDate), {Int(19000), Int(-5)}), 0.5), "-5");
  const auto uuids = TableOfX(
      DataType::Of(TypeKind::kUuid),
      {Uuid("ffffffff-ffff-ffff-ffff-ffffffffffff"), Uuid("00000000-0000-0000-0000-000000000001")});
  EXPECT_EQ(Discrete(*uuids, 0.5), "00000000-0000-0000-0000-000000000001");
  const auto intervals = TableOfX(DataType::Of(TypeKind::kInterval),
                                  {Interval(1, 0, 0), Interval(0, 29, 0), Interval(0, 31, 0)});
  EXPECT_EQ(Discrete(*intervals, 0.5), "1/0/0");
}

TEST(OrderedAggregateTest, TheModeIsTheSmallestOfTheMostFrequent_Rule9) {
  EXPECT_EQ(
      Mode(*TableOfX(kInt64, {Int(3), Int(7), Int(3), Int(-2), Int(7), Null(), Null(), Null()})),
      "3");
  EXPECT_EQ(Mode(*TableOfX(kText, {Text("b"), Text("a"), Text("c"), Text("c"), Text("b")})), "b");
}

TEST(OrderedAggregateTest, BothZerosAndEveryNanAreOneValueOfTheMode_Rule8) {
  EXPECT_EQ(Mode(*TableOfX(kFloat64, {Float(0.0), Float(1), Float(-0.0), Float(1), Float(0.0)})),
            "0");
  EXPECT_EQ(Mode(*TableOfX(kFloat64, {Float(kNan), Float(1), Float(-kNan)})), "NaN");
}

TEST(OrderedAggregateTest, EachCellHasItsOwnSamples) {
  const auto table = TableOfX(kText, {Text("d"), Text("a"), Text("b"), Text("c"), Text("e")});
  BoundAggregate aggregate = AggregateOf(*table, AggregateKind::kPercentileDisc, "x");
  aggregate.fraction = 1;
  EXPECT_THAT(
      RunAggregate(aggregate, *table, {.cells = {0, 2, 0, 2, 1}, .num_cells = 4, .num_ranges = 3}),
      ElementsAre("d", "e", "c", "-"));
}

TEST(OrderedAggregateTest, SamplesThatDoNotFitInTheBudgetAreRefused) {
  const auto table = TableOfX(kInt64, std::vector<Cell>(10'000, Int(1)));
  for (const char* column : {"x"}) {
    MemoryBudget budget("query", 64 << 10);
    const auto values = TryRunAggregate(AggregateOf(*table, AggregateKind::kPercentileCont, column),
                                        *table, {.budget = &budget});
    EXPECT_EQ(values.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(std::string(values.status().message()), HasSubstr("memory budget 'query'"));
  }
}

TEST(OrderedAggregateTest, TheSecondCopyOfSamplesIsChargedToo) {
  const auto table = TableOfX(kInt64, std::vector<Cell>(10'000, Int(1)));
  MemoryBudget budget("query");
  ASSERT_TRUE(TryRunAggregate(AggregateOf(*table, AggregateKind::kPercentileCont, "x"), *table,
                              {.budget = &budget})
                  .ok());
  EXPECT_GE(budget.peak_bytes(), 10'000u * (4 + 4 + 4));  // cell, key, key in place
}

}  // namespace
}  // namespace sextant
