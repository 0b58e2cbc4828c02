#include "compute/operators/ordered_leaf.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "compute/operators/filter.h"
#include "tests/testing/random_table.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr uint32_t kNumRows = 20'000;
constexpr int64_t kSpan = 1'000'000;

/// Integers, floats and decimals in no order, each from 0 to kSpan, and texts that are all
/// different.
class OrderedLeafTest : public testing::Test {
 protected:
  void SetUp() override {
    RandomDraws draws(1);
    std::vector<Cell> integers;
    std::vector<Cell> floats;
    std::vector<Cell> decimals;
    std::vector<Cell> texts;
    for (uint32_t row = 0; row < kNumRows; ++row) {
      integers.push_back(draws.OneIn(50) ? Null() : Int(draws.Between(0, kSpan)));
      floats.push_back(Float(static_cast<double>(draws.Between(0, kSpan))));
      decimals.push_back(Decimal(draws.Between(0, kSpan)));
      texts.push_back(Text(absl::StrCat("text ", row * 7 % kNumRows)));
    }
    table_ = TableOf({{"integer", DataType::Of(TypeKind::kInt64), integers},
                      {"float", DataType::Of(TypeKind::kFloat64), floats},
                      {"decimal", DataType::Decimal(30, 0), decimals},
                      {"text", DataType::Of(TypeKind::kText), texts}});
  }

  BoundValue ValueOf(ColumnIndex column) const {
    BoundValue value;
    value.column = column;
    value.type = table_->schema().field(column).type;
    return value;
  }
  BoundPredicate Range(int64_t min, int64_t max, bool negated = false) const {
    return {IntegerRangeLeaf{ValueOf(0), min, max}, negated};
  }
  BoundPredicate FloatRange(double min, double max) const {
    return {IntegerRangeLeaf{ValueOf(1), FloatKey(min), FloatKey(max)}};
  }

  void Order(ColumnIndex column) const {
    const ChunkData& data = table_->chunk(0).data();
    data.SetOrder(column, *OrderByValue(data.column(column), TestBudget()));
  }

  /// Counts what is kept of all rows.
  size_t Keep(const BoundPredicate& predicate) const {
    const auto filter = Filter::Create(predicate, *table_, TestBudget());
    auto scratch = filter->MakeScratch(TestBudget());
    std::vector<uint64_t> words(BitmapWords(kNumRows));
    SetBitRange(words, 0, kNumRows);
    filter->Narrow(table_->chunk(0), {words.data(), 0, static_cast<uint32_t>(words.size())},
                   *scratch);
    return CountBits(words);
  }
  double Estimate(const BoundPredicate& predicate) const {
    return Filter::Create(predicate, *table_, TestBudget())->EstimateKept(table_->chunk(0));
  }
  bool IsWantedAfter(const BoundPredicate& predicate, int times, ColumnIndex column = 0) const {
    for (int i = 0; i < times; ++i) Keep(predicate);
    return table_->order_demand().IsWanted(column);
  }

  std::shared_ptr<const Table> table_;
};

