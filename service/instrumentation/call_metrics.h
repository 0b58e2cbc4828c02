#pragma once

#include <chrono>
#include <cstddef>

#include "service/instrumentation/service_metrics.h"

namespace sextant {

/// The metrics of one call, from its arrival to the destruction of this. Thread-safety: one thread
/// at a time.
class CallMetrics {
 public:
  CallMetrics(ServiceMetrics& metrics, RpcMethod method);
  ~CallMetrics();
  CallMetrics(const CallMetrics&) = delete;
  CallMetrics& operator=(const CallMetrics&) = delete;

  void SetPriority(size_t priority);
  void MessageSent(size_t size_bytes);
  void WriteStalled(std::chrono::nanoseconds waited);
  /// What the call ends with; a call that never says so ends as Unknown.
  void SetCode(int grpc_code) { grpc_code_ = grpc_code; }

 private:
  static constexpr size_t kNoPriority = kPriorityLabels.size();

  ServiceMetrics& metrics_;
  const RpcMethod method_;
  const std::chrono::steady_clock::time_point started_;
  size_t priority_ = kNoPriority;
  bool sent_any_ = false;
  int grpc_code_ = 2;
};

}  // namespace sextant
