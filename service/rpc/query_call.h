#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result.h"
#include "compute/plan/bound_query.h"
#include "service/instrumentation/call_metrics.h"
#include "service/rpc/query_preparation.h"
#include "service/rpc/query_services.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// A call that asks for metrics, from its arrival to the finished result: what QueryMetrics and
/// ComputeMetrics have in common. On the gRPC thread it only notes who asks and until when;
/// reading, translating, binding and running are work of the pool.
class QueryCall : public std::enable_shared_from_this<QueryCall> {
 public:
  virtual ~QueryCall() = default;

 protected:
  /// `grpc_context` may be used until the call is done.
  QueryCall(const QueryServices& services, RpcMethod method,
            grpc::CallbackServerContext& grpc_context);

  /// Begins with the message as it came; OnResult is called once, on a pool thread.
  void Begin(const grpc::ByteBuffer& message);
  /// The client went away: the query ends at its next morsel.
  void Cancel();

  /// Reads the message; what it returns lives in `arena`. Errors: INVALID_ARGUMENT.
  virtual absl::StatusOr<const v1::QueryMetricsRequest*> Parse(grpc::ByteBuffer& message,
                                                               google::protobuf::Arena& arena) = 0;
  virtual void OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) = 0;
  /// Reads the message and starts what it asks, on a pool thread. An error is the result.
  virtual absl::Status Receive(grpc::ByteBuffer& message, google::protobuf::Arena& arena);
  /// Starts the query, on a pool thread: against the published tables, on the pool. An error is the
  /// result.
  virtual absl::Status Start(const v1::QueryMetricsRequest& request, const Query& query);
  /// Called before the bound query runs.
  virtual void OnBound(const BoundQuery&) {}

  /// Whether the call may go on: makes its context. Errors: UNAVAILABLE while the server ends,
  /// those of the context, UNAUTHENTICATED.
  absl::Status Admit(Priority priority);
  /// Of one of several queries: until the call's deadline, and cancelled with it. REQUIRES: Admit.
  std::shared_ptr<QueryContext> MakeQueryContext(Priority priority);
  /// Of the caller, whose periods are read as a part of `context`. REQUIRES: Admit.
  Asker AskerWith(QueryContext& context) const;
  /// What the caller is told of `status`: our own errors by an id that is in the log, a lack of
  /// memory with a reason. Counts it.
  absl::Status ForCaller(const absl::Status& status);
  /// What the caller is told in place of `cause`, which goes to the log under an id: `told`, whose
  /// message and metadata name that id. REQUIRES: `told` is no error of ours, see ForCaller.
  absl::Status WithLoggedCause(const absl::Status& told, const absl::Status& cause) const;
  /// Puts the figures of the summary into the trailing metadata.
  void AddTrailers(const v1::Summary& summary);
  /// What the query did; time in the queue is that of its message too.
  ResultSummary SummaryOf(const ResultCursor& result) const;
  /// Counts it.
  void CountResult(const ResultSummary& summary);

  const QueryServices& services() const { return services_; }
  grpc::CallbackServerContext& grpc_context() { return grpc_context_; }
  CallMetrics& metrics() { return metrics_; }
  /// REQUIRES: the query was bound.
  QueryContext& context() { return *context_; }
  Priority priority() const { return priority_; }
  const std::shared_ptr<QueryContext>& shared_context() const { return context_; }
  /// REQUIRES: Start was called.
  const TenantClaim& claim() const { return *claim_; }
  /// REQUIRES: the query was bound.
  v1::ResultFormat format() const { return format_; }
  int64_t deadline_us() const { return deadline_us_; }
  void SetStage(CancelStage stage) { stage_.store(stage, std::memory_order_relaxed); }

 private:
  void Run(grpc::ByteBuffer message);
  absl::Status Submit(const v1::QueryMetricsRequest& request);
  void CountRejection(const absl::Status& status);

  const QueryServices& services_;
  const CallGate::Entry entry_;
  grpc::CallbackServerContext& grpc_context_;
  CallMetrics metrics_;
  const int64_t arrived_us_;
  const int64_t deadline_us_;
  const absl::StatusOr<TenantClaim> claim_;
  std::atomic<CancelStage> stage_{CancelStage::kQueued};
  Priority priority_ = Priority::kInteractive;
  v1::ResultFormat format_ = v1::RESULT_FORMAT_COLUMNS;
  int64_t message_queued_us_ = 0;

  std::shared_ptr<QueryContext> context_;

  std::mutex mutex_;
  bool cancelled_ = false;                                     // guarded by mutex_
  std::vector<std::shared_ptr<QueryContext>> query_contexts_;  // guarded by mutex_; all
};

/// Errors: INVALID_ARGUMENT that names the message.
absl::Status ParseMessage(grpc::ByteBuffer& bytes, google::protobuf::Message& message);

/// The same into a message that lives in `arena`.
template <typename Message>
absl::StatusOr<const Message*> ParseMessage(grpc::ByteBuffer& bytes,
                                            google::protobuf::Arena& arena) {
  auto* const message = google::protobuf::Arena::CreateMessage<Message>(&arena);
  const absl::Status status = ParseMessage(bytes, *message);
  if (!status.ok()) return status;
  return message;
}

/// `bytes` without a copy.
grpc::ByteBuffer ToByteBuffer(std::string bytes);
/// One after another.
grpc::ByteBuffer ToByteBuffer(std::vector<std::string> parts);

}  // namespace sextant
