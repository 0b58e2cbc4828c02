#include "compute/kernels/float_order.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "compute/plan/bound_query.h"

namespace sextant {
namespace {

const double kInfinity = std::numeric_limits<double>::infinity();

TEST(FloatOrderTest, OrdersAsPostgresql) {
  const std::vector<double> ascending = {-kInfinity, -1e300, -1.5,  -1e-310,   0.0,
                                         1e-310,     1.5,    1e300, kInfinity, std::nan("")};
  for (size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(FloatOrderKey(ascending[i - 1]), FloatOrderKey(ascending[i])) << ascending[i];
  }
}

TEST(FloatOrderTest, ZerosAreEqualAndSoAreNans) {
  EXPECT_EQ(FloatOrderKey(0.0), FloatOrderKey(-0.0));
  EXPECT_EQ(FloatOrderKey(std::nan("1")), FloatOrderKey(-std::nan("2")));
}

TEST(FloatOrderTest, IsTheKeyOfThePlan) {
  std::mt19937_64 draws(2);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::bit_cast<double>(draws());
    ASSERT_EQ(FloatOrderKey(value), FloatKey(value)) << value;
  }
  for (const double value : {0.0, -0.0, kInfinity, -kInfinity, std::nan("")}) {
    EXPECT_EQ(FloatOrderKey(value), FloatKey(value)) << value;
  }
}

TEST(FloatOrderTest, AKeyGivesItsValueBack) {
  for (const double value : {-kInfinity, -2.5, 0.0, 1e-310, 7.0, kInfinity}) {
    EXPECT_EQ(FloatOfOrderKey(FloatOrderKey(value)), value);
  }
  EXPECT_TRUE(std::isnan(FloatOfOrderKey(FloatOrderKey(std::nan("")))));
}

}  // namespace
}  // namespace sextant
