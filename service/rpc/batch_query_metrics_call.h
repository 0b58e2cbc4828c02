#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "compute/plan/bound_query.h"
#include "service/rpc/answer_frames.h"
#include "service/rpc/streamed_call.h"

namespace sextant {

/// One call of BatchQueryMetrics: several queries over the same versions, a few of them at a time.
/// Each is told as a whole, in the order in which they are answered; its frames carry its number.
/// What is wrong with one is told in its place.
class BatchQueryMetricsCall final : public StreamedCall {
 public:
  BatchQueryMetricsCall(const QueryServices& services, grpc::CallbackServerContext& context)
      : StreamedCall(services, RpcMethod::kBatchQueryMetrics, context) {}

 private:
  /// A query that is bound, or why it is not.
  struct Asked {
    absl::Status error = absl::OkStatus();
    std::shared_ptr<QueryContext> context;
    v1::ResultFormat format = v1::RESULT_FORMAT_COLUMNS;
    BoundQuery bound;
    std::vector<TenantScope> scopes;
  };
  /// A query that was answered, and is not told yet.
  struct Answered {
    size_t number = 0;
    absl::StatusOr<std::unique_ptr<ResultCursor>> result;
  };

  absl::Status Receive(grpc::ByteBuffer& message, google::protobuf::Arena& arena) override;
  absl::StatusOr<const v1::QueryMetricsRequest*> Parse(grpc::ByteBuffer&,
                                                       google::protobuf::Arena&) override {
    return absl::InternalError("a batch has no query of its own");  // Receive reads it as a whole
  }
  absl::StatusOr<Progress> MakeFrames(std::deque<std::string>& frames) override;
  std::string LastFrame() override { return {}; }

  /// Translates all, pins what they read in one moment, and binds them.
  absl::Status Prepare(const v1::BatchQueryMetricsRequest& request);
  absl::Status Bind(const v1::QueryMetricsRequest& request, const Query& query,
                    const std::vector<std::shared_ptr<const Table>>& tables, Asked& asked) const;
  /// Starts the next queries, as many as may be under way.
  void StartQueries();
  void Start(size_t number);
  void OnAnswered(size_t number, absl::StatusOr<std::unique_ptr<ResultCursor>> result);
  /// Adds the first frame of the next answer that is there.
  Progress BeginAnswer(std::deque<std::string>& frames);
  absl::Status ContinueAnswer(std::deque<std::string>& frames);
  std::string ErrorFrame(size_t number, const absl::Status& status);

  std::vector<Asked> asked_;  // of the producer, once Receive has returned

  // Of the producer.
  std::optional<AnswerFrames> answer_;  // that is being told
  size_t number_ = 0;                   // of that

  std::mutex mutex_;
  size_t next_ = 0;            // guarded by mutex_, as all below: the first not started
  size_t num_unfinished_ = 0;  // started, and not told to the end
  std::deque<Answered> answered_;
  bool is_waiting_ = true;  // nobody makes frames: there was none to tell
};

}  // namespace sextant
