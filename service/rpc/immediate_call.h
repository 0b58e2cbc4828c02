#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "service/admission/identity.h"
#include "service/instrumentation/call_metrics.h"
#include "service/rpc/error_details.h"

namespace sextant {

/// Who makes the call. Errors: as ClaimFromMetadata.
inline absl::StatusOr<TenantClaim> ClaimOf(const grpc::ServerContextBase& context) {
  std::vector<std::string_view> values;
  const auto [begin, end] = context.client_metadata().equal_range(kTenantMetadata);
  for (auto entry = begin; entry != end; ++entry) {
    values.emplace_back(entry->second.data(), entry->second.size());
  }
  return ClaimFromMetadata(values);
}

/// Ends a unary call with what `answer`, which must not block, makes of the claim of its caller.
template <typename Response, typename Answer>
grpc::ServerUnaryReactor* AnswerAtOnce(grpc::CallbackServerContext& context,
                                       ServiceMetrics& metrics, RpcMethod method,
                                       Response& response, Answer answer) {
  CallMetrics call(metrics, method);
  const absl::StatusOr<TenantClaim> claim = ClaimOf(context);
  const absl::Status status = claim.ok() ? answer(*claim) : claim.status();
  if (status.ok()) call.MessageSent(response.ByteSizeLong());
  call.SetCode(static_cast<int>(status.code()));
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

}  // namespace sextant
