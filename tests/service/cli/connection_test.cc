#include "service/cli/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sextant {
namespace {

using ::testing::HasSubstr;

TEST(CheckTenantTest, PrintableAsciiIsAllowed) {
  for (const char* tenant : {"", "42", "acme corp", "5f0c0000-0000-4000-8000-000000000002", "~"}) {
    EXPECT_TRUE(CheckTenant(tenant).ok()) << tenant;
  }
}

TEST(CheckTenantTest, WhatMetadataCannotCarryIsRefused) {
  for (const char* tenant : {"\xc3\xa9", "a\nb", "a\tb", " a", "a ", "\x7f"}) {
    EXPECT_THAT(std::string(CheckTenant(tenant).message()), HasSubstr("printable ASCII")) << tenant;
  }
}

TEST(CheckTenantTest, ALongOneIsRefused) {
  EXPECT_TRUE(CheckTenant(std::string(256, 'a')).ok());
  EXPECT_THAT(std::string(CheckTenant(std::string(257, 'a')).message()),
              HasSubstr("found 257 bytes"));
}

}  // namespace
}  // namespace sextant
