#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace sextant {

struct AcceptLoopOptions {
  /// "host:port"; "[::1]:port" for IPv6. Port 0 takes a free one.
  std::string address = "127.0.0.1:7600";
  /// A connection whose descriptor has this number or a higher one is closed at once. The kernel
  /// gives the lowest free number, so this caps all descriptors of the process together and leaves
  /// the numbers above for files, PostgreSQL and health. 0: the descriptor limit less 32.
  int descriptor_cap = 0;
};

struct AcceptCounters {
  int64_t accepted = 0;
  /// Closed because of the descriptor cap.
  int64_t refused = 0;
  /// accept() found no descriptor or memory at all; the loop waited 20 ms each time.
  int64_t exhausted = 0;
};

/// The listener of the gRPC port. gRPC 1.51's own never hears again after one "too many open
/// files" (CVE-2023-4785, reproduced); this one goes on as soon as descriptors are free.
/// Thread-safety: counters() from any thread, the rest from one.
class AcceptLoop {
 public:
  /// Takes ownership of a connected, non-blocking, close-on-exec socket. Called on the thread of
  /// the loop; must not block.
  using Handover = std::function<void(int connection_fd)>;

  /// Listens; connections wait in the kernel's queue until Start.
  /// Errors: INVALID_ARGUMENT for an address that is none, UNAVAILABLE when it cannot be bound.
  static absl::StatusOr<std::unique_ptr<AcceptLoop>> Listen(const AcceptLoopOptions& options);
  ~AcceptLoop();
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;

  /// REQUIRES: called once.
  void Start(Handover handover);
  /// Closes the listener, so that new connections are refused, and joins the thread. Idempotent.
  void Stop();

  /// Bytes that the kernel holds for peers of this process's TCP connections and that these have
  /// not acknowledged. Cost: a system call for each descriptor below the cap. From any thread.
  int64_t UnsentBytes() const;

  int port() const { return port_; }
  int descriptor_cap() const { return descriptor_cap_; }
  AcceptCounters counters() const;

 private:
  AcceptLoop(int listener_fd, int wake_fd, int port, int descriptor_cap);
  void Run();
  void AcceptAll();
  void Admit(int connection_fd);

  int listener_fd_;
  const int wake_fd_;
  const int port_;
  const int descriptor_cap_;
  Handover handover_;
  std::thread thread_;
  std::atomic<int64_t> accepted_{0};
  std::atomic<int64_t> refused_{0};
  std::atomic<int64_t> exhausted_{0};
};

}  // namespace sextant
