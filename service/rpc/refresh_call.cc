#include "service/rpc/refresh_call.h"

#include <utility>

#include "service/rpc/error_details.h"

namespace sextant {

grpc::ServerUnaryReactor* RefreshCall::Begin(ServiceMetrics& metrics, const StartLoad& start,
                                             FillResponse fill) {
  const auto call = std::make_shared<RefreshCall>(metrics, std::move(fill));
  call->self_ = call;
  const absl::Status started = start([call](const absl::Status& loaded) { call->End(loaded); });
  if (!started.ok()) call->End(started);
  return call.get();
}

RefreshCall::RefreshCall(ServiceMetrics& metrics, FillResponse fill)
    : metrics_(metrics, RpcMethod::kRefreshDataset), fill_(std::move(fill)) {}

void RefreshCall::End(const absl::Status& status) {
  // Only the first to come may touch the response: after Finish it may be gone.
  if (ended_.exchange(true)) return;
  // The call may be done, on another thread, before Finish returns here.
  const std::shared_ptr<RefreshCall> self = shared_from_this();
  const absl::Status result = status.ok() ? fill_() : status;
  metrics_.SetCode(static_cast<int>(result.code()));
  Finish(ToGrpcStatus(result));
}

}  // namespace sextant
