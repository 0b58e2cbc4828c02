#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "service/rpc/inspection_refusal.h"
#include "service/rpc/query_call.h"
#include "service/rpc/verification_turn.h"
#include "service/verification/answer_comparison.h"

namespace sextant {

/// One call of VerifyMetrics (rule 25). The snapshot is loaded, the query run and the SQL asked on
/// a load thread, which holds one of the source's connections meanwhile.
///
/// The call ends at its deadline whatever the source does: an alarm stops the inspection and
/// answers. What the load thread does until it sees that is lost, but keeps the turn.
class VerifyMetricsCall final : public QueryCall, public grpc::ServerUnaryReactor {
 public:
  /// Begins the call. The reactor keeps itself until the call is done.
  static grpc::ServerUnaryReactor* Begin(const QueryServices& services,
                                         grpc::CallbackServerContext& context,
                                         const grpc::ByteBuffer& message,
                                         grpc::ByteBuffer& response);

  VerifyMetricsCall(const QueryServices& services, grpc::CallbackServerContext& context,
                    grpc::ByteBuffer& response);

 private:
  absl::StatusOr<const v1::QueryMetricsRequest*> Parse(grpc::ByteBuffer& message,
                                                       google::protobuf::Arena& arena) override;
  absl::Status Start(const v1::QueryMetricsRequest& request, const Query& query) override;
  /// Only errors come here: the answer is Verify's.
  void OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) override;
  void OnCancel() override;
  void OnDone() override { self_.reset(); }

  Inspection MakeInspection(const Query& query);
  void SetAlarm();
  void OnDeadline();
  /// The inspection is over; what it held is given back.
  void OnInspected(const absl::Status& status);
  /// Fills `answer_`.
  absl::Status Verify(const Query& query, const QuerySnapshot& source,
                      const std::vector<std::shared_ptr<const Table>>& tables,
                      std::stop_token stop);
  absl::Status AskAndCompare(const std::string& sql, const QuerySnapshot& source,
                             ResultCursor& ours, std::span<const FloatBound> bounds);
  /// What the caller is told of an error of the source.
  absl::Status Told(const absl::Status& told, const absl::Status& cause) const;
  /// `status`, or that the time was over and where.
  absl::Status OrDeadline(const absl::Status& status) const;
  /// Answers the caller; only the first to come does.
  void End(const absl::Status& status);

  void SetVerificationStage(VerificationStage stage) { verification_stage_ = stage; }

  std::shared_ptr<VerifyMetricsCall> self_;
  grpc::ByteBuffer& response_;
  v1::VerifyMetricsResponse answer_;
  std::vector<std::string> datasets_;
  std::unique_ptr<VerificationTurn> turn_;
  std::optional<absl::Status> verdict_;  // of Verify
  std::stop_source gone_;                // of the caller, or of its time
  grpc::Alarm alarm_;
  std::atomic<VerificationStage> verification_stage_{VerificationStage::kQueue};
  std::atomic<VerificationStage> late_stage_{VerificationStage::kQueue};
  std::atomic<bool> is_late_{false};  // and `late_stage_` is set
  std::atomic<bool> has_ended_{false};
};

}  // namespace sextant
