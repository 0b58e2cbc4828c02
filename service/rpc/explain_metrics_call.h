#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>

#include "service/rpc/query_call.h"

namespace sextant {

/// One call of ExplainMetrics: the query is run with a profile, its cells are not sent.
class ExplainMetricsCall final : public QueryCall, public grpc::ServerUnaryReactor {
 public:
  /// Begins the call. The reactor keeps itself until the call is done.
  static grpc::ServerUnaryReactor* Begin(const QueryServices& services,
                                         grpc::CallbackServerContext& context,
                                         const grpc::ByteBuffer& message,
                                         grpc::ByteBuffer& response);

  ExplainMetricsCall(const QueryServices& services, grpc::CallbackServerContext& context,
                     grpc::ByteBuffer& response);

 private:
  absl::StatusOr<const v1::QueryMetricsRequest*> Parse(grpc::ByteBuffer& message,
                                                       google::protobuf::Arena& arena) override;
  void OnBound(const BoundQuery& bound) override;
  void OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) override;
  void OnCancel() override { Cancel(); }
  void OnDone() override { self_.reset(); }

  absl::StatusOr<v1::ExplainMetricsResponse> Explain(const ResultCursor& cursor);

  std::shared_ptr<ExplainMetricsCall> self_;
  grpc::ByteBuffer& response_;
  std::optional<BoundQuery> bound_;
};

}  // namespace sextant
