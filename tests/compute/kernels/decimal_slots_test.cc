#include "compute/kernels/decimal_slots.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "compute/column/float_digits.h"

namespace sextant {
namespace {

class DecimalSlotsTest : public ::testing::Test {
 protected:
  DecimalSlotsTest() { RecordProperty("seed", std::to_string(seed_)); }

  std::vector<double> RandomDecimals(size_t count, double power) {
    std::vector<double> values(count);
    for (double& value : values) {
      value = (static_cast<double>(random_() % 4'000'000) - 2'000'000) / power;
    }
    return values;
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
};

TEST_F(DecimalSlotsTest, OffsetsAreDecimalsAboveTheLeast) {
  for (size_t count = 0; count < 70; ++count) {
    const double power = kPowersOfDigits[count % kPowersOfDigits.size()];
    const std::vector<double> values = RandomDecimals(count, power);
    std::vector<uint32_t> offsets(count);
    ReadDecimalOffsets(values, {power, -2'000'000}, offsets.data());
    for (size_t k = 0; k < count; ++k) {
      ASSERT_EQ(offsets[k], DecimalOf(values[k], power) + 2'000'000) << "seed " << seed_;
    }
  }
}

TEST_F(DecimalSlotsTest, AddendsGoWhereTheirFieldIs) {
  for (size_t count = 0; count < 70; ++count) {
    const double power = kPowersOfDigits[count % kPowersOfDigits.size()];
    const std::vector<double> values = RandomDecimals(count, power);
    for (const bool begins : {false, true}) {
      const WordPart part = {static_cast<uint32_t>(random_() % 64), begins, random_()};
      std::vector<uint64_t> before(count);
      for (uint64_t& word : before) word = random_();
      std::vector<uint64_t> addends = before;
      AddDecimalsTo(values, power, part, addends.data());
      for (size_t k = 0; k < count; ++k) {
        const auto decimal = static_cast<uint64_t>(DecimalOf(values[k], power));
        ASSERT_EQ(addends[k], (begins ? part.constant : before[k]) + (decimal << part.shift))
            << "seed " << seed_;
      }
    }
  }
}

}  // namespace
}  // namespace sextant
