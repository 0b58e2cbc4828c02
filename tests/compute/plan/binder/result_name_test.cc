#include "compute/plan/binder/result_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& name) {
  return std::string(CheckResultName(name, "metrics[0].name").message());
}

TEST(ResultNameTest, AnyTextOfOneLineIsAName) {
  for (const char* name : {"n", "lead-time (p90)", "Durée 時間", "a\"b'c", " "}) {
    EXPECT_TRUE(CheckResultName(name, "name").ok()) << name;
  }
  EXPECT_TRUE(CheckResultName(std::string(kMaxResultNameBytes, 'n'), "name").ok());
}

TEST(ResultNameTest, ANameHasBytesButNotTooMany) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("metrics[0].name: a name of 0 bytes; allowed: 1 to 256"));
  EXPECT_THAT(ErrorOf(std::string(kMaxResultNameBytes + 1, 'n')), HasSubstr("of 257 bytes"));
}

TEST(ResultNameTest, ControlCharactersAreRefusedAndToldByNumber) {
  EXPECT_THAT(ErrorOf(std::string(1, '\0')), HasSubstr("the control character 00 (hexadecimal)"));
  EXPECT_THAT(ErrorOf("a\nb"), HasSubstr("0a (hexadecimal) as byte 2"));
  EXPECT_THAT(ErrorOf("\x1b[2J"), HasSubstr("1b"));
  EXPECT_THAT(ErrorOf("a\x7f"), HasSubstr("7f"));
}

}  // namespace
}  // namespace sextant
