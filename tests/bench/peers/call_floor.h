#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/bench/peers/measurement.h"
#include "tests/bench/peers/product_engine.h"
#include "tests/bench/peers/query_spec.h"

namespace sextant::peers {

/// About what a query over gRPC takes at least: the engine runs it in the client's thread, then the
/// client sends the request to a process that answers it at once with bytes that lie ready. Nothing
/// is queued, translated or encoded, but engine and call find the caches as the other left them,
/// which a loop of one of them does not. No strict bound: the engine of a service may have a core
/// of its own. Thread-safety: none.
class CallFloor {
 public:
  /// With `num_rows` rows of each data set that is asked. REQUIRES: gRPC was not used yet, because
  /// the process that answers is a copy of this one. Errors: of the system.
  static absl::StatusOr<std::unique_ptr<CallFloor>> Start(uint64_t num_rows);
  /// Ends the other process.
  ~CallFloor();

  /// Makes the table of the data set, when it is new; calls have that answer from now on.
  absl::Status Prepare(const QuerySpec& spec, const v1::ComputeMetricsResponse& answer);

  /// One run and one call: the sum of both. REQUIRES: Prepare of a spec of the same data set.
  absl::StatusOr<Timing> Ask(const QuerySpec& spec);

 private:
  CallFloor(uint64_t num_rows, int control_fd, int port);

  const uint64_t num_rows_;
  const int control_fd_;  // of a socket to the other process, which ends with it
  const std::unique_ptr<v1::MetricService::Stub> stub_;
  ProductEngine engine_{/*num_threads=*/1, /*uses_pool=*/false};
  std::set<std::string> datasets_;
};

}  // namespace sextant::peers
