#include "service/admission/identity.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant {
namespace {

TEST(IdentityTest, ACallWithoutMetadataClaimsNoTenant) {
  EXPECT_EQ(ClaimFromMetadata({})->tenant(), std::nullopt);
}

TEST(IdentityTest, OneValueIsTheTenant) {
  EXPECT_EQ(ClaimFromMetadata({"acme"})->tenant(), "acme");
}

TEST(IdentityTest, TwoValuesAreRefused) {
  EXPECT_EQ(ClaimFromMetadata({"a", "b"}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(IdentityTest, AnEmptyTenantIsRefusedRatherThanTakenForNone) {
  EXPECT_EQ(ClaimFromMetadata({""}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(IdentityTest, A256ByteTenantIsAllowedAndOneByteMoreIsNot) {
  EXPECT_TRUE(ClaimFromMetadata({std::string(256, 'x')}).ok());
  EXPECT_FALSE(ClaimFromMetadata({std::string(257, 'x')}).ok());
}

}  // namespace
}  // namespace sextant
