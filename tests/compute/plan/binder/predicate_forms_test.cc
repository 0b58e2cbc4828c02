#include "compute/plan/binder/predicate_forms.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sextant {
namespace {

BoundPredicate Constant(ConstantLeaf::Value value) { return LeafPredicate(ConstantLeaf{value}); }
BoundPredicate True() { return Constant(ConstantLeaf::Value::kTrue); }
BoundPredicate False() { return Constant(ConstantLeaf::Value::kFalse); }
BoundPredicate Null() { return Constant(ConstantLeaf::Value::kNull); }

/// Decided by no constant.
BoundPredicate Open() {
  BoundValue value;
  value.type = DataType::Of(TypeKind::kBool);
  return LeafPredicate(NullLeaf{std::move(value)});
}

TEST(PredicateFormsTest, OneFalseDecidesAConjunction) {
  EXPECT_EQ(ToString(Conjunction(Open(), False())), ToString(False()));
  EXPECT_EQ(ToString(Conjunction(Null(), False())), ToString(False()));
}

TEST(PredicateFormsTest, OneTrueDecidesADisjunction) {
  EXPECT_EQ(ToString(Disjunction({Open(), True()})), ToString(True()));
  EXPECT_EQ(ToString(Disjunction({Null(), True()})), ToString(True()));
}

TEST(PredicateFormsTest, TheOtherTruthValueDoesNotCount) {
  EXPECT_EQ(ToString(Conjunction(Open(), True())), ToString(Open()));
  EXPECT_EQ(ToString(Disjunction({False(), Open()})), ToString(Open()));
  EXPECT_EQ(ToString(Conjunction(True(), True())), ToString(True()));
  EXPECT_EQ(ToString(Disjunction({False(), False()})), ToString(False()));
}

TEST(PredicateFormsTest, ANullDecidesNothing) {
  EXPECT_EQ(ToString(Conjunction(Open(), Null())),
            "and(" + ToString(Open()) + ", " + ToString(Null()) + ")");
}

TEST(PredicateFormsTest, NegationSwapsWhatDecides) {
  EXPECT_EQ(ToString(Negation(Disjunction({Open(), True()}))), ToString(False()));
}

}  // namespace
}  // namespace sextant
