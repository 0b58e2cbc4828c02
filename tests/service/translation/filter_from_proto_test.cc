#include "service/translation/filter_from_proto.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <limits>

#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

v1::Filter FilterOf(const std::string& text) {
  v1::Filter filter;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &filter)) << text;
  return filter;
}

Predicate Read(const v1::Filter& filter) {
  absl::StatusOr<Predicate> predicate = FilterFromProto(filter, "filter", {});
  EXPECT_TRUE(predicate.ok()) << predicate.status();
  return predicate.ok() ? *std::move(predicate) : Predicate();
}

Predicate Read(const std::string& text) { return Read(FilterOf(text)); }

/// The field that an error names.
std::string RefusedField(const v1::Filter& filter) {
  const auto predicate = FilterFromProto(filter, "filter", {});
  EXPECT_EQ(predicate.status().code(), absl::StatusCode::kInvalidArgument) << predicate.status();
  const auto detail = DetailOf(predicate.status());
  return detail.has_value() ? detail->field : "";
}

std::string RefusedField(const std::string& text) { return RefusedField(FilterOf(text)); }

TEST(FilterFromProtoTest, AComparisonHasItsOperatorAndConstant) {
  const Predicate node = Read(
      "comparison {operand {column: 'lines'} operator: OPERATOR_LESS_OR_EQUAL"
      " value {int_value: -3}}");
  EXPECT_EQ(node.kind, Predicate::Kind::kCompare);
  EXPECT_EQ(node.value.name, "lines");
  EXPECT_EQ(node.op, CompareOp::kLessOrEqual);
  EXPECT_EQ(node.literals.at(0).kind, Literal::Kind::kInteger);
  EXPECT_EQ(node.literals.at(0).text, "-3");
  EXPECT_EQ(node.field, "filter.comparison");
}

TEST(FilterFromProtoTest, AnOperandMayBeADifferenceOfColumns) {
  const Predicate node = Read("is_null {column: 'released_at' minus_column: 'created_at'}");
  EXPECT_EQ(node.value.arguments.at(0).name, "released_at");
  EXPECT_EQ(node.value.arguments.at(1).name, "created_at");
}

std::string FloatText(double value) {
  v1::Filter filter;
  filter.mutable_comparison()->mutable_operand()->set_column("x");
  filter.mutable_comparison()->set_operator_(v1::Comparison::OPERATOR_EQUAL);
  filter.mutable_comparison()->mutable_value()->set_float_value(value);
  return Read(filter).literals.at(0).text;
}

