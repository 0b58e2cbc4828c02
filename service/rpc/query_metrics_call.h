#pragma once

#include "service/rpc/streamed_call.h"

namespace sextant {

/// One call of QueryMetrics.
class QueryMetricsCall final : public StreamedCall {
 public:
  QueryMetricsCall(const QueryServices& services, grpc::CallbackServerContext& context)
      : StreamedCall(services, RpcMethod::kQueryMetrics, context) {}

 private:
  absl::StatusOr<const v1::QueryMetricsRequest*> Parse(grpc::ByteBuffer& message,
                                                       google::protobuf::Arena& arena) override {
    return ParseMessage<v1::QueryMetricsRequest>(message, arena);
  }
};

}  // namespace sextant
