#pragma once

#include <grpcpp/support/server_callback.h>
#include <grpcpp/version_info.h>

#include <memory>

#include "service/rpc/query_call.h"

namespace sextant {

/// One call of ComputeMetrics: the whole answer in one message below 4 MiB, which is what clients
/// accept by default.
class ComputeMetricsCall final : public QueryCall, public grpc::ServerUnaryReactor {
 public:
  /// Begins the call. The reactor keeps itself until the call is done.
  static grpc::ServerUnaryReactor* Begin(const QueryServices& services,
                                         grpc::CallbackServerContext& context,
                                         const grpc::ByteBuffer& message,
                                         grpc::ByteBuffer& response);

  ComputeMetricsCall(const QueryServices& services, grpc::CallbackServerContext& context,
                     grpc::ByteBuffer& response);

 private:
  absl::StatusOr<const v1::QueryMetricsRequest*> Parse(grpc::ByteBuffer& message,
                                                       google::protobuf::Arena& arena) override;
  void OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) override;
  void OnCancel() override { Cancel(); }
  void OnDone() override { self_.reset(); }
  /// Our reactions are short: gRPC needs no other thread for them, which it would have to wake. So
  /// OnDone may run within Finish, on the worker that called it, after which nothing touches this;
  /// OnCancel runs on a thread of gRPC. Not of gRPC's API: look it up again before the next
  /// version.
  bool InternalInlineable() override {
    static_assert(GRPC_CPP_VERSION_MAJOR == 1 && GRPC_CPP_VERSION_MINOR == 51);
    return true;
  }

  /// Reads the result to its end: the frames of a ComputeMetricsResponse, one after another its
  /// bytes.
  absl::StatusOr<std::vector<std::string>> Collect(ResultCursor& cursor);

  std::shared_ptr<ComputeMetricsCall> self_;
  grpc::ByteBuffer& response_;
};

}  // namespace sextant
