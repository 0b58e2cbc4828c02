#include "compute/plan/binder/literal_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

std::string Scaled(std::string_view text, int scale) {
  const auto decimal = ParseScaledDecimal(text, scale);
  if (!decimal) return "none";
  return absl::StrCat(static_cast<int64_t>(decimal->floor), decimal->exact ? "" : "+");
}

TEST(LiteralTextTest, Rule2DecimalsAreScaledExactly) {
  EXPECT_EQ(Scaled("12.34", 2), "1234");
  EXPECT_EQ(Scaled("12.34", 4), "123400");
  EXPECT_EQ(Scaled("-12.34", 2), "-1234");
  EXPECT_EQ(Scaled("1e2", 1), "1000");
  EXPECT_EQ(Scaled("1.5E-1", 2), "15");
  EXPECT_EQ(Scaled(".5", 1), "5");
  EXPECT_EQ(Scaled("5.", 0), "5");
  EXPECT_EQ(Scaled("+0.0", 0), "0");
  EXPECT_EQ(Scaled("000100", 0), "100");
}

TEST(LiteralTextTest, Rule2WhatIsCutOffIsKnownAndTheFloorIsBelow) {
  EXPECT_EQ(Scaled("12.345", 2), "1234+");
  EXPECT_EQ(Scaled("-12.345", 2), "-1235+");
  EXPECT_EQ(Scaled("0.001", 2), "0+");
  EXPECT_EQ(Scaled("-0.001", 2), "-1+");
  EXPECT_EQ(Scaled("1e-9999", 2), "0+");
  EXPECT_EQ(Scaled("12.340", 2), "1234");
}

TEST(LiteralTextTest, DecimalsBeyondEveryColumnSaturate) {
  int128_t limit = 1;
  for (int digit = 0; digit < 38; ++digit) limit *= 10;
  EXPECT_TRUE(ParseScaledDecimal("1e9999", 0)->floor == limit);
  EXPECT_TRUE(ParseScaledDecimal("-1e9999", 0)->floor == -limit);
  EXPECT_TRUE(ParseScaledDecimal(std::string(38, '9'), 0)->floor == limit - 1);
  EXPECT_TRUE(ParseScaledDecimal(std::string(16'000, '9'), 38)->floor == limit);
}

TEST(LiteralTextTest, RefusesWhatIsNoDecimal) {
  for (const char* text : {"", "-", ".", "1e", "e5", "1.2.3", "1 2", "0x10", "NaN", "1e1000000000",
                           "1,5", "--1", "1-"}) {
    EXPECT_EQ(Scaled(text, 0), "none") << text;
  }
}

TEST(LiteralTextTest, ReadsFloats) {
  EXPECT_EQ(ParseDouble("0.1"), 0.1);
  EXPECT_EQ(ParseFloat("0.1"), double{0.1f});
  EXPECT_EQ(ParseDouble("-Infinity"), -INFINITY);
  EXPECT_TRUE(std::isnan(*ParseDouble("NaN")));
  for (const char* text : {"", "x", "1e400", "-1e400", "1.5x", "1 2"}) {
    EXPECT_EQ(ParseDouble(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseFloat("1e39"), std::nullopt);
}

TEST(LiteralTextTest, ReadsBooleans) {
  for (const char* text : {"t", "tr", "true", "TRUE", " yes ", "y", "on", "1"}) {
    EXPECT_EQ(ParseBool(text), true) << text;
  }
  for (const char* text : {"f", "false", "no", "n", "off", "of", "0"}) {
    EXPECT_EQ(ParseBool(text), false) << text;
  }
  for (const char* text : {"", "o", "2", "truee", "10"}) {
    EXPECT_EQ(ParseBool(text), std::nullopt) << text;
  }
}

TEST(LiteralTextTest, Rule8ReadsUuids) {
  const auto plain = ParseUuid("a0eebc999c0b4ef8bb6d6bb9bd380a11");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(ParseUuid("{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}"), plain);
  EXPECT_EQ(ParseUuid("a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11"), plain);
  EXPECT_EQ(ParseUuid(" a0eebc999c0b4ef8bb6d6bb9bd380a11"), std::nullopt);
  for (const char* text :
       {"", "a0eebc99", "{a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc999c0b4ef8bb6d6bb9bd380a1g",
        "a0eebc999c0b4ef8bb6d6bb9bd380a1100", "a-0eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11-"}) {
    EXPECT_EQ(ParseUuid(text), std::nullopt) << text;
  }
}

TEST(LiteralTextTest, ReadsBytes) {
  EXPECT_EQ(ParseBytes("\\x4142"), "AB");
  EXPECT_EQ(ParseBytes("A\\\\B\\101"), "A\\BA");
  EXPECT_EQ(ParseBytes(""), "");
  for (const char* text : {"\\x4", "\\xgg", "\\", "\\9", "\\400", "\\08"}) {
    EXPECT_EQ(ParseBytes(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sextant
