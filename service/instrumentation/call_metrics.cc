#include "service/instrumentation/call_metrics.h"

namespace sextant {

CallMetrics::CallMetrics(ServiceMetrics& metrics, RpcMethod method)
    : metrics_(metrics), method_(method), started_(std::chrono::steady_clock::now()) {
  metrics_.CallStarted(method_);
  metrics_.MessageReceived(method_);
}

CallMetrics::~CallMetrics() {
  if (priority_ != kNoPriority) metrics_.CallLeft(method_, priority_);
  metrics_.CallHandled(method_, grpc_code_, std::chrono::steady_clock::now() - started_);
}

void CallMetrics::SetPriority(size_t priority) {
  if (priority_ != kNoPriority) metrics_.CallLeft(method_, priority_);
  priority_ = priority;
  metrics_.CallEntered(method_, priority_);
}

void CallMetrics::MessageSent(size_t size_bytes) {
  if (!sent_any_) metrics_.FirstMessage(method_, std::chrono::steady_clock::now() - started_);
  sent_any_ = true;
  metrics_.MessageSent(method_, size_bytes);
}

void CallMetrics::WriteStalled(std::chrono::nanoseconds waited) {
  metrics_.WriteStalled(method_, waited);
}

}  // namespace sextant