TEST_F(OrderedLeafTest, AnOrderIsWantedOfRangesThatKeepFewRowsOrDropFew) {
  EXPECT_FALSE(IsWantedAfter(Range(100, 1'100), 1));
  EXPECT_TRUE(IsWantedAfter(Range(100, 1'100), 2));
  EXPECT_TRUE(IsWantedAfter(FloatRange(1'000, kSpan), 4, 1));
}

TEST_F(OrderedLeafTest, NoOrderIsWantedOfRangesThatKeepHalf) {
  EXPECT_FALSE(IsWantedAfter(Range(0, kSpan / 2), 10));
  EXPECT_FALSE(IsWantedAfter(Range(0, kSpan / 2, /*negated=*/true), 10));
}

TEST_F(OrderedLeafTest, NoOrderIsWantedOfRangesThatBoundsDecide) {
  EXPECT_FALSE(IsWantedAfter(Range(-5, kSpan + 5), 10));
  EXPECT_FALSE(IsWantedAfter(Range(-5, -1), 10));
}

TEST_F(OrderedLeafTest, NoOrderIsWantedWhereFewRowsAreTested) {
  const BoundPredicate few = {AndNode{{FloatRange(0, 10'000), Range(100, 1'100)}}};
  Order(1);
  EXPECT_FALSE(IsWantedAfter(few, 10));
}

TEST_F(OrderedLeafTest, SetsOfValuesWantAnOrderToo) {
  EXPECT_TRUE(IsWantedAfter({IntegerSetLeaf{ValueOf(0), {5, 70, 900}}}, 3));
  EXPECT_TRUE(IsWantedAfter({WideSetLeaf{ValueOf(2), {5, 70, 900}}}, 3, 2));
  EXPECT_TRUE(IsWantedAfter({TextSetLeaf{ValueOf(3), {"text 1", "text 2"}}}, 3, 3));
}

TEST_F(OrderedLeafTest, NothingIsWantedThatIsThere) {
  Order(0);
  EXPECT_FALSE(IsWantedAfter(Range(100, 1'100), 10));
}

TEST_F(OrderedLeafTest, TheEstimateOfARangeIsExact) {
  Order(0);
  for (const bool negated : {false, true}) {
    for (const int64_t max : {0, 100, 5'000, 600'000, 2'000'000}) {
      const BoundPredicate range = Range(50, max, negated);
      EXPECT_DOUBLE_EQ(Estimate(range) * kNumRows, static_cast<double>(Keep(range)))
          << max << ' ' << negated;
    }
  }
}

TEST_F(OrderedLeafTest, ARangeThatGoesByTheOrderSaysSo) {
  const auto by_index = [this](const BoundPredicate& predicate) {
    const auto filter = Filter::Create(predicate, *table_, TestBudget());
    auto scratch = filter->MakeScratch(TestBudget());
    FilterProfile profile(filter->num_conditions());
    scratch->profile = &profile;
    std::vector<uint64_t> words(BitmapWords(kNumRows));
    SetBitRange(words, 0, kNumRows);
    filter->Narrow(table_->chunk(0), {words.data(), 0, static_cast<uint32_t>(words.size())},
                   *scratch);
    return profile[0].chunks_by_index;
  };
  EXPECT_EQ(by_index(Range(100, 1'100)), 0u);
  Order(0);
  EXPECT_EQ(by_index(Range(100, 1'100)), 1u);
  EXPECT_EQ(by_index(Range(0, kSpan / 2)), 0u) << "a scan costs less";
}

TEST_F(OrderedLeafTest, TheSameRowsAreKeptWithAndWithout) {
  const std::vector<BoundPredicate> predicates = {
      Range(100, 1'100),
      Range(100, 1'100, true),
      Range(1'000, kSpan),
      Range(0, kSpan / 2),
      Range(-5, -1),
      FloatRange(10, 700),
      {IntegerSetLeaf{ValueOf(0), {5, 70, 900, 2'000'000}}},
      {IntegerSetLeaf{ValueOf(0), {}}, true},
      {WideRangeLeaf{ValueOf(2), 100, 9'000}, true},
      {TextSetLeaf{ValueOf(3), {"text 1", "text 2", "text 99999"}}},
      {TextRangeLeaf{ValueOf(3), "text 3", "text 5", false, true}, true},
      {AndNode{{Range(100, 90'000), FloatRange(0, 100'000)}}}};
  std::vector<size_t> kept;
  for (const BoundPredicate& predicate : predicates) kept.push_back(Keep(predicate));
  for (const ColumnIndex column : {0, 1, 2, 3}) Order(column);
  for (size_t i = 0; i < predicates.size(); ++i) {
    EXPECT_EQ(Keep(predicates[i]), kept[i]) << ToString(predicates[i]);
  }
}

}  // namespace
}  // namespace sextant
