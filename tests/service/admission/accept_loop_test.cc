#include "service/admission/accept_loop.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <mutex>
#include <vector>

namespace sextant {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<AcceptLoop> ListenOnFreePort(int descriptor_cap = 0) {
  absl::StatusOr<std::unique_ptr<AcceptLoop>> loop =
      AcceptLoop::Listen({.address = "127.0.0.1:0", .descriptor_cap = descriptor_cap});
  EXPECT_TRUE(loop.ok()) << loop.status();
  return *std::move(loop);
}

/// A client's socket, closed at the end.
class Client {
 public:
  explicit Client(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  /// Waits until the server has closed the connection.
  bool SeesEnd() const {
    char byte;
    return recv(fd_, &byte, 1, 0) <= 0;
  }

 private:
  int fd_;
  bool connected_ = false;
};

TEST(AcceptLoopTest, PortZeroIsReplacedByTheBoundPort) { EXPECT_GT(ListenOnFreePort()->port(), 0); }

TEST(AcceptLoopTest, HandsOverAConnectionWithoutDelayedSends) {
  const auto loop = ListenOnFreePort();
  std::promise<int> handed_over;
  loop->Start([&](int fd) { handed_over.set_value(fd); });
  const Client client(loop->port());
  const int fd = handed_over.get_future().get();
  int no_delay = 0;
  socklen_t size = sizeof(no_delay);
  EXPECT_EQ(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_EQ(no_delay, 1);
  EXPECT_EQ(loop->counters().accepted, 1);
  close(fd);
}

TEST(AcceptLoopTest, ClosesAConnectionAtTheDescriptorCap) {
  const auto loop = ListenOnFreePort(/*descriptor_cap=*/1);
  loop->Start([](int) { FAIL() << "handed over in spite of the cap"; });
  const Client client(loop->port());
  EXPECT_TRUE(client.SeesEnd());
  EXPECT_EQ(loop->counters().refused, 1);
}

TEST(AcceptLoopTest, AcceptsAgainWhenDescriptorsBelowTheCapAreFree) {
  const int lowest_free = dup(0);
  close(lowest_free);
  // Room for the listener, its event, the client's end and one connection, not for two.
  const auto loop = ListenOnFreePort(lowest_free + 4);
  std::mutex mutex;
  std::vector<std::promise<int>> handed_over(2);
  size_t accepted = 0;
  loop->Start([&](int fd) {
    const std::lock_guard lock(mutex);
    handed_over.at(accepted++).set_value(fd);
  });
  auto first = std::make_unique<Client>(loop->port());
  const int first_fd = handed_over[0].get_future().get();
  {
    const Client refused(loop->port());
    EXPECT_TRUE(refused.SeesEnd());
  }
  first.reset();
  close(first_fd);
  const Client second(loop->port());
  const int second_fd = handed_over[1].get_future().get();
  EXPECT_EQ(loop->counters().refused, 1);
  close(second_fd);
}

TEST(AcceptLoopTest, StopRefusesNewConnections) {
  const auto loop = ListenOnFreePort();
  loop->Start([](int fd) { close(fd); });
  loop->Stop();
  EXPECT_FALSE(Client(loop->port()).connected());
}

TEST(AcceptLoopTest, AnAddressWithoutPortIsRefusedWithWhatIsAllowed) {
  const auto loop = AcceptLoop::Listen({.address = "localhost"});
  EXPECT_EQ(loop.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(loop.status().message()),
              HasSubstr("listen: found 'localhost', which has no port, allowed: HOST:PORT"));
}

TEST(AcceptLoopTest, APortBeyondTheRangeIsRefused) {
  const auto loop = AcceptLoop::Listen({.address = "127.0.0.1:65536"});
  EXPECT_EQ(loop.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(AcceptLoopTest, AnAddressInUseIsAnErrorThatNamesIt) {
  const auto loop = ListenOnFreePort();
  const std::string address = "127.0.0.1:" + std::to_string(loop->port());
  const auto second = AcceptLoop::Listen({.address = address});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(address));
}

}  // namespace
}  // namespace sextant
