#include "service/admission/accept_loop.h"

#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "service/admission/host_port.h"

namespace sextant {
namespace {

constexpr int kReservedDescriptors = 32;
constexpr int kBacklog = 1024;
constexpr int kExhaustedBackoffMs = 20;

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<AddressList> Resolve(const std::string& address) {
  const absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("listen: ", parsed.status().message()));
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(parsed->host.empty() ? nullptr : parsed->host.c_str(),
                                std::to_string(parsed->port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen: host of '", address, "': ", gai_strerror(error)));
  }
  return AddressList(found, &freeaddrinfo);
}

absl::Status SystemError(const std::string& address, const char* call) {
  return absl::UnavailableError(
      absl::StrCat("listen on ", address, ": ", call, ": ", std::strerror(errno)));
}

absl::StatusOr<int> BindAndListen(const std::string& address, const addrinfo& target) {
  const int fd = socket(target.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return SystemError(address, "socket");
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const char* failed = nullptr;
  if (bind(fd, target.ai_addr, target.ai_addrlen) != 0) {
    failed = "bind";
  } else if (listen(fd, kBacklog) != 0) {
    failed = "listen";
  }
  if (failed == nullptr) return fd;
  const absl::Status status = SystemError(address, failed);
  close(fd);
  return status;
}

int BoundPort(int fd) {
  sockaddr_storage bound = {};
  socklen_t length = sizeof(bound);
  SEXTANT_CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) == 0);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                           : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

int DefaultDescriptorCap() {
  rlimit limit = {};
  SEXTANT_CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  constexpr rlim_t kHighest = 1 << 20;
  const int usable = static_cast<int>(std::min(limit.rlim_cur, kHighest));
  return std::max(usable - kReservedDescriptors, usable / 2);
}

}  // namespace

absl::StatusOr<std::unique_ptr<AcceptLoop>> AcceptLoop::Listen(const AcceptLoopOptions& options) {
  absl::StatusOr<AddressList> addresses = Resolve(options.address);
  if (!addresses.ok()) return addresses.status();
  const absl::StatusOr<int> listener = BindAndListen(options.address, **addresses);
  if (!listener.ok()) return listener.status();
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) {
    const absl::Status status = SystemError(options.address, "eventfd");
    close(*listener);
    return status;
  }
  const int cap = options.descriptor_cap > 0 ? options.descriptor_cap : DefaultDescriptorCap();
  return std::unique_ptr<AcceptLoop>(new AcceptLoop(*listener, wake_fd, BoundPort(*listener), cap));
}

AcceptLoop::AcceptLoop(int listener_fd, int wake_fd, int port, int descriptor_cap)
    : listener_fd_(listener_fd), wake_fd_(wake_fd), port_(port), descriptor_cap_(descriptor_cap) {}

AcceptLoop::~AcceptLoop() {
  Stop();
  close(wake_fd_);
}

void AcceptLoop::Start(Handover handover) {
  SEXTANT_CHECK(!thread_.joinable());
  handover_ = std::move(handover);
  thread_ = std::thread([this] { Run(); });
}

void AcceptLoop::Stop() {
  const uint64_t one = 1;
  SEXTANT_CHECK(write(wake_fd_, &one, sizeof(one)) == sizeof(one));
  if (thread_.joinable()) thread_.join();
  if (listener_fd_ >= 0) close(std::exchange(listener_fd_, -1));
}

int64_t AcceptLoop::UnsentBytes() const {
  int64_t num_bytes = 0;
  for (int fd = 0; fd < descriptor_cap_; ++fd) {
    int queued = 0;
    // The number of another kind of descriptor, or of none, is an error.
    if (ioctl(fd, SIOCOUTQ, &queued) == 0) num_bytes += queued;
  }
  return num_bytes;
}

AcceptCounters AcceptLoop::counters() const {
  return {accepted_.load(std::memory_order_relaxed), refused_.load(std::memory_order_relaxed),
          exhausted_.load(std::memory_order_relaxed)};
}

void AcceptLoop::Run() {
  pollfd watched[] = {{wake_fd_, POLLIN, 0}, {listener_fd_, POLLIN, 0}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) continue;  // EINTR
    if (watched[0].revents != 0) return;
    AcceptAll();
  }
}

void AcceptLoop::AcceptAll() {
  for (;;) {
    const int fd = accept4(listener_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      Admit(fd);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the kernel's queue, so poll() would return at once: wait a little.
      exhausted_.fetch_add(1, std::memory_order_relaxed);
      pollfd wake = {wake_fd_, POLLIN, 0};
      poll(&wake, 1, kExhaustedBackoffMs);
    }
    return;
  }
}

void AcceptLoop::Admit(int connection_fd) {
  if (connection_fd >= descriptor_cap_) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    close(connection_fd);
    return;
  }
  // gRPC sets this on the connections of its own listener only.
  const int on = 1;
  setsockopt(connection_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  accepted_.fetch_add(1, std::memory_order_relaxed);
  handover_(connection_fd);
}

}  // namespace sextant
