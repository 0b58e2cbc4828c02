#include "service/admission/host_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Refused(const std::string& text) {
  const auto parsed = ParseHostPort(text);
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(parsed.status().message());
}

TEST(HostPortTest, AHostIsANameOrAnAddress) {
  for (const char* host : {"localhost", "127.0.0.1", "db-1.example.com", "x_y"}) {
    const auto parsed = ParseHostPort(std::string(host) + ":7600");
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->host, host);
    EXPECT_EQ(parsed->port, 7600);
  }
}

TEST(HostPortTest, AnIpv6AddressIsInBrackets) {
  const auto parsed = ParseHostPort("[::1]:2");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->host, "::1");
  EXPECT_EQ(parsed->port, 2);
  EXPECT_THAT(Refused("::1:7600"), HasSubstr("IPv6 address without brackets"));
  EXPECT_THAT(Refused("::1"), HasSubstr("IPv6 address without brackets"));
}

TEST(HostPortTest, NoHostIsEveryAddress) { EXPECT_EQ(ParseHostPort(":7600")->host, ""); }

TEST(HostPortTest, PortsGoFrom0To65535) {
  EXPECT_EQ(ParseHostPort("h:0")->port, 0);
  EXPECT_EQ(ParseHostPort("h:65535")->port, 65535);
  for (const char* text : {"h:65536", "h:-1", "h:+1", "h:http", "h:1x", "h:99999999999999999999"}) {
    EXPECT_THAT(Refused(text), HasSubstr("whose port is none")) << text;
  }
}

TEST(HostPortTest, AMissingPortIsSaid) {
  for (const char* text : {"", "localhost", "127.0.0.1", "localhost:", "[::1]", "[::1]:"}) {
    EXPECT_THAT(Refused(text),
                AllOf(HasSubstr(std::string("found '") + text + "', which has no port"),
                      HasSubstr("allowed: HOST:PORT")));
  }
}

TEST(HostPortTest, AUrlOrAPathIsRefused) {
  for (const char* text : {"http://h:1", "dns:///h:1", "unix:/tmp/s:1", "h:1/", "h :1", "h: 1"}) {
    EXPECT_THAT(Refused(text), HasSubstr("allowed: HOST:PORT")) << text;
  }
}

}  // namespace
}  // namespace sextant
