#include "storage/postgres/pqxx_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

namespace sextant {
namespace {

using ::testing::HasSubstr;

TEST(PqxxStatusTest, WhatARetryCanCureIsUnavailable) {
  for (const char* const sqlstate : {"08006", "40001", "40P01", "53300", "55P03", "57P01", "57P03",
                                     "57014", "58030", "25006", "25P03"}) {
    EXPECT_TRUE(IsRetriable(StatusFromSqlstate("w", sqlstate, "m"))) << sqlstate;
  }
}

TEST(PqxxStatusTest, WhatSomebodyMustChangeIsFailedPrecondition) {
  for (const char* const sqlstate :
       {"42P01", "42703", "42501", "22012", "22P02", "3D000", "28P01", "0A000"}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(StatusFromSqlstate("w", sqlstate, "m"))) << sqlstate;
  }
}

TEST(PqxxStatusTest, WrongSyntaxIsInvalidArgument) {
  EXPECT_TRUE(absl::IsInvalidArgument(StatusFromSqlstate("w", "42601", "m")));
}

TEST(PqxxStatusTest, TheSqlstateCanBeReadBack) {
  EXPECT_EQ(SqlstateOf(StatusFromSqlstate("w", "40001", "m")), "40001");
}

TEST(PqxxStatusTest, AnErrorWithoutSqlstateIsALostConnection) {
  const absl::Status status = StatusFromSqlstate("w", "", "");
  EXPECT_TRUE(IsRetriable(status));
  EXPECT_EQ(SqlstateOf(status), "08006");
  EXPECT_THAT(std::string(status.message()), HasSubstr("connection was lost"));
}

TEST(PqxxStatusTest, AStatusOfOursHasNoSqlstate) {
  EXPECT_EQ(SqlstateOf(absl::InternalError("x")), "");
}

TEST(PqxxStatusTest, TheMessageIsOneLineWithoutSeverity) {
  const absl::Status status = StatusFromSqlstate("loading t", "42P01", "ERROR:  no\nLINE 1: x\n");
  EXPECT_EQ(status.message(), "loading t: PostgreSQL 42P01: no LINE 1: x");
}

TEST(PqxxStatusTest, AnExceptionOfTheStandardLibraryIsInternal) {
  const absl::Status status = CatchPqxx("w", [] { throw std::runtime_error("odd"); });
  EXPECT_TRUE(absl::IsInternal(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("odd"));
}

TEST(PqxxStatusTest, LackOfMemoryIsResourceExhausted) {
  EXPECT_TRUE(absl::IsResourceExhausted(CatchPqxx("w", [] { throw std::bad_alloc(); })));
}

}  // namespace
}  // namespace sextant
