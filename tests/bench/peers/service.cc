// Asks a running sextantd the specs of the benchmark, one client over one channel, and prints a
// line of JSON each. The clock runs from the request message to the parsed answer. A sextantd that
// keeps answers is refused. With --floor a second line says what the query takes at least with a
// call, see CallFloor, over as many rows as sextantd has.
//
//   peers_service --specs FILE [--address HOST:PORT] [--only C.01] [--threads N] [--runs 7]
//                 [--floor [--rows N]]

#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "compute/memory/heap_bounds.h"
#include "compute/memory/status_macros.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/bench/peers/call_floor.h"
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
  bool with_floor = false;
  uint64_t num_rows = 0;
};

absl::StatusOr<Timing> Ask(v1::MetricService::Stub& stub, const QuerySpec& spec,
                           v1::ComputeMetricsResponse& response) {
  const v1::ComputeMetricsRequest request = RequestOf(spec);
  grpc::ClientContext context;
  const Stopwatch stopwatch;
  const grpc::Status status = stub.ComputeMetrics(&context, request, &response);
  const Timing timing = stopwatch.Read();
  if (!status.ok()) return absl::InternalError(absl::StrCat(spec.id, ": ", status.error_message()));
  if (!response.summary().from_result_cache()) return timing;
  return absl::FailedPreconditionError(
      absl::StrCat(spec.id, ": the answer was kept; allowed: a sextantd with --result-cache 0"));
}

/// `floor` may be null.
absl::Status Measure(v1::MetricService::Stub& stub, const QuerySpec& spec, const Flags& flags,
                     CallFloor* floor) {
  v1::ComputeMetricsResponse answer;
  SEXTANT_ASSIGN_OR_RETURN(const Timing first, Ask(stub, spec, answer));
  const auto again = [&](int run) {
    v1::ComputeMetricsResponse response;
    return Ask(stub, Varied(spec, run), response);
  };
  SEXTANT_RETURN_IF_ERROR(
      Report("service", flags.num_threads).Measure(spec.id, first, flags.min_runs, again));
  if (floor == nullptr) return absl::OkStatus();
  SEXTANT_RETURN_IF_ERROR(floor->Prepare(spec, answer));
  SEXTANT_ASSIGN_OR_RETURN(const Timing least, floor->Ask(spec));
  return Report("floor", flags.num_threads).Measure(spec.id, least, flags.min_runs, [&](int run) {
    return floor->Ask(Varied(spec, run));
  });
}

absl::Status Run(const Flags& flags) {
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<QuerySpec> specs, ReadSpecs(flags.specs, flags.only));
  std::unique_ptr<CallFloor> floor;
  if (flags.with_floor) {
    SEXTANT_ASSIGN_OR_RETURN(floor, CallFloor::Start(flags.num_rows));
  }
  const auto stub = v1::MetricService::NewStub(
      grpc::CreateChannel(flags.address, grpc::InsecureChannelCredentials()));
  for (const QuerySpec& spec : specs) {
    SEXTANT_RETURN_IF_ERROR(Measure(*stub, spec, flags, floor.get()));
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  BoundHeaps();
  Flags flags;
  CLI::App app("The specs of the benchmark through a running service");
  app.add_option("--address", flags.address)->required()->envname("SEXTANT_ADDRESS");
  app.add_option("--specs", flags.specs)->required()->check(CLI::ExistingFile);
  app.add_option("--only", flags.only);
  app.add_option("--threads", flags.num_threads)->check(CLI::PositiveNumber);
  app.add_option("--runs", flags.min_runs)->check(CLI::PositiveNumber);
  app.add_flag("--floor", flags.with_floor);
  app.add_option("--rows", flags.num_rows);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(flags);
  if (status.ok()) return 0;
  std::cerr << "peers_service: " << status.message() << '\n';
  return 1;
}

}  // namespace
}  // namespace sextant::peers

int main(int argc, char** argv) { return sextant::peers::Main(argc, argv); }
