#include "compute/column/distinct_counter.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

/// The smallest of so many even draws vary by 6 %: three times that.
constexpr double kTolerance = 0.19;

/// Counts the only column of a table of one chunk.
void AddTo(DistinctCounter& counter, const DataType& type, std::vector<Cell> cells,
           std::vector<std::string> labels = {}) {
  const auto table = TableOf({{"x", type, std::move(cells), std::move(labels)}});
  AddValues(table->chunk(0).column(0), counter);
}

uint64_t CountOf(const DataType& type, std::vector<Cell> cells,
                 std::vector<std::string> labels = {}) {
  DistinctCounter counter;
  AddTo(counter, type, std::move(cells), std::move(labels));
  EXPECT_TRUE(counter.is_exact());
  return counter.count();
}

std::vector<Cell> Integers(int64_t begin, int64_t end) {
  std::vector<Cell> cells;
  for (int64_t value = begin; value < end; ++value) cells.push_back(Int(value));
  return cells;
}

constexpr DataType kInt64 = DataType::Of(TypeKind::kInt64);

TEST(DistinctCounterTest, RepeatsAndNullsDoNotCount) {
  EXPECT_EQ(CountOf(kInt64, {Int(5), Null(), Int(-5), Int(5), Null()}), 2u);
}

TEST(DistinctCounterTest, NullIsNotTheValueOfItsSlot) {
  EXPECT_EQ(CountOf(kInt64, {Null(), Int(7)}), 1u);
  EXPECT_EQ(CountOf(kInt64, {Null(), Null()}), 0u);
}

TEST(DistinctCounterTest, ZeroAndMinusOneAreValues) {
  EXPECT_EQ(CountOf(kInt64, {Int(0), Int(-1), Int(0)}), 2u);
}

TEST(DistinctCounterTest, UpTo256ValuesAreCountedExactlyHoweverOftenTheyCome) {
  std::vector<Cell> cells;
  for (int64_t row = 0; row < 50'000; ++row) cells.push_back(Int(row % 256));
  EXPECT_EQ(CountOf(kInt64, std::move(cells)), 256u);
}

TEST(DistinctCounterTest, OneMoreIsAnEstimateAndSaysSo) {
  DistinctCounter counter;
  AddTo(counter, kInt64, Integers(0, 257));
  EXPECT_FALSE(counter.is_exact());
  EXPECT_THAT(static_cast<double>(counter.count()),
              AllOf(Ge(257 * (1 - kTolerance)), Le(257 * (1 + kTolerance))));
}

TEST(DistinctCounterTest, ManyValuesAreCountedAbout) {
  for (const int64_t number : {1'000, 20'000, 60'000}) {
    DistinctCounter counter;
    AddTo(counter, kInt64, Integers(number, 2 * number));
    EXPECT_THAT(static_cast<double>(counter.count()),
                AllOf(Ge(number * (1 - kTolerance)), Le(number * (1 + kTolerance))));
  }
}

TEST(DistinctCounterTest, PartsAddUpWithoutWhatTheyShare) {
  DistinctCounter counter;
  AddTo(counter, kInt64, Integers(0, 60));
  AddTo(counter, kInt64, Integers(50, 100));
  EXPECT_TRUE(counter.is_exact());
  EXPECT_EQ(counter.count(), 100u);
}

TEST(DistinctCounterTest, APartOfManyValuesMakesTheSumAnEstimateInEitherOrder) {
  DistinctCounter forwards;
  AddTo(forwards, kInt64, Integers(0, 5000));
  AddTo(forwards, kInt64, Integers(0, 10));
  DistinctCounter backwards;
  AddTo(backwards, kInt64, Integers(0, 10));
  AddTo(backwards, kInt64, Integers(0, 5000));
  EXPECT_FALSE(forwards.is_exact());
  EXPECT_EQ(forwards.count(), backwards.count());
}

TEST(DistinctCounterTest, FloatsAreEqualAsPostgresqlHasThem) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto cells = {Float(0.0), Float(-0.0), Float(nan), Float(-nan), Float(0.1)};
  EXPECT_EQ(CountOf(DataType::Of(TypeKind::kFloat64), cells), 3u);
}

TEST(DistinctCounterTest, IntervalsAreEqualAsPostgresqlHasThem) {
  const auto cells = {Interval(1, 0, 0), Interval(0, 30, 0), Interval(0, 31, 0)};
  EXPECT_EQ(CountOf(DataType::Of(TypeKind::kInterval), cells), 2u);
}

TEST(DistinctCounterTest, OfAListTheElementsCount) {
  const auto cells = {List({Int(1), Int(2)}), Null(), List({}), List({Int(2), Null()})};
  EXPECT_EQ(CountOf(DataType::ListOf(TypeKind::kInt64), cells), 2u);
}

TEST(DistinctCounterTest, OfAnEnumTheLabelsThatRowsHaveCount) {
  EXPECT_EQ(CountOf(DataType::Of(TypeKind::kEnum), {Text("b"), Text("b"), Text("c")},
                    {"a", "b", "c", "d"}),
            2u);
}

TEST(DistinctCounterTest, TextWithoutADictionaryIsCountedAndTextWithOneIsNot) {
  std::vector<Cell> names;
  for (int row = 0; row < 100; ++row) names.push_back(Text(absl::StrCat("name ", row)));
  EXPECT_EQ(CountOf(DataType::Of(TypeKind::kText), std::move(names)), 100u);
  const auto coded = TableOf({{"x",
                               DataType::Of(TypeKind::kText),
                               {Text("a"), Text("a"), Text("a"), Text("a"), Text("b")}}});
  ASSERT_EQ(coded->chunk(0).column(0).layout(), Layout::kCode);
  EXPECT_FALSE(HasCountedValues(coded->chunk(0).column(0)));
}

TEST(DistinctCounterTest, JsonHasNoEquality) {
  const auto table = TableOf({{"x", DataType::Of(TypeKind::kJson), {Text("1")}}});
  EXPECT_FALSE(HasCountedValues(table->chunk(0).column(0)));
}

TEST(DistinctCounterTest, AValueThatIsSeenAgainAfterManyOthersDoesNotCountAgain) {
  DistinctCounter counter;
  AddTo(counter, kInt64, Integers(0, 200));
  for (int i = 0; i < 50; ++i) AddTo(counter, kInt64, Integers(0, 200));
  EXPECT_EQ(counter.count(), 200u);
}

TEST(DistinctCounterTest, NothingHasNoValues) { EXPECT_EQ(DistinctCounter().count(), 0u); }

}  // namespace
}  // namespace sextant
