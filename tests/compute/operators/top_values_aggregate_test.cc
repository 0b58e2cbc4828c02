#include <gmock/gmock.h>

#include <limits>
#include <utility>

#include "tests/testing/run_aggregate.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Slice [first:last] of x, best y first. The same from one range of rows and from several.
std::string Slice(const Table& table, int64_t first, int64_t last, bool descending = true) {
  BoundAggregate aggregate = AggregateOf(table, AggregateKind::kTopValues, "x", "y");
  aggregate.first = first;
  aggregate.last = last;
  aggregate.is_list = true;
  aggregate.descending = descending;
  aggregate.result_type = DataType::ListOf(aggregate.result_type);
  const std::string value = RunAggregate(aggregate, table)[0];
  for (const uint32_t num_ranges : {2, 3}) {
    EXPECT_EQ(RunAggregate(aggregate, table, {.num_ranges = num_ranges})[0], value) << num_ranges;
  }
  return value;
}

/// Element [at] of x.
std::string Element(const Table& table, int64_t at) {
  BoundAggregate aggregate = AggregateOf(table, AggregateKind::kTopValues, "x", "y");
  aggregate.first = at;
  aggregate.last = at;
  aggregate.descending = true;
  return RunAggregate(aggregate, table)[0];
}

/// x is a text for each y; the key counts down.
std::shared_ptr<const Table> TableOfY(DataType type, std::vector<Cell> y,
                                      std::vector<std::string> labels = {}) {
  std::vector<Cell> x;
  std::vector<Cell> key;
  for (size_t row = 0; row < y.size(); ++row) {
    x.push_back(Text(std::string(1, static_cast<char>('a' + row))));
    key.push_back(Int(static_cast<int64_t>(y.size() - row)));
  }
  return TableOf({{"x", DataType::Of(TypeKind::kText), x},
                  {"y", type, std::move(y), std::move(labels)},
                  {"key", DataType::Of(TypeKind::kInt64), key}},
                 {.chunk_rows = 3, .key = {"key"}});
}

const DataType kInt64 = DataType::Of(TypeKind::kInt64);

TEST(TopValuesAggregateTest, TheBestComeFirst) {
  const auto table = TableOfY(kInt64, {Int(3), Int(9), Int(-4), Int(5)});
  EXPECT_EQ(Slice(*table, 1, 2), "{b,d}");
  EXPECT_EQ(Slice(*table, 1, 2, false), "{c,a}");
}

TEST(TopValuesAggregateTest, ASliceIsCutToWhatIsThere) {
  const auto table = TableOfY(kInt64, {Int(3), Int(9), Int(5)});
  EXPECT_EQ(Slice(*table, 2, 1000000000000), "{c,a}");
  EXPECT_EQ(Slice(*table, -3, 1), "{b}");
  EXPECT_EQ(Slice(*table, 4, 9), "{}");
  EXPECT_EQ(Slice(*table, 3, 2), "{}");
  EXPECT_EQ(Slice(*table, -2, 0), "{}");
}

TEST(TopValuesAggregateTest, AnElementOutsideHasNoValue) {
  const auto table = TableOfY(kInt64, {Int(3), Int(9)});
  EXPECT_EQ(Element(*table, 1), "b");
  EXPECT_EQ(Element(*table, 2), "a");
  EXPECT_EQ(Element(*table, 3), "-");
  EXPECT_EQ(Element(*table, 0), "-");
}

TEST(TopValuesAggregateTest, NullOrderKeysAreSkipped_Rule9) {
  const auto table = TableOfY(kInt64, {Null(), Int(1), Null(), Int(2)});
  EXPECT_EQ(Slice(*table, 1, 9), "{d,b}");
  EXPECT_EQ(Slice(*table, 1, 9, false), "{b,d}");
}

TEST(TopValuesAggregateTest, WithoutAnOrderKeyThereIsNoSample_Rule17) {
  EXPECT_EQ(Slice(*TableOfY(kInt64, {Null(), Null()}), 1, 3), "-");
  EXPECT_EQ(Element(*TableOfY(kInt64, {Null(), Null()}), 1), "-");
}

TEST(TopValuesAggregateTest, TiesGoByTheKeyAscendingInBothDirections_Rule9) {
  const auto table = TableOfY(kInt64, {Int(1), Int(1), Int(2), Int(1), Int(1)});
  EXPECT_EQ(Slice(*table, 1, 3), "{c,e,d}");
  EXPECT_EQ(Slice(*table, 1, 3, false), "{e,d,b}");
}

TEST(TopValuesAggregateTest, AKeyOfSeveralColumnsComparesInTheirOrder_Rule9) {
  const auto table = TableOf(
      {{"x", kInt64, {Int(1), Int(2), Int(3), Int(4)}},
       {"y", kInt64, {Int(0), Int(0), Int(0), Int(0)}},
       {"team", DataType::Of(TypeKind::kText), {Text("b"), Text("a"), Text("b"), Text("a")}},
       {"n", kInt64, {Int(1), Int(9), Int(0), Int(8)}}},
      {.key = {"team", "n"}});
  EXPECT_EQ(Slice(*table, 1, 4), "{4,2,3,1}");
}

