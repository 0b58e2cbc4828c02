#include "compute/exec/execution_profile.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

StepProfile::Key Condition(size_t index) {
  return {.kind = StepProfile::Kind::kFilter, .index = index};
}

TEST(ExecutionProfileTest, WhatHasTheSameKeyAddsUp) {
  ExecutionProfile profile;
  profile.Add({.key = Condition(1), .rows_in = 4, .rows_out = 3, .rows_estimated = 2.5});
  profile.Add(
      {.key = Condition(1), .rows_in = 2, .rows_out = 1, .rows_estimated = 1, .time_ns = 7});
  const std::vector<StepProfile> steps = profile.steps();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].rows_in, 6u);
  EXPECT_EQ(steps[0].rows_out, 4u);
  EXPECT_DOUBLE_EQ(*steps[0].rows_estimated, 3.5);
  EXPECT_EQ(steps[0].time_ns, 7);
}

TEST(ExecutionProfileTest, WhatNothingWasExpectedOfHasNoEstimate) {
  ExecutionProfile profile;
  profile.Add({.key = {.kind = StepProfile::Kind::kMerge}});
  EXPECT_FALSE(profile.steps()[0].rows_estimated.has_value());
}

TEST(ExecutionProfileTest, ConditionsComeInTheOrderTheyWereRun) {
  ExecutionProfile profile;
  profile.Add({.key = Condition(0), .rows_in = 10});
  profile.Add({.key = Condition(1), .rows_in = 30});
  profile.Add({.key = Condition(2), .rows_in = 30});
  profile.Add({.key = {.kind = StepProfile::Kind::kScan}, .rows_in = 5});
  profile.Add({.key = {.kind = StepProfile::Kind::kAggregate}, .rows_in = 99});
  std::vector<size_t> places;
  for (const StepProfile& step : profile.steps()) {
    if (step.key.kind == StepProfile::Kind::kFilter) places.push_back(step.key.index);
  }
  EXPECT_EQ(places, (std::vector<size_t>{1, 2, 0}));
  EXPECT_EQ(profile.steps().front().key.kind, StepProfile::Kind::kScan);
  EXPECT_EQ(profile.steps().back().key.kind, StepProfile::Kind::kAggregate);
}

}  // namespace
}  // namespace sextant
