#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <stop_token>

#include "service/rpc/query_call.h"
#include "service/verification/answer_comparison.h"

namespace sextant {

/// One call of VerifyMetrics (rule 25). The snapshot is loaded, the query run and the SQL asked on
/// a load thread, which holds one of the source's connections meanwhile.
class VerifyMetricsCall final : public QueryCall, public grpc::ServerUnaryReactor {
 public:
  /// Begins the call. The reactor keeps itself until the call is done.
  static grpc::ServerUnaryReactor* Begin(const QueryServices& services,
                                         grpc::CallbackServerContext& context,
                                         const grpc::ByteBuffer& message,
                                         grpc::ByteBuffer& response);

  VerifyMetricsCall(const QueryServices& services, grpc::CallbackServerContext& context,
                    grpc::ByteBuffer& response);
  ~VerifyMetricsCall() override;

 private:
  absl::StatusOr<v1::QueryMetricsRequest> Parse(grpc::ByteBuffer& message) override;
  absl::Status Start(const v1::QueryMetricsRequest& request, const Query& query) override;
  /// Only errors come here: the answer is Verify's.
  void OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) override;
  void OnCancel() override;
  void OnDone() override { self_.reset(); }

  /// Fills `answer_`.
  absl::Status Verify(const Query& query, SourceConnection& source,
                      const std::vector<std::shared_ptr<const Table>>& tables,
                      std::stop_token stop);
  void End(const absl::Status& status);

  std::shared_ptr<VerifyMetricsCall> self_;
  grpc::ByteBuffer& response_;
  v1::VerifyMetricsResponse answer_;
  std::stop_source gone_;  // of the caller
  bool holds_turn_ = false;
};

}  // namespace sextant
