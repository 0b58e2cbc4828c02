#include "service/verification/array_text.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

TEST(ArrayTextTest, WhatIsWrittenIsRead) {
  for (const ArrayElements& elements :
       {ArrayElements{}, ArrayElements{"a"}, ArrayElements{std::nullopt, "NULL", "null", ""},
        ArrayElements{"a,b", "{", "}", "\"", "\\", " ", "\t", "a b"}, ArrayElements{"\xc3\xa9"}}) {
    EXPECT_EQ(ParseArrayText(ArrayText(elements)), elements) << ArrayText(elements);
  }
}

TEST(ArrayTextTest, ItIsTheTextOfPostgreSql) {
  EXPECT_EQ(ArrayText({"a", std::nullopt, "b c", "null", ""}), "{a,NULL,\"b c\",\"null\",\"\"}");
  EXPECT_EQ(ArrayText({}), "{}");
}

TEST(ArrayTextTest, WhatIsNoArrayOfOneDimensionIsRefused) {
  for (const char* text : {"", "{", "}", "a", "{a", "{a,}", "{,a}", "{a}b", "{{a},{b}}",
                           "[0:1]={a,b}", "{\"a}", "{\"a\"b}", "{a b}", "{\"\\"}) {
    EXPECT_FALSE(ParseArrayText(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace sextant
