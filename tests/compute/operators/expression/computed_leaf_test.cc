#include <gmock/gmock.h>

#include "compute/operators/predicate_step.h"
#include "compute/operators/value_coder.h"
#include "tests/compute/operators/expression/expression_of.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Op = ExpressionOp;

const DataType kListType = DataType::ListOf(TypeKind::kText);

std::shared_ptr<const Table> Rows() {
  return TableOf({{"a", kIntType, {Int(1), Int(2), Null(), Int(4), Null()}},
                  {"b", kIntType, {Int(1), Int(3), Int(3), Null(), Null()}},
                  {"t", kTextType, {Text("Ab"), Text("ab"), Null(), Text("\xc3\x84"), Text("")}},
                  {"w",
                   DataType::Decimal(30, 1),
                   {Decimal(15), Decimal(-15), Null(), Decimal(0), Decimal(25)}},
                  {"l",
                   kListType,
                   {List({Text("x"), Text("y")}), List({Null(), Text("x")}), Null(), List({}),
                    List({Null()})}}},
                 {.chunk_rows = 3});
}

BoundValue Column(const Table& table, std::string_view name) {
  BoundValue value;
  value.column = *table.schema().Find(name);
  value.type = table.schema().field(value.column).type;
  return value;
}

BoundPredicate Compare(const Table& table, CompareOp op, bool negated = false) {
  return {CompareLeaf{Column(table, "a"), Column(table, "b"), op}, negated};
}

TEST(ComputedLeafTest, ColumnsCompareAndNullIsNeither) {
  const auto table = Rows();
  EXPECT_THAT(RowsOf(*table, Compare(*table, CompareOp::kEqual)), ElementsAre(0));
  EXPECT_THAT(RowsOf(*table, Compare(*table, CompareOp::kEqual, true)), ElementsAre(1));
  EXPECT_THAT(RowsOf(*table, Compare(*table, CompareOp::kLess)), ElementsAre(1));
  EXPECT_THAT(RowsOf(*table, Compare(*table, CompareOp::kGreaterOrEqual)), ElementsAre(0));
}

TEST(ComputedLeafTest, DistinctIsNeverNull) {
  const auto table = Rows();
  const DistinctLeaf leaf{Column(*table, "a"), Column(*table, "b")};
  EXPECT_THAT(RowsOf(*table, {leaf}), ElementsAre(1, 2, 3));
  EXPECT_THAT(RowsOf(*table, {leaf, true}), ElementsAre(0, 4));
}

TEST(ComputedLeafTest, IsTrueTakesNullForFalse) {
  const auto table = Rows();
  const BoundPredicate equal = Compare(*table, CompareOp::kEqual);
  EXPECT_THAT(RowsOf(*table, {IsTrueNode{{equal}}}), ElementsAre(0));
  EXPECT_THAT(RowsOf(*table, {IsTrueNode{{equal}}, true}), ElementsAre(1, 2, 3, 4));
  const BoundPredicate nested = {IsTrueNode{{{OrNode{{equal, {IsTrueNode{{equal}}, true}}}}}},
                                 true};
  EXPECT_THAT(RowsOf(*table, nested), IsEmpty());
}

TEST(ComputedLeafTest, RangesAndSetsOfComputedNumbers) {
  const auto table = Rows();
  const BoundExpression sum =
      ApplyOf(Op::kAdd, kIntType, {ColumnOf(*table, "a"), ColumnOf(*table, "b")});
  EXPECT_THAT(RowsOf(*table, InRange(sum, 3, 9)), ElementsAre(1));
  EXPECT_THAT(RowsOf(*table, InRange(sum, 3, 9, true)), ElementsAre(0));
  EXPECT_THAT(RowsOf(*table, {IntegerSetLeaf{ValueOf(sum), {2, 7}}}), ElementsAre(0));
  EXPECT_THAT(RowsOf(*table, {NullLeaf{ValueOf(sum)}}), ElementsAre(2, 3, 4));
  EXPECT_THAT(RowsOf(*table, {NullLeaf{ValueOf(sum)}, true}), ElementsAre(0, 1));
}

TEST(ComputedLeafTest, RangesAndSetsOfComputedDecimals) {
  const auto table = Rows();
  const BoundExpression magnitude =
      ApplyOf(Op::kAbs, DataType::Decimal(38, 1), {ColumnOf(*table, "w")});
  EXPECT_THAT(RowsOf(*table, {WideRangeLeaf{ValueOf(magnitude), 1, 20}}), ElementsAre(0, 1));
  EXPECT_THAT(RowsOf(*table, {WideSetLeaf{ValueOf(magnitude), {0, 25}}, true}), ElementsAre(0, 1));
}

TEST(ComputedLeafTest, RangesSetsAndPatternsOfComputedTexts) {
  const auto table = Rows();
  const BoundValue lower = ValueOf(ApplyOf(Op::kLower, kTextType, {ColumnOf(*table, "t")}));
  EXPECT_THAT(RowsOf(*table, {TextSetLeaf{lower, {"ab"}}}), ElementsAre(0, 1));
  EXPECT_THAT(RowsOf(*table, {TextSetLeaf{lower, {"ab"}}, true}), ElementsAre(3, 4));
  EXPECT_THAT(RowsOf(*table, {TextRangeLeaf{lower, "b", std::nullopt}}), ElementsAre(3));
  PatternLeaf pattern;
  pattern.value = lower;
  pattern.pattern = "_";
  EXPECT_THAT(RowsOf(*table, {pattern}), ElementsAre(3));
}

