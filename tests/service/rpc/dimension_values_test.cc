#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"
#include "service/rpc/error_details.h"
#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DimensionValuesTest : public ::testing::Test {
 protected:
  absl::Status List(const std::string& dataset, const std::string& dimension,
                    const std::string& tenant = "") {
    grpc::ClientContext context;
    if (!tenant.empty()) context.AddMetadata("x-sextant-tenant", tenant);
    request_.set_dataset(dataset);
    request_.set_dimension(dimension);
    response_.Clear();
    return FromGrpcStatus(
        service_.catalog_stub().ListDimensionValues(&context, request_, &response_));
  }
  std::vector<std::string> Values() const {
    std::vector<std::string> values;
    for (const v1::DimensionValue& value : response_.values()) {
      values.push_back(
          absl::StrCat(value.is_null() ? "NULL" : value.value(), " ", value.row_count()));
    }
    return values;
  }

  TestService service_;
  v1::ListDimensionValuesRequest request_;
  v1::ListDimensionValuesResponse response_;
};

TEST_F(DimensionValuesTest, ValuesComeInOrderWithTheirRowsAndNullLast) {
  ASSERT_TRUE(List("commits", "author").ok());
  EXPECT_THAT(Values(), ElementsAre("ann 3", "bob 1", "NULL 1"));
  EXPECT_EQ(response_.next_page_token(), "");
}

TEST_F(DimensionValuesTest, ElementsOfAListAreValues) {
  ASSERT_TRUE(List("commits", "labels").ok());
  EXPECT_THAT(Values(), ElementsAre("a 2", "b 2"));
}

TEST_F(DimensionValuesTest, PagesFollowOneAnother) {
  request_.set_page_size(2);
  ASSERT_TRUE(List("commits", "author").ok());
  EXPECT_THAT(Values(), ElementsAre("ann 3", "bob 1"));
  request_.set_page_token(response_.next_page_token());
  ASSERT_TRUE(List("commits", "author").ok());
  EXPECT_THAT(Values(), ElementsAre("NULL 1"));
  EXPECT_EQ(response_.next_page_token(), "");
}

// The empty text is the first of all, and the token of no page is empty too.
TEST_F(DimensionValuesTest, APageThatEndsWithAnEmptyTextIsFollowedByTheNext) {
  request_.set_page_size(1);
  ASSERT_TRUE(List("words", "name").ok());
  EXPECT_THAT(Values(), ElementsAre(" 1"));
  EXPECT_NE(response_.next_page_token(), "");
  request_.set_page_token(response_.next_page_token());
  ASSERT_TRUE(List("words", "name").ok());
  EXPECT_THAT(Values(), ElementsAre("x 1"));
}

// A year before 1000 is printed as it is read.
TEST_F(DimensionValuesTest, PagesOfOldInstantsFollowOneAnother) {
  request_.set_page_size(1);
  ASSERT_TRUE(List("words", "at").ok());
  request_.set_page_token(response_.next_page_token());
  const absl::Status next = List("words", "at");
  ASSERT_TRUE(next.ok()) << next;
  EXPECT_EQ(response_.values_size(), 1);
}

TEST_F(DimensionValuesTest, AConditionNarrowsTheRows) {
  request_.set_where("lines > 1");
  ASSERT_TRUE(List("commits", "author").ok());
  EXPECT_THAT(Values(), ElementsAre("ann 1", "bob 1", "NULL 1"));
}

TEST_F(DimensionValuesTest, ATenantSeesItsOwnValuesOnly) {
  ASSERT_TRUE(List("visits", "page", "acme").ok());
  EXPECT_THAT(Values(), ElementsAre("/ 1", "/a 1"));
  EXPECT_EQ(List("visits", "page").code(), absl::StatusCode::kUnauthenticated);
  ASSERT_TRUE(List("visits", "page", "nobody").ok());
  EXPECT_THAT(Values(), IsEmpty());
}

TEST_F(DimensionValuesTest, WhatIsMissingOrUnknownIsRefused) {
  EXPECT_EQ(List("", "author").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(List("commits", "").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(List("commits", "autor").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(List("comits", "author").code(), absl::StatusCode::kNotFound);
  request_.set_page_token("ann");
  EXPECT_EQ(List("commits", "author").code(), absl::StatusCode::kInvalidArgument);
  request_.clear_page_token();
  request_.set_page_size(1001);
  EXPECT_EQ(List("commits", "author").code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sextant
