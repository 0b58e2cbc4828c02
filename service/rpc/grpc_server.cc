#include "service/rpc/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

using grpc::experimental::ExternalConnectionAcceptor;

void EnablePlugins() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

void SetLimits(const GrpcServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_request_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams_per_connection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, options.keepalive_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, options.keepalive_timeout_ms);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             options.min_ping_interval_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const GrpcServerOptions& options, const std::vector<grpc::Service*>& services) {
  SEXTANT_ASSIGN_OR_RETURN(auto accept_loop, AcceptLoop::Listen(options.listen));
  EnablePlugins();
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::shared_ptr<ExternalConnectionAcceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
          grpc::InsecureServerCredentials());
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::InternalError("gRPC did not start; its log says why");
  AcceptLoop& loop = *accept_loop;
  std::unique_ptr<GrpcServer> result(new GrpcServer(std::move(accept_loop), std::move(server)));
  result->SetHealth("startup", false);
  result->SetHealth("readiness", false);
  loop.Start([acceptor = std::move(acceptor)](int connection_fd) {
    ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = connection_fd;
    acceptor->HandleNewConnection(&connection);
  });
  return result;
}

GrpcServer::GrpcServer(std::unique_ptr<AcceptLoop> accept_loop,
                       std::unique_ptr<grpc::Server> server)
    : accept_loop_(std::move(accept_loop)), server_(std::move(server)) {}

GrpcServer::~GrpcServer() { Stop(/*grace_ms=*/0); }

int GrpcServer::port() const { return accept_loop_->port(); }

AcceptCounters GrpcServer::accept_counters() const { return accept_loop_->counters(); }

void GrpcServer::SetHealth(const std::string& name, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(name, serving);
}

/// A client that has not read everything when gRPC closes its connection, and writes to it once
/// more, is reset and loses what it has not read. So the calls are ended before the connections.
void GrpcServer::Drain(CallGate& gate, int64_t drain_ms) {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  constexpr milliseconds kPollInterval(50);
  constexpr milliseconds kReadingTime(500);  // from the client's kernel into the client
  const auto deadline = steady_clock::now() + milliseconds(drain_ms);
  accept_loop_->Stop();
  const int num_calls = gate.Close();
  if (num_calls > 0 && gate.AwaitEmpty(milliseconds(drain_ms))) {
    while (accept_loop_->UnsentBytes() > 0 && steady_clock::now() < deadline) {
      std::this_thread::sleep_for(kPollInterval);
    }
    std::this_thread::sleep_until(std::min(deadline, steady_clock::now() + kReadingTime));
  }
  const auto remaining = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  Stop(std::max<int64_t>(remaining.count(), 0));
}

void GrpcServer::Stop(int64_t grace_ms) {
  accept_loop_->Stop();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(grace_ms));
  server_->Wait();
}

}  // namespace sextant