TEST(TopValuesAggregateTest, ValuesMayBeNull) {
  const auto table =
      TableOf({{"x", kInt64, {Null(), Int(5), Int(6)}}, {"y", kInt64, {Int(9), Int(1), Int(2)}}});
  EXPECT_EQ(Slice(*table, 1, 2), "{-,6}");
  EXPECT_EQ(Element(*table, 1), "-");
}

TEST(TopValuesAggregateTest, NanIsTheGreatestOrderKey_Rule8) {
  const auto table =
      TableOfY(DataType::Of(TypeKind::kFloat64), {Float(1e308), Float(kNan), Float(-1)});
  EXPECT_EQ(Slice(*table, 1, 3), "{b,a,c}");
  EXPECT_EQ(Slice(*table, 1, 3, false), "{c,a,b}");
}

TEST(TopValuesAggregateTest, TextOrdersByBytes_Rule7) {
  const auto table =
      TableOfY(DataType::Of(TypeKind::kText), {Text("b"), Text("B"), Text("\xC3\xA4"), Text("a")});
  EXPECT_EQ(Slice(*table, 1, 4), "{c,a,d,b}");
}

TEST(TopValuesAggregateTest, BytesThatHaveNoDictionaryOrderLikewise) {
  const auto table =
      TableOfY(DataType::Of(TypeKind::kBytes), {Text("b"), Text("a"), Text("c"), Text("a")});
  EXPECT_EQ(Slice(*table, 1, 4), "{c,a,d,b}");
}

TEST(TopValuesAggregateTest, EnumsOrderAsDeclared_Rule8) {
  const auto table = TableOfY(DataType::Of(TypeKind::kEnum),
                              {Text("mid"), Text("high"), Text("low")}, {"low", "mid", "high"});
  EXPECT_EQ(Slice(*table, 1, 3), "{b,a,c}");
}

TEST(TopValuesAggregateTest, WideDecimalsAndUuidsOrder) {
  EXPECT_EQ(Slice(*TableOfY(DataType::Decimal(38, 0), {Decimal(-5), Decimal(7), Decimal(0)}), 1, 3),
            "{b,c,a}");
  EXPECT_EQ(Slice(*TableOfY(DataType::Of(TypeKind::kUuid),
                            {Uuid("7fffffff-ffff-ffff-ffff-ffffffffffff"),
                             Uuid("80000000-0000-0000-0000-000000000000")}),
                  1, 2),
            "{b,a}");
}

TEST(TopValuesAggregateTest, ValuesOfEveryFormAreShown) {
  const std::vector<Cell> y = {Int(1), Int(2)};
  const auto shown = [&](DataType type, std::vector<Cell> x, std::vector<std::string> labels = {}) {
    return Slice(*TableOf({{"x", type, std::move(x), std::move(labels)}, {"y", kInt64, y}}), 1, 2);
  };
  EXPECT_EQ(shown(DataType::Of(TypeKind::kFloat64), {Float(-0.0), Float(1.5)}), "{1.5,-0}");
  EXPECT_EQ(shown(DataType::Of(TypeKind::kDuration), {Int(1'500'000), Int(-1)}), "{-1e-06,1.5}");
  EXPECT_EQ(shown(DataType::Decimal(30, 2), {Decimal(-7), Decimal(8)}), "{8,-7}");
  EXPECT_EQ(shown(DataType::Of(TypeKind::kEnum), {Text("q"), Text("p")}, {"q", "p"}), "{p,q}");
  EXPECT_EQ(shown(DataType::Of(TypeKind::kBytes), {Text("bytes"), Text("")}), "{,bytes}");
  EXPECT_EQ(shown(DataType::Of(TypeKind::kBool), {Bool(true), Bool(false)}), "{0,1}");
}

TEST(TopValuesAggregateTest, EachCellKeepsItsOwnBest) {
  std::vector<Cell> y;
  for (int64_t row = 0; row < 26; ++row) y.push_back(Int(row * 7 % 26));
  const auto table = TableOfY(kInt64, y);
  BoundAggregate aggregate = AggregateOf(*table, AggregateKind::kTopValues, "x", "y");
  aggregate.last = 2;
  aggregate.is_list = true;
  aggregate.descending = true;
  aggregate.result_type = DataType::ListOf(aggregate.result_type);
  std::vector<uint32_t> cells;
  for (uint32_t row = 0; row < 26; ++row) cells.push_back(row % 3);
  EXPECT_THAT(RunAggregate(aggregate, *table, {.cells = cells, .num_cells = 4, .num_ranges = 5}),
              ElementsAre("{s,d}", "{w,h}", "{l,o}", "-"));
}

