#include <gmock/gmock.h>

#include <limits>

#include "compute/operators/excluded_samples.h"
#include "tests/compute/operators/expression/expression_of.h"
#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

std::shared_ptr<const Table> MakeTable() {
  return TableOf(
      {{"word",
        kTextType,
        {Text("b"), Text("C"), Null(), Text("B"), Text("a"), Text("A"), Text("c"), Text("B")}},
       {"n", kIntType, {Int(1), Int(2), Int(3), Int(kMax), Int(-5), Null(), Int(0), Int(6)}},
       {"y",
        kFloatType,
        {Float(1), Float(2), Float(3), Float(4), Null(), Float(6), Float(7), Float(8)}}},
      {.chunk_rows = 3});
}

BoundExpression Lower(const Table& table) {
  return ApplyOf(ExpressionOp::kLower, kTextType, {ColumnOf(table, "word")});
}

/// n * 2: cannot be computed of the greatest integer.
BoundExpression Doubled(const Table& table) {
  return ApplyOf(ExpressionOp::kMultiply, kIntType,
                 {ColumnOf(table, "n"), ConstantOf(kIntType, int64_t{2})});
}

BoundAggregate AggregateOfExpression(AggregateKind kind, BoundExpression expression,
                                     const DataType& result_type) {
  BoundAggregate aggregate;
  aggregate.metric = "m";
  aggregate.kind = kind;
  aggregate.value = ValueOf(std::move(expression));
  aggregate.result_type = result_type;
  return aggregate;
}

/// The same from one range of rows and from several.
std::string ValueIn(const BoundAggregate& aggregate, const Table& table) {
  const std::string value = RunAggregate(aggregate, table)[0];
  for (const uint32_t num_ranges : {2, 3}) {
    EXPECT_EQ(RunAggregate(aggregate, table, {.num_ranges = num_ranges})[0], value) << num_ranges;
  }
  return value;
}

TEST(ExpressionAggregateTest, TheExtremesOfComputedTextGoByBytes_Rule7) {
  const auto table = MakeTable();
  const auto min = AggregateOfExpression(AggregateKind::kMin, Lower(*table), kTextType);
  const auto max = AggregateOfExpression(AggregateKind::kMax, Lower(*table), kTextType);
  EXPECT_EQ(ValueIn(min, *table), "a");
  EXPECT_EQ(ValueIn(max, *table), "c");
  EXPECT_THAT(RunAggregate(max, *table,
                           {.cells = {0, 0, 1, 1, 2, 2, 3, 3}, .num_cells = 5, .num_ranges = 3}),
              ElementsAre("c", "b", "a", "c", "-"));
}

TEST(ExpressionAggregateTest, ComputedTextHasCountsAModeAndADiscretePercentile) {
  const auto table = MakeTable();
  const auto value = [&](AggregateKind kind, const DataType& type, double fraction = 0) {
    BoundAggregate aggregate = AggregateOfExpression(kind, Lower(*table), type);
    aggregate.fraction = fraction;
    return ValueIn(aggregate, *table);
  };
  EXPECT_EQ(value(AggregateKind::kCount, kIntType), "7");
  EXPECT_EQ(value(AggregateKind::kCountDistinct, kIntType), "3");
  EXPECT_EQ(value(AggregateKind::kMode, kTextType), "b");
  EXPECT_EQ(value(AggregateKind::kPercentileDisc, kTextType, 0.9), "c");
}

TEST(ExpressionAggregateTest, NumbersAreComputedForEveryAggregate) {
  const auto table = MakeTable();
  const auto value = [&](AggregateKind kind, const DataType& type) {
    BoundAggregate aggregate = AggregateOfExpression(kind, Doubled(*table), type);
    aggregate.fraction = 0.5;
    return ValueIn(aggregate, *table);
  };
  // Of 2, 4, 6, -10, 0 and 12: one is NULL, one overflows.
  EXPECT_EQ(value(AggregateKind::kCount, kIntType), "6");
  EXPECT_EQ(value(AggregateKind::kSum, kIntType), "14");
  EXPECT_EQ(value(AggregateKind::kMin, kIntType), "-10");
  EXPECT_EQ(value(AggregateKind::kMax, kIntType), "12");
  EXPECT_EQ(value(AggregateKind::kPercentileCont, kFloatType), "3");
  EXPECT_EQ(value(AggregateKind::kPercentileDisc, kIntType), "2");
  EXPECT_EQ(value(AggregateKind::kVarPop, kFloatType), "44.55555555555556");
}

TEST(ExpressionAggregateTest, ConditionsAreOrdAndAnded) {
  const auto table = MakeTable();
  const BoundExpression positive = ChoiceOf(
      ExpressionOp::kCondition, kBoolType,
      {InRange(ColumnOf(*table, "n"), 1, kMax), InRange(ColumnOf(*table, "n"), 1, kMax, true)}, {});
  EXPECT_EQ(ValueIn(AggregateOfExpression(AggregateKind::kBoolOr, positive, kBoolType), *table),
            "1");
  EXPECT_EQ(ValueIn(AggregateOfExpression(AggregateKind::kBoolAnd, positive, kBoolType), *table),
            "0");
}

TEST(ExpressionAggregateTest, PairsOfExpressionsLeaveOutWhatCannotBeComputed) {
  const auto table = MakeTable();
  BoundAggregate aggregate =
      AggregateOfExpression(AggregateKind::kRegrSlope, Doubled(*table), kFloatType);
  aggregate.second = ValueOf(ColumnOf(*table, "n"));
  EXPECT_EQ(ValueIn(aggregate, *table), "2");
}

TEST(ExpressionAggregateTest, TheBestRowsGoByAComputedTextAndShowOne) {
  const auto table = MakeTable();
  BoundAggregate aggregate =
      AggregateOfExpression(AggregateKind::kTopValues,
                            ApplyOf(ExpressionOp::kUpper, kTextType, {ColumnOf(*table, "word")}),
                            DataType::ListOf(kTextType));
  aggregate.second = ValueOf(Lower(*table));
  aggregate.is_list = true;
  aggregate.last = 3;
  EXPECT_EQ(ValueIn(aggregate, *table), "{A,A,B}");
  aggregate.descending = true;
  EXPECT_EQ(ValueIn(aggregate, *table), "{C,C,B}");
}

TEST(ExpressionAggregateTest, TextsThatDoNotFitInTheBudgetAreRefused) {
  std::vector<Cell> words;
  for (int i = 0; i < 5000; ++i) words.push_back(Text("W" + std::to_string(i)));
  const auto table = TableOf({{"word", kTextType, words}});
  MemoryBudget budget("query", 32 << 10);
  EXPECT_EQ(TryRunAggregate(AggregateOfExpression(AggregateKind::kMax, Lower(*table), kTextType),
                            *table, {.budget = &budget})
                .status()
                .code(),
            absl::StatusCode::kResourceExhausted);
}

/// The samples of the first chunk that are excluded; -1 where none can be.
int64_t NumExcluded(const BoundAggregate& aggregate, const Table& table) {
  const auto excluded = ExcludedSamples::Create(aggregate, table, TestBudget());
  EXPECT_TRUE(excluded.ok()) << excluded.status();
  if (!*excluded) return -1;
  std::vector<uint32_t> rows;
  for (uint32_t row = 0; row < table.chunk(0).num_rows(); ++row) rows.push_back(row);
  return static_cast<int64_t>((*excluded)->Count(table.chunk(0), rows));
}

/// y, then n of which two overflow when doubled: one of them where y is NULL.
std::shared_ptr<const Table> TableThatOverflows() {
  return TableOf({{"y", kIntType, {Int(1), Null(), Int(3), Int(4)}},
                  {"n", kIntType, {Int(kMax), Int(kMax), Null(), Int(7)}}});
}

TEST(ExpressionAggregateTest, ASampleThatAFailedStepLeftNullIsExcluded_Rule5) {
  const auto table = TableThatOverflows();
  EXPECT_EQ(
      NumExcluded(AggregateOfExpression(AggregateKind::kSum, Doubled(*table), kIntType), *table),
      2);
  EXPECT_EQ(NumExcluded(AggregateOf(*table, AggregateKind::kSum, "n"), *table), -1);
}

TEST(ExpressionAggregateTest, APairOfWhichOneIsNullAnywayIsNotExcluded_Rule5) {
  const auto table = TableThatOverflows();
  BoundAggregate aggregate = AggregateOf(*table, AggregateKind::kCorr, "y", "y");
  aggregate.second = ValueOf(Doubled(*table));
  EXPECT_EQ(NumExcluded(aggregate, *table), 1);
  std::swap(aggregate.value, aggregate.second);
  EXPECT_EQ(NumExcluded(aggregate, *table), 2);
}

TEST(ExpressionAggregateTest, ARowOfWhichTheOrderKeyCannotBeComputedIsExcluded_Rule5) {
  const auto table = TableThatOverflows();
  BoundAggregate aggregate = AggregateOf(*table, AggregateKind::kTopValues, "y", "y");
  aggregate.second = ValueOf(Doubled(*table));
  EXPECT_EQ(NumExcluded(aggregate, *table), 2);
  std::swap(aggregate.value, aggregate.second);
  EXPECT_EQ(NumExcluded(aggregate, *table), 1);
}

TEST(ExpressionAggregateTest, APatternThatIsNoneIsAnErrorBeforeTheAggregateIsMade) {
  const auto table = MakeTable();
  BoundPredicate pattern;
  PatternLeaf leaf;
  leaf.value = ValueOf(ColumnOf(*table, "word"));
  leaf.pattern = "(";
  leaf.is_like = false;
  pattern.node = leaf;
  const auto aggregate = AggregateOfExpression(
      AggregateKind::kSum,
      ChoiceOf(ExpressionOp::kCase, kIntType, {pattern}, {ConstantOf(kIntType, int64_t{1})}),
      kIntType);
  EXPECT_EQ(ExcludedSamples::Create(aggregate, *table, TestBudget()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sextant