TEST(FilterFromProtoTest, AFloatIsTheShortestTextThatReadsBack) {
  EXPECT_EQ(FloatText(0.1), "0.1");
  EXPECT_EQ(FloatText(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(FloatText(std::numeric_limits<double>::infinity()), "Infinity");
  EXPECT_EQ(FloatText(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(FloatText(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(FilterFromProtoTest, BooleansAndStringsAreLiterals) {
  const std::string prefix = "comparison {operand {column: 'x'} operator: OPERATOR_EQUAL value {";
  EXPECT_EQ(Read(prefix + "bool_value: false}}").literals.at(0).text, "false");
  const Predicate node = Read(prefix + "string_value: \"it's\"}}");
  EXPECT_EQ(node.literals.at(0).kind, Literal::Kind::kString);
  EXPECT_EQ(node.literals.at(0).text, "it's");
}

TEST(FilterFromProtoTest, ARangeIsHalfOpenUnlessToldOtherwise) {
  const Predicate node =
      Read("range {operand {column: 'x'} low {int_value: 1} high {int_value: 5}}");
  EXPECT_TRUE(node.lower_inclusive);
  EXPECT_FALSE(node.upper_inclusive);
  const Predicate turned = Read(
      "range {operand {column: 'x'} low {int_value: 1} low_exclusive: true high_inclusive: true}");
  EXPECT_FALSE(turned.lower_inclusive);
  EXPECT_FALSE(turned.upper.has_value());
}

TEST(FilterFromProtoTest, IsNotNullIsANegatedNullTest) {
  const Predicate node = Read("is_not_null {column: 'x'}");
  EXPECT_EQ(node.kind, Predicate::Kind::kNot);
  EXPECT_EQ(node.children.at(0).kind, Predicate::Kind::kIsNull);
}

TEST(FilterFromProtoTest, AListMatchHasItsQuantifierAndValues) {
  const Predicate node =
      Read("list_match {column: 'labels' quantifier: QUANTIFIER_ALL values {strings: ['a', 'b']}}");
  EXPECT_EQ(node.kind, Predicate::Kind::kList);
  EXPECT_EQ(node.list_match, ListMatch::kAllOf);
  EXPECT_EQ(node.literals.size(), 2u);
}

TEST(FilterFromProtoTest, ANodeKnowsItsPath) {
  const Predicate node =
      Read("any_of {filters {is_null {column: 'x'}} filters {negation {is_null {column: 'y'}}}}");
  EXPECT_EQ(node.kind, Predicate::Kind::kOr);
  EXPECT_EQ(node.children.at(1).children.at(0).field, "filter.any_of.filters[1].negation.is_null");
}

TEST(FilterFromProtoTest, AnEmptyInListIsAllowed) {
  EXPECT_TRUE(Read("in_list {operand {column: 'x'} values {}}").literals.empty());
}

v1::Filter InList(int size) {
  v1::Filter filter;
  filter.mutable_in_list()->mutable_operand()->set_column("x");
  for (int i = 0; i < size; ++i) filter.mutable_in_list()->mutable_values()->add_ints(i);
  return filter;
}

TEST(FilterFromProtoTest, AListOfAHundredThousandValuesIsAllowedAndOneMoreIsNot) {
  EXPECT_EQ(Read(InList(100'000)).literals.size(), 100'000u);
  EXPECT_EQ(RefusedField(InList(100'001)), "filter.in_list.values");
}

v1::Filter Nested(int depth) {
  v1::Filter filter;
  v1::Filter* node = &filter;
  for (int i = 1; i < depth; ++i) node = node->mutable_negation();
  node->mutable_is_null()->set_column("x");
  return filter;
}

TEST(FilterFromProtoTest, ADepthOf32IsAllowedAndOneMoreIsNot) {
  EXPECT_EQ(Read(Nested(32)).kind, Predicate::Kind::kNot);
  EXPECT_THAT(RefusedField(Nested(33)), HasSubstr("filter.negation"));
}

v1::Filter Conjunction(int nodes) {
  v1::Filter filter;
  for (int i = 1; i < nodes; ++i) {
    filter.mutable_all_of()->add_filters()->mutable_is_null()->set_column("x");
  }
  return filter;
}

TEST(FilterFromProtoTest, AThousandAnd24NodesAreAllowedAndOneMoreIsNot) {
  EXPECT_EQ(Read(Conjunction(1024)).children.size(), 1023u);
  EXPECT_EQ(RefusedField(Conjunction(1025)), "filter.all_of.filters[1023]");
}

TEST(FilterFromProtoTest, AnEmptyFilterIsRefused) { EXPECT_EQ(RefusedField(""), "filter"); }

TEST(FilterFromProtoTest, AComparisonWithoutColumnIsRefused) {
  EXPECT_EQ(RefusedField("comparison {operator: OPERATOR_LESS value {int_value: 1}}"),
            "filter.comparison.operand.column");
}

TEST(FilterFromProtoTest, AComparisonWithoutOperatorIsRefused) {
  EXPECT_EQ(RefusedField("comparison {operand {column: 'x'} value {int_value: 1}}"),
            "filter.comparison.operator");
}

TEST(FilterFromProtoTest, AComparisonWithoutValueIsRefused) {
  EXPECT_EQ(RefusedField("comparison {operand {column: 'x'} operator: OPERATOR_LESS}"),
            "filter.comparison.value");
}

TEST(FilterFromProtoTest, ARangeWithoutBoundsIsRefused) {
  EXPECT_EQ(RefusedField("range {operand {column: 'x'}}"), "filter.range");
}

TEST(FilterFromProtoTest, AListOfSeveralKindsIsRefused) {
  EXPECT_EQ(RefusedField("in_list {operand {column: 'x'} values {ints: 1 strings: 'a'}}"),
            "filter.in_list.values");
}

TEST(FilterFromProtoTest, AConjunctionOfNothingIsRefused) {
  EXPECT_EQ(RefusedField("all_of {}"), "filter.all_of.filters");
}

TEST(FilterFromProtoTest, AListMatchWithoutQuantifierIsRefused) {
  EXPECT_EQ(RefusedField("list_match {column: 'x' values {strings: 'a'}}"),
            "filter.list_match.quantifier");
}

TEST(FilterFromProtoTest, LinkedRowsHaveAFilterOfTheirOwn) {
  const Predicate exists = Read("exists_in {link: 'issue' filter {is_null {column: 'x'}}}");
  EXPECT_EQ(exists.kind, Predicate::Kind::kExists);
  EXPECT_EQ(exists.link, "issue");
  ASSERT_EQ(exists.children.size(), 1u);
  EXPECT_EQ(exists.children[0].field, "filter.exists_in.filter.is_null");
  const Predicate none = Read("none_in {link: 'issue'}");
  EXPECT_EQ(none.kind, Predicate::Kind::kNot);
  EXPECT_THAT(none.children[0].children, ::testing::IsEmpty());
}

TEST(FilterFromProtoTest, LinkedRowsWithoutALinkAreRefused) {
  EXPECT_EQ(RefusedField("exists_in {}"), "filter.exists_in.link");
  EXPECT_EQ(RefusedField("none_in {link: 'a' filter {}}"), "filter.none_in.filter");
}

}  // namespace
}  // namespace sextant