/// x is ordered by itself, and by a copy of itself, which takes the rows for it: in any number of
/// cells and ranges, the answers are one.
void ExpectSameByItselfAndByACopy(const DataType& type, const std::vector<Cell>& x,
                                  std::vector<std::string> labels = {}) {
  const auto table = TableOf({{"x", type, x, labels}, {"copy", type, x, labels}});
  std::vector<uint32_t> cells;
  for (uint32_t row = 0; row < x.size(); ++row) cells.push_back(row * 7 % 11);
  for (const bool descending : {false, true}) {
    for (const auto& [first, last] : std::vector<std::pair<int64_t, int64_t>>{
             {1, 1}, {1, 2}, {2, 3}, {-1, 4}, {3, 4}, {4, 9}, {0, 0}, {3, 2}}) {
      for (const bool is_list : {false, true}) {
        BoundAggregate aggregate = AggregateOf(*table, AggregateKind::kTopValues, "x", "x");
        aggregate.first = first;
        aggregate.last = last;
        aggregate.is_list = is_list;
        aggregate.descending = descending;
        if (is_list) aggregate.result_type = DataType::ListOf(aggregate.result_type);
        BoundAggregate by_copy = aggregate;
        by_copy.second = ValueOfColumn(*table, "copy");
        for (const uint32_t num_ranges : {1, 3}) {
          const RunAggregateOptions how = {
              .cells = cells, .num_cells = 12, .num_ranges = num_ranges};
          EXPECT_EQ(RunAggregate(aggregate, *table, how), RunAggregate(by_copy, *table, how))
              << "[" << first << ":" << last << "] descending " << descending;
        }
      }
    }
  }
}

TEST(TopValuesAggregateTest, WhatIsOrderedByItselfIsAnsweredFromItsKeys) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
  std::vector<Cell> few = {Null(), Int(5), Int(-3), Int(5), Null(), Int(0)};
  std::vector<Cell> wide = {Int(kLeast + 1), Int(kGreatest - 1), Int(0), Int(-1)};
  std::vector<Cell> widest = {Int(kLeast), Int(kGreatest), Int(kLeast), Null(), Int(7)};
  std::vector<Cell> positive = {Float(0.5), Float(1e300), Float(5e-324), Null(), Float(2)};
  std::vector<Cell> prices = {Float(0.5), Float(19.99), Float(0.01), Null(), Float(40)};
  std::vector<Cell> negative = {Float(-0.5), Float(-1e300), Float(-2), Null(), Float(-7)};
  std::vector<Cell> zeros = {Float(-0.0), Float(0.0), Float(-1), Float(kNan), Null()};
  std::vector<Cell> names = {Text("mid"), Text("high"), Null(), Text("low"), Text("high")};
  for (std::vector<Cell>* const cells :
       {&few, &wide, &widest, &positive, &prices, &negative, &zeros, &names}) {
    const std::vector<Cell> pattern = *cells;
    while (cells->size() < 100) cells->push_back(pattern[cells->size() * 31 % pattern.size()]);
  }
  ExpectSameByItselfAndByACopy(kInt64, few);
  ExpectSameByItselfAndByACopy(kInt64, wide);
  ExpectSameByItselfAndByACopy(kInt64, widest);
  ExpectSameByItselfAndByACopy(DataType::Of(TypeKind::kDuration), few);
  ExpectSameByItselfAndByACopy(DataType::Decimal(10, 2), few);
  ExpectSameByItselfAndByACopy(DataType::Of(TypeKind::kFloat64), positive);
  ExpectSameByItselfAndByACopy(DataType::Of(TypeKind::kFloat64), prices);
  ExpectSameByItselfAndByACopy(DataType::Of(TypeKind::kFloat64), negative);
  ExpectSameByItselfAndByACopy(DataType::Of(TypeKind::kFloat64), zeros);
  ExpectSameByItselfAndByACopy(DataType::Of(TypeKind::kEnum), names, {"low", "mid", "high"});
  ExpectSameByItselfAndByACopy(DataType::Of(TypeKind::kText), names);
}

TEST(TopValuesAggregateTest, RowsThatDoNotFitInTheBudgetAreRefused) {
  const auto table = TableOf({{"x", kInt64, std::vector<Cell>(10'000, Int(1))},
                              {"y", kInt64, std::vector<Cell>(10'000, Int(1))}});
  BoundAggregate aggregate = AggregateOf(*table, AggregateKind::kTopValues, "x", "y");
  aggregate.last = 1'000'000;
  aggregate.is_list = true;
  aggregate.result_type = DataType::ListOf(aggregate.result_type);
  MemoryBudget budget("query", 64 << 10);
  EXPECT_EQ(TryRunAggregate(aggregate, *table, {.budget = &budget}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant
