#pragma once

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "service/instrumentation/call_metrics.h"

namespace sextant {

/// A call of RefreshDataset that waits for the load. Ends once: with the load, or when its caller
/// goes away, which leaves the load alone.
class RefreshCall final : public grpc::ServerUnaryReactor,
                          public std::enable_shared_from_this<RefreshCall> {
 public:
  /// Fills the response when the load has succeeded.
  using FillResponse = std::function<absl::Status()>;
  using StartLoad = std::function<absl::Status(std::function<void(absl::Status)>)>;

  static grpc::ServerUnaryReactor* Begin(ServiceMetrics& metrics, const StartLoad& start,
                                         FillResponse fill);
  RefreshCall(ServiceMetrics& metrics, FillResponse fill);

 private:
  void End(const absl::Status& status);
  void OnCancel() override { End(absl::CancelledError("the client went away")); }
  void OnDone() override { self_.reset(); }

  std::shared_ptr<RefreshCall> self_;
  CallMetrics metrics_;
  const FillResponse fill_;
  std::atomic<bool> ended_{false};
};

}  // namespace sextant
