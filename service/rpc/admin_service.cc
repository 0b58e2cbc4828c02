#include "service/rpc/admin_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/instant_text.h"
#include "service/rpc/immediate_call.h"
#include "service/rpc/refresh_call.h"
#include "service/translation/dataset_to_proto.h"

namespace sextant {

AdminService::AdminService(const TableCache& cache, const Clock& clock, ServiceMetrics& metrics,
                           std::function<ServerState()> state, Refresh refresh)
    : cache_(cache),
      clock_(clock),
      metrics_(metrics),
      state_(std::move(state)),
      refresh_(std::move(refresh)) {}

grpc::ServerUnaryReactor* AdminService::GetStatus(grpc::CallbackServerContext* context,
                                                  const v1::GetStatusRequest*,
                                                  v1::GetStatusResponse* response) {
  return AnswerAtOnce(*context, metrics_, RpcMethod::kGetStatus, *response,
                      [&](const TenantClaim&) { return FillStatus(*response); });
}

absl::Status AdminService::FillStatus(v1::GetStatusResponse& response) const {
  const ServerState state = state_();
  response.set_server_version(state.version);
  response.set_started_at(FormatInstant(state.started_wall_us, absl::UTCTimeZone()));
  response.set_ready(state.ready);
  response.set_draining(state.draining);
  response.set_memory_used_bytes(state.memory_used_bytes);
  response.set_memory_limit_bytes(state.memory_limit_bytes);
  response.set_compute_threads(state.compute_threads);
  std::vector<DatasetStatus> statuses = cache_.Statuses();
  std::sort(statuses.begin(), statuses.end(),
            [](const DatasetStatus& a, const DatasetStatus& b) { return a.dataset < b.dataset; });
  for (const DatasetStatus& status : statuses) {
    *response.add_datasets() = StatusToProto(status, clock_.WallUs());
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* AdminService::RefreshDataset(grpc::CallbackServerContext* context,
                                                       const v1::RefreshDatasetRequest* request,
                                                       v1::RefreshDatasetResponse* response) {
  const auto fill = [this, name = request->name(), response]() -> absl::Status {
    SEXTANT_ASSIGN_OR_RETURN(const DatasetStatus status, cache_.StatusOf(name));
    *response->mutable_dataset() = StatusToProto(status, clock_.WallUs());
    return absl::OkStatus();
  };
  if (request->wait()) {
    return RefreshCall::Begin(
        metrics_,
        [this, request](std::function<void(absl::Status)> done) {
          return refresh_(request->name(), std::move(done));
        },
        fill);
  }
  return AnswerAtOnce(
      *context, metrics_, RpcMethod::kRefreshDataset, *response,
      [&](const TenantClaim&) -> absl::Status {
        SEXTANT_RETURN_IF_ERROR(refresh_(request->name(), [](const absl::Status&) {}));
        return fill();
      });
}

}  // namespace sextant
