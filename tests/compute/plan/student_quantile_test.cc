#include "compute/plan/student_quantile.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

constexpr double kRelative = 2e-15;

TEST(StudentQuantileTest, IsThatOfTables) {
  struct Known {
    uint64_t degrees;
    double level;
    double quantile;
  };
  // By mpmath with 40 digits, of the levels as float64.
  constexpr Known kKnown[] = {
      {1, 0.8, 3.077683537175254},         {2, 0.8, 1.885618083164127},
      {3, 0.8, 1.6377443536962104},        {4, 0.95, 2.7764451051977934},
      {9, 0.8, 1.3830287383966324},        {30, 0.999, 3.6459586350420214},
      {199, 0.8, 1.285820209259409},       {5, 0.01, 0.013171984672646882},
      {2, 0.999999, 999.9992499854659},    {99'999, 0.8, 1.2815600315340216},
      {100'000, 0.95, 1.9599877075346093},
  };
  for (const Known& known : kKnown) {
    EXPECT_NEAR(StudentQuantile(known.degrees, known.level), known.quantile,
                kRelative * known.quantile)
        << known.degrees << " degrees, level " << known.level;
  }
}

TEST(StudentQuantileTest, ComesTogetherWhereTheExpansionTakesOver) {
  const double before = StudentQuantile(99'999, 0.999);
  const double after = StudentQuantile(100'000, 0.999);
  EXPECT_LT(after, before);
  EXPECT_NEAR(after, before, 1e-9);
}

TEST(StudentQuantileTest, IsTheSameWhereItIsKnown) {
  for (int round = 0; round < 2; ++round) {
    for (uint64_t degrees = 1; degrees < 3000; degrees += 7) {
      ASSERT_EQ(KnownStudentQuantile(degrees, 0.8), StudentQuantile(degrees, 0.8));
      ASSERT_EQ(KnownStudentQuantile(degrees, 0.95), StudentQuantile(degrees, 0.95));
    }
  }
}

TEST(NormalQuantileTest, IsThatOfTables) {
  EXPECT_NEAR(NormalQuantile(0.5), 0.6744897501960817, 1e-15);
  EXPECT_NEAR(NormalQuantile(0.8), 1.2815515655446006, 2e-15);
  EXPECT_NEAR(NormalQuantile(0.95), 1.9599639845400539, 2e-15);
  EXPECT_NEAR(NormalQuantile(0.999999999), 6.109410209383449, 6e-15);
}

}  // namespace
}  // namespace sextant
