#pragma once

#include "service/rpc/streamed_call.h"

namespace sextant {

/// One call of QueryRows: the query of the cell is translated and bound as one of QueryMetrics;
/// then its rows are run in place of it.
class QueryRowsCall final : public StreamedCall {
 public:
  QueryRowsCall(const QueryServices& services, grpc::CallbackServerContext& context)
      : StreamedCall(services, RpcMethod::kQueryRows, context) {}

 private:
  absl::StatusOr<const v1::QueryMetricsRequest*> Parse(grpc::ByteBuffer& message,
                                                       google::protobuf::Arena& arena) override;
  absl::Status Start(const v1::QueryMetricsRequest& request, const Query& query) override;

  const v1::QueryRowsRequest* asked_ = nullptr;  // from Parse to Start, which it lives as long as
};

}  // namespace sextant
