#include "compute/memory/check.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

TEST(CheckTest, AConditionThatHoldsDoesNothing) {
  int evaluations = 0;
  SEXTANT_CHECK(++evaluations == 1) << "never printed";
  EXPECT_EQ(evaluations, 1);
}

TEST(CheckTest, TextIsNotEvaluatedWhenTheConditionHolds) {
  int evaluations = 0;
  SEXTANT_CHECK(true) << ++evaluations;
  EXPECT_EQ(evaluations, 0);
}

TEST(CheckTest, FitsBetweenIfAndElse) {
  bool reached_else = false;
  if (reached_else)
    SEXTANT_CHECK(false) << "not reached";
  else
    reached_else = true;
  EXPECT_TRUE(reached_else);
}

TEST(CheckDeathTest, AFailureNamesFileLineConditionAndText) {
  const int rows = 3;
  EXPECT_DEATH(SEXTANT_CHECK(rows == 4) << "rows is " << rows,
               "check_test\\.cc:[0-9]+: check failed: rows == 4 rows is 3");
}

TEST(CheckDeathTest, AFailureNeedsNoText) {
  EXPECT_DEATH(SEXTANT_CHECK(1 + 1 == 3), "check failed: 1 \\+ 1 == 3");
}

#ifdef NDEBUG
TEST(CheckTest, DcheckDoesNotEvaluateItsConditionInARelease) {
  int evaluations = 0;
  SEXTANT_DCHECK(++evaluations == 7) << ++evaluations;
  EXPECT_EQ(evaluations, 0);
}
#else
TEST(CheckDeathTest, DcheckIsACheckOutsideARelease) {
  EXPECT_DEATH(SEXTANT_DCHECK(false) << "seen", "check failed: false seen");
}
#endif

}  // namespace
}  // namespace sextant
