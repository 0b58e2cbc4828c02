#include "compute/operators/filter.h"

#include <gmock/gmock.h>

#include "compute/column/bitmap.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::shared_ptr<const Table> Rows() {
  return TableOf({{"n", DataType::Of(TypeKind::kInt64), {Int(5), Null(), Int(-3), Int(9)}},
                  {"team",
                   DataType::Of(TypeKind::kEnum),
                   {Text("a"), Text("b"), Null(), Text("a")},
                   {"a", "b"}},
                  {"labels",
                   DataType::ListOf(TypeKind::kText),
                   {List({Text("x"), Text("y")}), List({Null()}), Null(), List({})}}});
}

BoundValue ValueOf(ColumnIndex column) {
  BoundValue value;
  value.column = column;
  value.type = Rows()->schema().field(column).type;
  return value;
}

std::vector<uint32_t> KeptOf(const Table& table, const BoundPredicate& predicate) {
  const auto filter = Filter::Create(predicate, table, TestBudget());
  EXPECT_TRUE(filter.ok());
  auto scratch = filter->MakeScratch(TestBudget());
  EXPECT_TRUE(scratch.ok());
  std::vector<uint64_t> words(1, 0b1111);
  filter->Narrow(table.chunk(0), {words.data(), 0, 1}, *scratch);
  std::vector<uint32_t> rows(CountBits(words));
  BitsToIndices(words, rows);
  return rows;
}

std::vector<uint32_t> Kept(const BoundPredicate& predicate) { return KeptOf(*Rows(), predicate); }

BoundPredicate Team(const std::vector<std::string>& texts, bool negated = false) {
  return {TextSetLeaf{ValueOf(1), texts}, negated};
}
BoundPredicate Number(int64_t min, int64_t max, bool negated = false) {
  return {IntegerRangeLeaf{ValueOf(0), min, max}, negated};
}
BoundPredicate Labels(ListMatch match, const std::vector<std::string>& texts,
                      bool negated = false) {
  ListLeaf leaf;
  leaf.value = ValueOf(2);
  leaf.match = match;
  leaf.texts = texts;
  return {leaf, negated};
}

TEST(FilterTest, NullComparedWithConstantIsDropped) {
  EXPECT_THAT(Kept(Number(0, 100)), ElementsAre(0, 3));
}

TEST(FilterTest, ANegatedLeafKeepsTheFalseRowsAndNoNull) {
  EXPECT_THAT(Kept(Number(0, 100, true)), ElementsAre(2));
  EXPECT_THAT(Kept(Team({"a"}, true)), ElementsAre(1));
}

TEST(FilterTest, AnEmptyRangeIsFalseWhereTheValueIsNotNull) {
  EXPECT_THAT(Kept(Number(1, 0)), IsEmpty());
  EXPECT_THAT(Kept(Number(1, 0, true)), ElementsAre(0, 2, 3));
}

TEST(FilterTest, AnEmptySetIsFalseWhereTheValueIsNotNull) {
  EXPECT_THAT(Kept(Team({})), IsEmpty());
  EXPECT_THAT(Kept(Team({}, true)), ElementsAre(0, 1, 3));
}

TEST(FilterTest, IsNullIsNeverNull) {
  EXPECT_THAT(Kept({NullLeaf{ValueOf(1)}}), ElementsAre(2));
  EXPECT_THAT(Kept({NullLeaf{ValueOf(1)}, true}), ElementsAre(0, 1, 3));
}

TEST(FilterTest, OrKeepsTheRowsOfEveryChild) {
  EXPECT_THAT(Kept({OrNode{{Number(-5, 0), Team({"b"})}}}), ElementsAre(1, 2));
}

TEST(FilterTest, OrWithinAndWithinOrHasItsOwnMemory) {
  const BoundPredicate inner = {OrNode{{Number(9, 9), Number(5, 5)}}};
  const BoundPredicate both = {AndNode{{inner, Team({"a"})}}};
  EXPECT_THAT(Kept({OrNode{{both, {NullLeaf{ValueOf(1)}}}}}), ElementsAre(0, 2, 3));
}

TEST(FilterTest, AListHasAnyOfTheValues) {
  EXPECT_THAT(Kept(Labels(ListMatch::kAnyOf, {"x", "z"})), ElementsAre(0));
  EXPECT_THAT(Kept(Labels(ListMatch::kAnyOf, {"x"}, true)), ElementsAre(1, 3));
}

TEST(FilterTest, AListHasAllOfTheValues) {
  EXPECT_THAT(Kept(Labels(ListMatch::kAllOf, {"x", "y"})), ElementsAre(0));
  EXPECT_THAT(Kept(Labels(ListMatch::kAllOf, {"x", "z"})), IsEmpty());
}

TEST(FilterTest, EveryListHasAllOfNothing) {
  EXPECT_THAT(Kept(Labels(ListMatch::kAllOf, {})), ElementsAre(0, 1, 3));
}

TEST(FilterTest, EqualsAnyIsNullWhereANullElementMightMatch) {
  EXPECT_THAT(Kept(Labels(ListMatch::kEqualsAny, {"x"})), ElementsAre(0));
  EXPECT_THAT(Kept(Labels(ListMatch::kEqualsAny, {"x"}, true)), ElementsAre(3));
}

TEST(FilterTest, AnswersAreTheSameWithAnIndex) {
  const auto table = Rows();
  auto index = ValueIndex::Build(table->chunk(0).column(1), TestBudget());
  ASSERT_TRUE(index.ok());
  table->chunk(0).data().SetIndex(1, *std::move(index));
  EXPECT_THAT(KeptOf(*table, Team({"a"}, true)), ElementsAre(1));
  EXPECT_THAT(KeptOf(*table, Team({"a", "b", "z"})), ElementsAre(0, 1, 3));
}

TEST(FilterTest, ZoneMapsProveAChunkEmpty) {
  const auto table = Rows();
  const auto skips = [&](const BoundPredicate& predicate) {
    return Filter::Create(predicate, *table, TestBudget())->Skips(table->chunk(0));
  };
  EXPECT_TRUE(skips(Number(10, 20)));
  EXPECT_FALSE(skips(Number(9, 20)));
  EXPECT_TRUE(skips(Number(-3, 9, true)));
  EXPECT_TRUE(skips({IntegerSetLeaf{ValueOf(0), {-4, 10}}}));
  EXPECT_TRUE(skips(Team({"nobody"})));
  EXPECT_FALSE(skips({NullLeaf{ValueOf(0)}}));
}

}  // namespace
}  // namespace sextant
