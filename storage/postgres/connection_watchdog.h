#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

struct pg_conn;

namespace sextant {

/// Starts a cancel request for what `connection` is running and returns at once. The request runs
/// on a thread of its own because libpq's PQcancel waits without limit for a server that does not
/// answer.
void RequestCancel(pg_conn* connection);

/// Ends calls of libpq that would wait for ever on a server that is alive for the kernel and dead
/// for us (a stopped backend acknowledges every packet; no timeout of the server or of TCP sees
/// it).
///
/// Around a blocking call one holds a Guard. When the call outlives its limit, the socket is shut
/// down and the call returns with an error; when `stop` is requested, the statement is cancelled
/// and the call gets `drain_timeout` to end. One thread per watchdog, asleep while nothing is
/// guarded. Thread-safe.
class ConnectionWatchdog {
 public:
  using Duration = std::chrono::milliseconds;

  enum class Verdict { kInTime, kLimitPassed, kStopped };

  /// Watches `connection`, which must outlive the watchdog.
  ConnectionWatchdog(pg_conn* connection, Duration drain_timeout);
  ~ConnectionWatchdog();
  ConnectionWatchdog(const ConnectionWatchdog&) = delete;
  ConnectionWatchdog& operator=(const ConnectionWatchdog&) = delete;

  /// Begins to watch one call. REQUIRES: none is being watched.
  void Arm(Duration limit, std::stop_token stop);

  /// Ends it; tells whether and why the watchdog stepped in.
  Verdict Disarm();

 private:
  void Run(std::stop_token end);
  void Inspect(std::chrono::steady_clock::time_point now);

  pg_conn* const connection_;
  const Duration drain_timeout_;
  // A duplicate: libpq may close its own descriptor under us and the number may be given out again.
  const int socket_fd_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool armed_ = false;
  Verdict verdict_ = Verdict::kInTime;
  std::chrono::steady_clock::time_point deadline_;
  std::stop_token stop_;

  std::jthread thread_;
};

}  // namespace sextant
