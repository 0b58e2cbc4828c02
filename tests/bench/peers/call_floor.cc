#include "tests/bench/peers/call_floor.h"

#include <grpcpp/grpcpp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "tests/bench/peers/spec_query.h"
#include "tests/bench/peers/spec_request.h"

namespace sextant::peers {
namespace {

class ReadyAnswer final
    : public v1::MetricService::WithRawCallbackMethod_ComputeMetrics<v1::MetricService::Service> {
 public:
  /// REQUIRES: no call is under way.
  void Set(std::string bytes) { bytes_ = std::move(bytes); }

  grpc::ServerUnaryReactor* ComputeMetrics(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer*,
                                           grpc::ByteBuffer* response) override {
    const grpc::Slice slice(bytes_.data(), bytes_.size(), grpc::Slice::STATIC_SLICE);
    *response = grpc::ByteBuffer(&slice, 1);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  std::string bytes_;
};

/// Whether all bytes came; not so when the other process is gone.
bool Receive(int fd, void* target, size_t num_bytes) {
  if (num_bytes == 0) return true;
  return recv(fd, target, num_bytes, MSG_WAITALL) == static_cast<ssize_t>(num_bytes);
}

bool Send(int fd, const void* bytes, size_t num_bytes) {
  const auto* next = static_cast<const char*>(bytes);
  while (num_bytes > 0) {
    const ssize_t num_sent = send(fd, next, num_bytes, MSG_NOSIGNAL);
    if (num_sent <= 0) return false;
    next += num_sent;
    num_bytes -= static_cast<size_t>(num_sent);
  }
  return true;
}

/// The other process: tells its port, then takes one answer after another, each after its length,
/// and tells that it has it.
[[noreturn]] void ServeAnswers(int control_fd) {
  ReadyAnswer service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  bool goes_on = server != nullptr && Send(control_fd, &port, sizeof(port));
  while (goes_on) {
    uint64_t size = 0;
    goes_on = Receive(control_fd, &size, sizeof(size));
    std::string bytes(goes_on ? size : 0, '\0');
    goes_on = goes_on && Receive(control_fd, bytes.data(), bytes.size());
    if (!goes_on) break;
    service.Set(std::move(bytes));
    goes_on = Send(control_fd, "", 1);
  }
  _exit(0);
}

absl::Status SystemError(const char* call) {
  return absl::InternalError(absl::StrCat(call, ": ", std::strerror(errno)));
}

absl::Status OtherProcessIsGone() {
  return absl::InternalError("the process of the floor that answers calls has ended");
}

}  // namespace

absl::StatusOr<std::unique_ptr<CallFloor>> CallFloor::Start(uint64_t num_rows) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return SystemError("socketpair");
  const pid_t child = fork();
  if (child < 0) return SystemError("fork");
  close(ends[child == 0 ? 0 : 1]);
  if (child == 0) ServeAnswers(ends[1]);
  int port = 0;
  if (!Receive(ends[0], &port, sizeof(port))) return OtherProcessIsGone();
  return std::unique_ptr<CallFloor>(new CallFloor(num_rows, ends[0], port));
}

CallFloor::CallFloor(uint64_t num_rows, int control_fd, int port)
    : num_rows_(num_rows),
      control_fd_(control_fd),
      stub_(v1::MetricService::NewStub(grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                                           grpc::InsecureChannelCredentials()))) {}

CallFloor::~CallFloor() { close(control_fd_); }

absl::Status CallFloor::Prepare(const QuerySpec& spec, const v1::ComputeMetricsResponse& answer) {
  const std::string bytes = answer.SerializeAsString();
  const uint64_t size = bytes.size();
  char is_kept = 0;
  if (!Send(control_fd_, &size, sizeof(size)) || !Send(control_fd_, bytes.data(), bytes.size()) ||
      !Receive(control_fd_, &is_kept, sizeof(is_kept))) {
    return OtherProcessIsGone();
  }
  if (!datasets_.insert(spec.dataset).second) return absl::OkStatus();
  return engine_.AddTable(spec.dataset, num_rows_);
}

absl::StatusOr<Timing> CallFloor::Ask(const QuerySpec& spec) {
  SEXTANT_ASSIGN_OR_RETURN(const Answer answer,
                           engine_.Ask(QueryOf(spec), [](const ResultBatch&) {}));
  const v1::ComputeMetricsRequest request = RequestOf(spec);
  v1::ComputeMetricsResponse response;
  grpc::ClientContext context;
  const Stopwatch stopwatch;
  const grpc::Status status = stub_->ComputeMetrics(&context, request, &response);
  const Timing call = stopwatch.Read();
  if (!status.ok()) return absl::InternalError(absl::StrCat(spec.id, ": ", status.error_message()));
  return Timing{.wall_ms = answer.timing.wall_ms + call.wall_ms,
                .cpu_ms = answer.timing.cpu_ms + call.cpu_ms};
}

}  // namespace sextant::peers
