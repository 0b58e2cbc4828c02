#include "service/cli/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

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

TEST(CheckAddressTest, AHostAndAPortAreAllowed) {
  for (const char* address : {"127.0.0.1:7600", "localhost:1", "[::1]:65535"}) {
    EXPECT_TRUE(CheckAddress(address).ok()) << address;
  }
}

TEST(CheckAddressTest, AMissingPortIsSaid) {
  for (const char* address : {"127.0.0.1", "localhost", "", "[::1]", "h:"}) {
    EXPECT_THAT(std::string(CheckAddress(address).message()),
                StartsWith(std::string("--address: found '") + address +
                           "', which has no port, allowed: HOST:PORT"));
  }
}

TEST(CheckAddressTest, NoHostAndPort0AreRefused) {
  EXPECT_THAT(std::string(CheckAddress(":7600").message()), HasSubstr("allowed: HOST:PORT, with"));
  EXPECT_THAT(std::string(CheckAddress("h:0").message()), HasSubstr("a port of 1 to 65535"));
}

TEST(CheckAddressTest, AUrlIsRefused) {
  EXPECT_THAT(std::string(CheckAddress("http://h:1").message()),
              HasSubstr("found 'http://h:1', which is no host and port, allowed: HOST:PORT"));
}

TEST(CheckTenantTest, ALongOneIsRefused) {
  EXPECT_TRUE(CheckTenant(std::string(256, 'a')).ok());
  EXPECT_THAT(std::string(CheckTenant(std::string(257, 'a')).message()),
              HasSubstr("found 257 bytes"));
}

/// What the client says of an error at the fifth character of `field`.
std::string ReportOf(const std::string& field, const std::string& position = "4") {
  v1::QueryMetricsRequest request;
  request.set_where("a < bb");
  request.set_having_text("n > nn");
  v1::MetricDefinition& metric = *request.add_metrics()->mutable_definition();
  metric.set_expression("count(*)");
  metric.set_filter("f = ff");
  metric.set_at("ordered");
  metric.mutable_during()->set_start("during_start");
  metric.mutable_during()->set_end("during_end");
  request.add_metrics()->set_name("of_the_catalogue");
  request.add_metrics()->mutable_definition()->set_derived("n + nn");
  request.mutable_metrics(2)->mutable_definition()->mutable_as_of_end()->set_start("state_start");
  request.mutable_metrics(2)->mutable_definition()->mutable_as_of_end()->set_end("state_end");
  google::rpc::BadRequest bad_request;
  bad_request.add_field_violations()->set_field(field);
  google::rpc::ErrorInfo info;
  (*info.mutable_metadata())["position"] = position;
  google::rpc::Status details;
  details.add_details()->PackFrom(bad_request);
  details.add_details()->PackFrom(info);
  const grpc::Status status(grpc::StatusCode::INVALID_ARGUMENT, "no", details.SerializeAsString());
  std::ostringstream errors;
  EXPECT_EQ(ReportFailure(status, &request, errors), kExitFailed);
  return errors.str();
}

TEST(ReportFailureTest, TheCaretIsUnderTheTextOfTheFieldThatTheErrorNames) {
  const std::pair<const char*, const char*> texts[] = {
      {"where", "a < bb"},
      {"having_text", "n > nn"},
      {"metrics[0].expression", "count(*)"},
      {"metrics[0].filter", "f = ff"},
      {"metrics[0].at", "ordered"},
      {"metrics[0].during.start", "during_start"},
      {"metrics[0].during.end", "during_end"},
      {"metrics[2].derived", "n + nn"},
      {"metrics[2].as_of_end.start", "state_start"},
      {"metrics[2].as_of_end.end", "state_end"},
  };
  for (const auto& [field, text] : texts) {
    EXPECT_EQ(ReportOf(field),
              absl::StrCat("sextant: INVALID_ARGUMENT: no\n  ", text, "\n      ^\n"));
  }
}

TEST(ReportFailureTest, AFieldWhoseTextTheRequestDoesNotHoldHasNoCaret) {
  for (const char* field :
       {"metrics[0]", "metrics[0].name", "metrics[1].expression", "metrics[1].at",
        "metrics[2].components[0].expression", "metrics[3].at", "filter", ""}) {
    EXPECT_EQ(ReportOf(field), "sextant: INVALID_ARGUMENT: no\n") << field;
  }
}

TEST(ReportFailureTest, APositionOutsideOfTheTextHasNoCaret) {
  EXPECT_THAT(ReportOf("where", "6"), HasSubstr("\n        ^\n"));  // its end
  for (const char* position : {"7", "99999999999999999999", "-1", "x"}) {
    EXPECT_EQ(ReportOf("where", position), "sextant: INVALID_ARGUMENT: no\n") << position;
  }
}

}  // namespace
}  // namespace sextant
