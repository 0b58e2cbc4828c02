#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "service/rpc/query_call.h"
#include "service/rpc/result_stream.h"
#include "service/wire/result_encoder.h"

namespace sextant {

/// A call that is answered by a stream of frames: header, batches, summary. Batches are made on the
/// pool, a few ahead of the reader; gRPC threads only take the next one from the queue.
class StreamedCall : public QueryCall,
                     public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                     private FrameWriter {
 public:
  /// Begins `call`, a new one, which keeps itself until it is done.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Begin(std::shared_ptr<StreamedCall> call,
                                                           const grpc::ByteBuffer& message);

 protected:
  StreamedCall(const QueryServices& services, RpcMethod method,
               grpc::CallbackServerContext& context);

  void OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) override;

 private:
  class ProduceTask;

  void OnWriteDone(bool ok) override;
  void OnCancel() override { Cancel(); }
  void OnDone() override;

  void Write(std::string frame) override;
  void WriteLast(std::string frame) override;
  void Finish(const absl::Status& status) override;

  /// Pushes one frame of a batch, after making the batch where none waits; returns whether to go
  /// on.
  bool ProduceFrame();
  /// Makes the frames of the next batch; none after the last.
  absl::Status EncodeNextBatch();
  void EndWithSummary();
  void SubmitProducer();
  void SetAlarms();
  std::shared_ptr<StreamedCall> Self();

  std::shared_ptr<StreamedCall> self_;
  ResultStream stream_;
  grpc::ByteBuffer writing_;
  int64_t write_began_us_ = 0;

  // The producer's.
  std::unique_ptr<ResultCursor> cursor_;
  std::optional<ResultEncoder> encoder_;
  std::deque<std::string> frames_;  // of the last batch, not yet pushed
  int64_t stream_began_us_ = 0;
  bool first_batch_ = true;

  /// Wakes a producer that waits for its reader when the time is up; then ends the call although
  /// its reader does not take the last write.
  grpc::Alarm deadline_alarm_;
  grpc::Alarm cutoff_alarm_;
  std::mutex done_mutex_;
  bool done_ = false;
};

}  // namespace sextant
