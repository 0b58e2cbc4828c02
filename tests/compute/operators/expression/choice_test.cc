#include <gmock/gmock.h>

#include <limits>

#include "tests/compute/operators/expression/expression_of.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using Op = ExpressionOp;

std::shared_ptr<const Table> Rows() {
  return TableOf({{"a", kIntType, {Int(0), Int(2), Null(), Int(-3)}},
                  {"b", kIntType, {Int(7), Null(), Null(), Int(4)}},
                  {"t", kTextType, {Text("x"), Null(), Text(""), Text("y")}}},
                 {.chunk_rows = 3});
}

BoundExpression SixOver(const Table& table, std::string_view column) {
  return ApplyOf(Op::kDivide, kIntType,
                 {ConstantOf(kIntType, int64_t{6}), ColumnOf(table, column)});
}

TEST(ChoiceTest, CaseTakesTheFirstConditionThatIsTrue) {
  const auto table = Rows();
  const auto positive = InRange(ColumnOf(*table, "a"), 1, 100);
  const auto any = InRange(ColumnOf(*table, "a"), -100, 100);
  EXPECT_THAT(
      TextsOf(*table, ChoiceOf(Op::kCase, kTextType, {positive, any},
                               {ConstantOf("more"), ConstantOf("less"), ConstantOf("none")})),
      ElementsAre("less", "more", "none", "less"));
}

TEST(ChoiceTest, CaseWithoutElseIsNull) {
  const auto table = Rows();
  EXPECT_THAT(TextsOf(*table, ChoiceOf(Op::kCase, kIntType, {InRange(ColumnOf(*table, "a"), 2, 2)},
                                       {ColumnOf(*table, "a")})),
              ElementsAre("NULL", "2", "NULL", "NULL"));
}

TEST(ChoiceTest, ABranchThatIsNotTakenCannotFail) {  // (rule 5)
  const auto table = Rows();
  const auto not_zero = InRange(ColumnOf(*table, "a"), 0, 0, true);
  EXPECT_THAT(TextsOf(*table, ChoiceOf(Op::kCase, kIntType, {not_zero},
                                       {SixOver(*table, "a"), ConstantOf(kIntType, int64_t{-1})})),
              ElementsAre("-1", "3", "-1", "-2"));
}

TEST(ChoiceTest, AConditionMayHoldAnExpressionWithAConditionOfItsOwn) {
  const auto table = Rows();
  BoundExpression nested = ColumnOf(*table, "a");
  for (int64_t depth = 0; depth < 40; ++depth) {
    const auto is_depth = InRange(std::move(nested), depth, depth);
    nested = ChoiceOf(Op::kCase, kIntType, {is_depth},
                      {ConstantOf(kIntType, depth + 1), ConstantOf(kIntType, int64_t{-1})});
  }
  EXPECT_THAT(TextsOf(*table, nested), ElementsAre("40", "-1", "-1", "-1"));
}

TEST(ChoiceTest, CoalesceHidesAFailureThatAnotherValueReplaces) {  // (rule 5)
  const auto table = Rows();
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kCoalesce, kIntType,
                                      {SixOver(*table, "a"), ColumnOf(*table, "b")})),
              ElementsAre("7", "3", "NULL", "-2"));
  EXPECT_THAT(
      TextsOf(*table, ApplyOf(Op::kCoalesce, kIntType, {SixOver(*table, "a"), NullOf(kIntType)})),
      ElementsAre("FAILED", "3", "NULL", "-2"));
}

TEST(ChoiceTest, CoalesceOfTextsOutlivesItsArguments) {
  const auto table = Rows();
  const BoundExpression upper = ApplyOf(Op::kUpper, kTextType, {ColumnOf(*table, "t")});
  const BoundExpression shown = CastOf(kTextType, ColumnOf(*table, "a"));
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kCoalesce, kTextType, {upper, shown})),
              ElementsAre("X", "2", "", "Y"));
}

TEST(ChoiceTest, GreatestAndLeastSkipNulls) {
  const auto table = Rows();
  const std::vector<BoundExpression> both = {ColumnOf(*table, "a"), ColumnOf(*table, "b")};
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kGreatest, kIntType, both)),
              ElementsAre("7", "2", "NULL", "4"));
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kLeast, kIntType, both)),
              ElementsAre("0", "2", "NULL", "-3"));
}

TEST(ChoiceTest, NaNIsGreatestAndOfEqualZerosTheFirstStays) {  // (rule 8)
  const auto table =
      TableOf({{"a", kFloatType, {Float(std::numeric_limits<double>::quiet_NaN()), Float(0)}},
               {"b", kFloatType, {Float(std::numeric_limits<double>::infinity()), Float(-0.0)}}});
  const std::vector<BoundExpression> both = {ColumnOf(*table, "a"), ColumnOf(*table, "b")};
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kGreatest, kFloatType, both)), ElementsAre("nan", "0"));
  EXPECT_THAT(TextsOf(*table, ApplyOf(Op::kLeast, kFloatType, both)), ElementsAre("inf", "0"));
}

TEST(ChoiceTest, AConditionIsAValueThatMayBeNull) {
  const auto table = Rows();
  const auto is_positive = InRange(ColumnOf(*table, "a"), 1, 100);
  const auto is_not = InRange(ColumnOf(*table, "a"), 1, 100, true);
  EXPECT_THAT(TextsOf(*table, ChoiceOf(Op::kCondition, kBoolType, {is_positive, is_not}, {})),
              ElementsAre("0", "1", "NULL", "0"));
}

}  // namespace
}  // namespace sextant
