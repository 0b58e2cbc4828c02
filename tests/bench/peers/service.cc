// Asks a running sextantd the specs of the benchmark, one client over one channel, and prints a
// line of JSON each. The clock runs from the request message to the parsed answer.
//
//   peers_service --specs FILE [--address HOST:PORT] [--only C.01] [--threads N] [--runs 7]

#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/bench/peers/measurement.h"
#include "tests/bench/peers/query_spec.h"
#include "tests/bench/peers/spec_request.h"

namespace sextant::peers {
namespace {

struct Flags {
  std::string address;
  std::string specs;
  std::string only;
  int num_threads = 1;
  int min_runs = 7;
};

/// Milliseconds, or -1 after a message.
double Ask(v1::MetricService::Stub& stub, const QuerySpec& spec) {
  const v1::ComputeMetricsRequest request = RequestOf(spec);
  v1::ComputeMetricsResponse response;
  grpc::ClientContext context;
  const auto start = std::chrono::steady_clock::now();
  const grpc::Status status = stub.ComputeMetrics(&context, request, &response);
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  if (status.ok()) return elapsed.count();
  std::cerr << "peers_service: " << spec.id << ": " << status.error_message() << '\n';
  return -1;
}

int Run(const Flags& flags) {
  const absl::StatusOr<std::vector<QuerySpec>> specs = ReadSpecs(flags.specs);
  if (!specs.ok()) {
    std::cerr << "peers_service: " << specs.status().message() << '\n';
    return 1;
  }
  const auto stub = v1::MetricService::NewStub(
      grpc::CreateChannel(flags.address, grpc::InsecureChannelCredentials()));
  const Report report("service", flags.num_threads);
  for (const QuerySpec& spec : *specs) {
    if (!flags.only.empty() && spec.id != flags.only) continue;
    const double first_ms = Ask(*stub, spec);
    const auto again = [&](int run) { return Ask(*stub, Varied(spec, run)); };
    if (first_ms < 0 || !report.Measure(spec.id, first_ms, flags.min_runs, again)) return 1;
  }
  return 0;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("The specs of the benchmark through a running service");
  app.add_option("--address", flags.address)->required()->envname("SEXTANT_ADDRESS");
  app.add_option("--specs", flags.specs)->required()->check(CLI::ExistingFile);
  app.add_option("--only", flags.only);
  app.add_option("--threads", flags.num_threads)->check(CLI::PositiveNumber);
  app.add_option("--runs", flags.min_runs)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return Run(flags);
}

}  // namespace
}  // namespace sextant::peers

int main(int argc, char** argv) { return sextant::peers::Main(argc, argv); }