TEST(ComputedLeafTest, APatternIsTriedOnPlainTexts) {
  const auto table = Rows();
  PatternLeaf pattern;
  pattern.value = Column(*table, "t");
  pattern.pattern = "a%";
  EXPECT_THAT(RowsOf(*table, {pattern}), ElementsAre(1));
  EXPECT_THAT(RowsOf(*table, {pattern, true}), ElementsAre(0, 3, 4));
  pattern.case_insensitive = true;
  EXPECT_THAT(RowsOf(*table, {pattern}), ElementsAre(0, 1));
}

/// Texts that get a dictionary.
std::shared_ptr<const Table> Repeated() {
  return TableOf({{"t",
                   kTextType,
                   {Text("Ab"), Text("ab"), Null(), Text("ab"), Text("Ab"), Text("x"), Text("x"),
                    Text("x")}}});
}

TEST(ComputedLeafTest, APatternIsTriedOncePerEntryOfADictionary) {
  const auto table = Repeated();
  ASSERT_EQ(table->facts(0).layout, Layout::kCode);
  PatternLeaf pattern;
  pattern.value = Column(*table, "t");
  pattern.pattern = "^a";
  pattern.is_like = false;
  EXPECT_THAT(RowsOf(*table, {pattern}), ElementsAre(1, 3));
  EXPECT_THAT(RowsOf(*table, {pattern, true}), ElementsAre(0, 4, 5, 6, 7));
  pattern.case_insensitive = true;
  EXPECT_THAT(RowsOf(*table, {pattern}), ElementsAre(0, 1, 3, 4));
}

TEST(ComputedLeafTest, AConstantComparedWithAnyOrAllElements) {
  const auto table = Rows();
  ListCompareLeaf leaf;
  leaf.value = Column(*table, "l");
  leaf.min_text = "x";
  leaf.max_text = "x";
  EXPECT_THAT(RowsOf(*table, {leaf}), ElementsAre(0, 1));
  EXPECT_THAT(RowsOf(*table, {leaf, true}), ElementsAre(3));
  leaf.is_all = true;
  EXPECT_THAT(RowsOf(*table, {leaf}), ElementsAre(3));
  EXPECT_THAT(RowsOf(*table, {leaf, true}), ElementsAre(0));
  leaf.outside = true;
  EXPECT_THAT(RowsOf(*table, {leaf, true}), ElementsAre(0, 1));
}

TEST(ComputedLeafTest, ListsHaveLengths) {
  const auto table = Rows();
  const std::vector<BoundExpression> list = {ColumnOf(*table, "l")};
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kCardinality, kIntType, list)),
              ElementsAre("2", "2", "NULL", "0", "1"));
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kArrayLength, kIntType, list)),
              ElementsAre("2", "2", "NULL", "NULL", "1"));
}

TEST(ComputedLeafTest, ABadRegularExpressionIsRefused) {
  const auto table = Rows();
  PatternLeaf pattern;
  pattern.value = Column(*table, "t");
  pattern.pattern = "(";
  pattern.is_like = false;
  EXPECT_EQ(CompilePredicate({pattern}, *table, TestBudget()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ComputedLeafTest, ACodeTableIsChargedToTheBudget) {
  const auto table = Repeated();
  PatternLeaf pattern;
  pattern.value = Column(*table, "t");
  pattern.pattern = "a%";
  const BoundExpression choice =
      ChoiceOf(Op::kCase, kIntType, {{pattern}}, {ConstantOf(kIntType, int64_t{1})});
  MemoryBudget budget("tiny", 16);
  EXPECT_EQ(ValueReader::Create(ValueOf(choice), *table, budget).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(ComputedLeafTest, ComputedValuesAreCodedByTheirKey) {
  const auto table = Rows();
  const auto codes_of = [&](BoundExpression expression) {
    const ValueCoder coder = ValueCoder::OfValue(*table, ValueOf(std::move(expression)));
    CodedValues values(TestBudget());
    std::vector<uint32_t> rows(table->chunk(0).num_rows());
    for (uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
    std::vector<uint32_t> codes(rows.size());
    EXPECT_TRUE(coder.Encode(table->chunk(0), rows, values, codes.data()).ok());
    return codes;
  };
  EXPECT_THAT(codes_of(ApplyOf(Op::kLower, kTextType, {ColumnOf(*table, "t")})),
              ElementsAre(1, 1, 0));
  EXPECT_THAT(codes_of(ApplyOf(Op::kAbs, DataType::Decimal(38, 1), {ColumnOf(*table, "w")})),
              ElementsAre(1, 1, 0));
  EXPECT_THAT(codes_of(ApplyOf(Op::kAbs, kIntType, {ColumnOf(*table, "a")})), ElementsAre(1, 2, 0));
}

}  // namespace
}  // namespace sextant
