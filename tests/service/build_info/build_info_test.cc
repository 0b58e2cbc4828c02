#include "service/build_info/build_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sextant {
namespace {

using ::testing::AnyOf;
using ::testing::MatchesRegex;

TEST(BuildInfoTest, VersionIsTheOneOfTheProject) {
  EXPECT_EQ(GetBuildInfo().version, EXPECTED_VERSION);
}

TEST(BuildInfoTest, RevisionIsACommitOrUnknown) {
  EXPECT_THAT(std::string(GetBuildInfo().revision),
              AnyOf("unknown", MatchesRegex("[0-9a-f]{12,}(-dirty)?")));
}

TEST(BuildInfoTest, CompilerHasNameAndVersion) {
  EXPECT_THAT(std::string(GetBuildInfo().compiler), MatchesRegex("[A-Za-z]+ [0-9]+\\..*"));
}

TEST(BuildInfoTest, BuildTypeIsNamed) { EXPECT_FALSE(GetBuildInfo().build_type.empty()); }

}  // namespace
}  // namespace sextant
