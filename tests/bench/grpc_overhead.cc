// What a question costs beyond the wire: ComputeMetrics of a running sextantd against a unary echo
// of the same messages.
//
//   grpc_overhead --address HOST:PORT --dataset NAME [--calls 2000] [--pairs 7]
//
// The echo is a callback server of the same service in a process of its own, which answers with
// what sextantd answered first. One client, one channel each, blocking calls; blocks of calls
// alternate, so that both see the same machine. Prints the medians over all blocks and their ratio.

#include <grpcpp/grpcpp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "sextant/v1/metric_service.grpc.pb.h"

namespace sextant {
namespace {

using Clock = std::chrono::steady_clock;
using Stub = v1::MetricService::Stub;

/// Answers every question with the answer that it was given.
class EchoService final : public v1::MetricService::CallbackService {
 public:
  explicit EchoService(v1::ComputeMetricsResponse answer) : answer_(std::move(answer)) {}

  grpc::ServerUnaryReactor* ComputeMetrics(grpc::CallbackServerContext* context,
                                           const v1::ComputeMetricsRequest*,
                                           v1::ComputeMetricsResponse* response) override {
    *response = answer_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const v1::ComputeMetricsResponse answer_;
};

/// Runs in the child: reads the answer from `in`, serves it, writes the port to `out`, and waits
/// for `in` to close.
int ServeEcho(int in, int out) {
  std::string bytes;
  uint32_t size_bytes = 0;
  if (read(in, &size_bytes, sizeof size_bytes) != sizeof size_bytes) return 1;
  bytes.resize(size_bytes);
  if (read(in, bytes.data(), size_bytes) != static_cast<ssize_t>(size_bytes)) return 1;
  v1::ComputeMetricsResponse answer;
  if (!answer.ParseFromString(bytes)) return 1;
  EchoService service(std::move(answer));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (write(out, &port, sizeof port) != sizeof port) return 1;
  char unused = 0;
  while (read(in, &unused, 1) > 0) {
  }
  return 0;
}

grpc::Status Ask(Stub& stub, const v1::ComputeMetricsRequest& request,
                 v1::ComputeMetricsResponse& response) {
  grpc::ClientContext context;
  return stub.ComputeMetrics(&context, request, &response);
}

/// Microseconds of each of `num_calls` calls, appended to `micros`.
bool Measure(Stub& stub, const v1::ComputeMetricsRequest& request, int num_calls,
             std::vector<double>& micros) {
  for (int call = 0; call < num_calls; ++call) {
    v1::ComputeMetricsResponse response;
    const Clock::time_point start = Clock::now();
    const grpc::Status status = Ask(stub, request, response);
    if (!status.ok()) {
      std::cerr << "grpc_overhead: " << status.error_message() << '\n';
      return false;
    }
    micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  return true;
}

double Quantile(std::vector<double> values, double fraction) {
  const size_t index = static_cast<size_t>(fraction * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(index), values.end());
  return values[index];
}

std::unique_ptr<Stub> Connect(const std::string& address) {
  return v1::MetricService::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
}

struct Pipes {
  int to_echo = -1;
  int from_echo = -1;
};

struct Flags {
  std::string address;
  std::string dataset;
  int num_calls = 2000;
  int num_pairs = 7;
};

int Compare(const Flags& flags, const Pipes& pipes) {
  v1::ComputeMetricsRequest request;
  request.mutable_query()->set_dataset(flags.dataset);
  v1::MetricDefinition& metric = *request.mutable_query()->add_metrics()->mutable_definition();
  metric.set_name("n");
  metric.set_expression("count(*)");
  const std::unique_ptr<Stub> product = Connect(flags.address);
  v1::ComputeMetricsResponse answer;
  const grpc::Status status = Ask(*product, request, answer);
  if (!status.ok()) {
    std::cerr << "grpc_overhead: " << status.error_message() << '\n';
    return 1;
  }
  const std::string bytes = answer.SerializeAsString();
  const uint32_t size_bytes = static_cast<uint32_t>(bytes.size());
  int port = 0;
  if (write(pipes.to_echo, &size_bytes, sizeof size_bytes) < 0 ||
      write(pipes.to_echo, bytes.data(), size_bytes) < 0 ||
      read(pipes.from_echo, &port, sizeof port) != sizeof port) {
    std::cerr << "grpc_overhead: the echo did not start\n";
    return 1;
  }
  const std::unique_ptr<Stub> echo = Connect("127.0.0.1:" + std::to_string(port));
  std::vector<double> warm_up;
  if (!Measure(*product, request, 200, warm_up) || !Measure(*echo, request, 200, warm_up)) return 1;
  std::vector<double> product_us;
  std::vector<double> echo_us;
  for (int pair = 0; pair < flags.num_pairs; ++pair) {
    if (!Measure(*echo, request, flags.num_calls, echo_us) ||
        !Measure(*product, request, flags.num_calls, product_us)) {
      return 1;
    }
  }
  std::cout << "echo            p50 " << Quantile(echo_us, 0.5) << " us, p99 "
            << Quantile(echo_us, 0.99) << " us\n"
            << "ComputeMetrics  p50 " << Quantile(product_us, 0.5) << " us, p99 "
            << Quantile(product_us, 0.99) << " us\n"
            << "ratio of p50    " << Quantile(product_us, 0.5) / Quantile(echo_us, 0.5) << '\n';
  return 0;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("ComputeMetrics against a unary echo");
  app.add_option("--address", flags.address)->required();
  app.add_option("--dataset", flags.dataset)->required();
  app.add_option("--calls", flags.num_calls)->check(CLI::PositiveNumber);
  app.add_option("--pairs", flags.num_pairs)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  int to_echo[2];
  int from_echo[2];
  if (pipe(to_echo) != 0 || pipe(from_echo) != 0) return 1;
  const pid_t child = fork();  // before gRPC has threads
  if (child == 0) {
    close(to_echo[1]);
    close(from_echo[0]);
    _exit(ServeEcho(to_echo[0], from_echo[1]));
  }
  close(to_echo[0]);
  close(from_echo[1]);
  const int exit_code = Compare(flags, {to_echo[1], from_echo[0]});
  close(to_echo[1]);
  waitpid(child, nullptr, 0);
  return exit_code;
}

}  // namespace
}  // namespace sextant

int main(int argc, char** argv) { return sextant::Main(argc, argv); }
