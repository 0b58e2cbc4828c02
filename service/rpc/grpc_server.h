#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/admission/accept_loop.h"
#include "service/admission/call_gate.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace sextant {

struct GrpcServerOptions {
  AcceptLoopOptions listen = {};
  int max_request_bytes = 8 * 1024 * 1024;
  int max_metadata_bytes = 8 * 1024;
  int max_streams_per_connection = 100;
  int keepalive_ms = 30'000;
  int keepalive_timeout_ms = 10'000;
  int min_ping_interval_ms = 10'000;
};

/// The gRPC port: our own accept loop, the services, reflection, and grpc.health.v1 with the names
/// "" (alive as long as calls are answered), "startup" and "readiness".
/// Thread-safety: all methods may be called from any thread, Stop once.
class GrpcServer {
 public:
  /// `services` outlive the server. Errors: as AcceptLoop::Listen.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const GrpcServerOptions& options, const std::vector<grpc::Service*>& services);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  int port() const;
  AcceptCounters accept_counters() const;
  void SetHealth(const std::string& name, bool serving);

  /// Refuses new connections, and by `gate`, which they enter, new queries; waits until those that
  /// run have ended and their answers have arrived, at most `drain_ms`; then stops.
  void Drain(CallGate& gate, int64_t drain_ms);
  /// Refuses new connections and calls, and cancels the calls that have not ended after `grace_ms`.
  /// gRPC closes each connection with its last call: what its client has not read by then may be
  /// lost.
  void Stop(int64_t grace_ms);

 private:
  GrpcServer(std::unique_ptr<AcceptLoop> accept_loop, std::unique_ptr<grpc::Server> server);

  std::unique_ptr<AcceptLoop> accept_loop_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace sextant
