#include "service/instrumentation/http_endpoint.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sextant {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The raw answer to one HTTP request.
std::string Fetch(int port, const std::string& method, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string request = method + " " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_EQ(send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string answer;
  char part[4096];
  for (ssize_t size; (size = recv(fd, part, sizeof(part), 0)) > 0;) {
    answer.append(part, static_cast<size_t>(size));
  }
  close(fd);
  return answer;
}

/// One endpoint for the suite: civetweb takes 2 s to stop.
class HttpEndpointTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto endpoint = HttpEndpoint::Start(
        "127.0.0.1:0",
        {{"/metrics",
          [] {
            return HttpResponse{200, "text/plain; version=0.0.4", "up 1\n"};
          }},
         {"/healthz", [] { return HttpResponse{.body = "ok\n"}; }},
         {"/readyz", [] { return HttpResponse{.code = 503, .body = "loading\n"}; }}});
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    endpoint_ = *std::move(endpoint);
  }
  static void TearDownTestSuite() { endpoint_.reset(); }

  static int port() { return endpoint_->port(); }

 private:
  static inline std::unique_ptr<HttpEndpoint> endpoint_;
};

TEST_F(HttpEndpointTest, ServesAPageWithItsTypeAndBody) {
  const std::string answer = Fetch(port(), "GET", "/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nup 1\n"));
}

TEST_F(HttpEndpointTest, GivesTheCodeOfThePage) {
  EXPECT_THAT(Fetch(port(), "GET", "/readyz"), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
}

TEST_F(HttpEndpointTest, HeadHasNoBody) {
  EXPECT_THAT(Fetch(port(), "HEAD", "/healthz"), EndsWith("\r\n\r\n"));
}

TEST_F(HttpEndpointTest, AnotherPathIsNotFound) {
  EXPECT_THAT(Fetch(port(), "GET", "/healthz/x"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Fetch(port(), "GET", "/"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(HttpEndpointTest, AnAddressInUseIsAnErrorThatNamesIt) {
  const std::string address = "127.0.0.1:" + std::to_string(port());
  const auto second = HttpEndpoint::Start(address, {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(address));
}

TEST_F(HttpEndpointTest, AnAddressWithoutPortIsRefused) {
  EXPECT_EQ(HttpEndpoint::Start("localhost", {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sextant
