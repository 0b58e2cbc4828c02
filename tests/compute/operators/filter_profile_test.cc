#include "compute/operators/filter_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/operators/filter.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::SizeIs;

BoundPredicate AtLeast(ColumnIndex column, int64_t least) {
  BoundValue value;
  value.column = column;
  value.type = DataType::Of(TypeKind::kInt64);
  return {IntegerRangeLeaf{value, least, 100}};
}

/// Four rows; a: 1 2 3 4, b: 4 3 2 1.
FilterProfile ProfileOf(const BoundPredicate& predicate) {
  const auto table =
      TableOf({{"a", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(3), Int(4)}},
               {"b", DataType::Of(TypeKind::kInt64), {Int(4), Int(3), Int(2), Int(1)}}});
  const auto filter = Filter::Create(predicate, *table, TestBudget());
  EXPECT_TRUE(filter.ok()) << filter.status();
  auto scratch = filter->MakeScratch(TestBudget());
  FilterProfile profile(filter->num_conditions());
  scratch->profile = &profile;
  uint64_t rows = 0b1111;
  filter->Narrow(table->chunk(0), {&rows, 0, 1}, *scratch);
  EXPECT_EQ(scratch->profile, &profile);
  return profile;
}

TEST(FilterProfileTest, EachConditionOfAnAndIsNotedInItsPlace) {
  const FilterProfile profile = ProfileOf({AndNode{{AtLeast(0, 2), AtLeast(1, 2)}}});
  ASSERT_THAT(profile, SizeIs(2));
  EXPECT_EQ(profile[0].rows_in, 4u);
  EXPECT_EQ(profile[0].rows_out, 3u);
  EXPECT_EQ(profile[1].rows_in, 3u);
  EXPECT_EQ(profile[1].rows_out, 2u);
}

TEST(FilterProfileTest, WhatIsFoundWithoutTestsGoesFirst) {
  // `a` is sorted, `b` is not: the narrower condition on `b` waits.
  const FilterProfile profile = ProfileOf({AndNode{{AtLeast(1, 4), AtLeast(0, 2)}}});
  EXPECT_EQ(profile[1].rows_in, 4u);
  EXPECT_EQ(profile[0].rows_in, 3u);
}

TEST(FilterProfileTest, WhatBoundsDecideIsNotedToo) {
  const FilterProfile profile = ProfileOf(AtLeast(0, 1));
  EXPECT_EQ(profile[0].rows_in, 4u);
  EXPECT_EQ(profile[0].rows_out, 4u);
  EXPECT_DOUBLE_EQ(profile[0].rows_estimated, 4);
}

TEST(FilterProfileTest, ADisjunctionIsOneCondition) {
  const FilterProfile profile = ProfileOf({OrNode{{AtLeast(0, 4), AtLeast(1, 4)}}});
  ASSERT_THAT(profile, SizeIs(1));
  EXPECT_EQ(profile[0].rows_in, 4u);
  EXPECT_EQ(profile[0].rows_out, 2u);
}

TEST(FilterProfileTest, ConditionsAfterTheLastRowSeeNone) {
  const FilterProfile profile = ProfileOf({AndNode{{AtLeast(0, 4), AtLeast(1, 4), AtLeast(1, 2)}}});
  EXPECT_EQ(profile[1].rows_out, 0u);
  EXPECT_EQ(profile[2].rows_in, 0u);
}

TEST(FilterProfileTest, WhatIsFoundWithoutATestOfRowsIsByIndex) {
  const FilterProfile profile = ProfileOf({AndNode{{AtLeast(0, 2), AtLeast(1, 2), AtLeast(0, 0)}}});
  EXPECT_EQ(profile[0].chunks, 1u);
  EXPECT_EQ(profile[0].chunks_by_index, 1u) << "`a` is sorted";
  EXPECT_EQ(profile[1].chunks, 1u);
  EXPECT_EQ(profile[1].chunks_by_index, 0u) << "`b` is tested";
  EXPECT_EQ(profile[2].chunks_by_index, 1u) << "its bounds decide";
}

TEST(FilterProfileTest, ADisjunctionIsByIndexWhereAllOfItIs) {
  EXPECT_EQ(ProfileOf({OrNode{{AtLeast(0, 4), AtLeast(1, 4)}}})[0].chunks_by_index, 0u);
  EXPECT_EQ(ProfileOf({OrNode{{AtLeast(0, 4), AtLeast(0, 3)}}})[0].chunks_by_index, 1u);
}

TEST(FilterProfileTest, AConditionIsEstimatedFromTheBoundsOfTheColumn) {
  const FilterProfile profile = ProfileOf(AtLeast(0, 3));
  EXPECT_DOUBLE_EQ(profile[0].rows_estimated, 2);
}

TEST(FilterProfileTest, ConditionsAreEstimatedAsIndependent) {
  const FilterProfile profile = ProfileOf({AndNode{{AtLeast(0, 3), AtLeast(1, 4)}}});
  EXPECT_DOUBLE_EQ(profile[0].rows_estimated, 2);
  EXPECT_DOUBLE_EQ(profile[1].rows_estimated, 0.5);
}

}  // namespace
}  // namespace sextant
