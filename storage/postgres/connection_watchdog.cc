#include "storage/postgres/connection_watchdog.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "compute/memory/check.h"

namespace sextant {
namespace {

// How late a stop request may be seen.
constexpr std::chrono::milliseconds kInspectionInterval(20);

}  // namespace

void RequestCancel(pg_conn* connection) {
  PGcancel* const cancel = PQgetCancel(connection);
  if (cancel == nullptr) return;
  std::thread([cancel] {
    char error[256];
    PQcancel(cancel, error, sizeof(error));
    PQfreeCancel(cancel);
  }).detach();
}

ConnectionWatchdog::ConnectionWatchdog(pg_conn* connection, Duration drain_timeout)
    : connection_(connection),
      drain_timeout_(drain_timeout),
      socket_fd_(fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0)),
      thread_([this](std::stop_token end) { Run(std::move(end)); }) {}

ConnectionWatchdog::~ConnectionWatchdog() {
  thread_.request_stop();
  thread_.join();
  if (socket_fd_ >= 0) close(socket_fd_);
}

void ConnectionWatchdog::Arm(Duration limit, std::stop_token stop) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    SEXTANT_CHECK(!armed_);
    armed_ = true;
    verdict_ = Verdict::kInTime;
    deadline_ = std::chrono::steady_clock::now() + limit;
    stop_ = std::move(stop);
  }
  changed_.notify_one();
}

ConnectionWatchdog::Verdict ConnectionWatchdog::Disarm() {
  const std::lock_guard<std::mutex> lock(mutex_);
  armed_ = false;
  stop_ = std::stop_token();
  return verdict_;
}

void ConnectionWatchdog::Run(std::stop_token end) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!end.stop_requested()) {
    if (!armed_) {
      changed_.wait(lock, end, [this] { return armed_; });
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    Inspect(now);
    changed_.wait_until(lock, end, now + kInspectionInterval, [this] { return !armed_; });
  }
}

void ConnectionWatchdog::Inspect(std::chrono::steady_clock::time_point now) {
  if (verdict_ == Verdict::kInTime && stop_.stop_requested()) {
    verdict_ = Verdict::kStopped;
    deadline_ = std::min(deadline_, now + drain_timeout_);
    RequestCancel(connection_);
  }
  if (now < deadline_) return;
  if (verdict_ == Verdict::kInTime) verdict_ = Verdict::kLimitPassed;
  if (socket_fd_ >= 0) shutdown(socket_fd_, SHUT_RDWR);
}

}  // namespace sextant
