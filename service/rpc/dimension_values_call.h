#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>

#include "service/rpc/query_call.h"
#include "sextant/v1/catalog_service.pb.h"

namespace sextant {

/// One call of ListDimensionValues: a count by the values of a column, a page at a time.
class DimensionValuesCall final : public QueryCall, public grpc::ServerUnaryReactor {
 public:
  /// Begins the call. The reactor keeps itself until the call is done.
  static grpc::ServerUnaryReactor* Begin(const QueryServices& services,
                                         grpc::CallbackServerContext& context,
                                         const v1::ListDimensionValuesRequest& request,
                                         v1::ListDimensionValuesResponse& response);

  DimensionValuesCall(const QueryServices& services, grpc::CallbackServerContext& context,
                      const v1::ListDimensionValuesRequest& request,
                      v1::ListDimensionValuesResponse& response);

 private:
  /// The query of the page; there is no message to read.
  absl::StatusOr<const v1::QueryMetricsRequest*> Parse(grpc::ByteBuffer& message,
                                                       google::protobuf::Arena& arena) override;
  void OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) override;
  void OnCancel() override { Cancel(); }
  void OnDone() override { self_.reset(); }

  absl::Status Fill(ResultCursor& cursor);

  std::shared_ptr<DimensionValuesCall> self_;
  const v1::ListDimensionValuesRequest& request_;
  v1::ListDimensionValuesResponse& response_;
};

}  // namespace sextant
