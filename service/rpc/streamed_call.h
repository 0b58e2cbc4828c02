#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "service/rpc/answer_frames.h"
#include "service/rpc/query_call.h"
#include "service/rpc/result_stream.h"

namespace sextant {

/// A call that is answered by a stream of frames; of one query these are header, batches, summary.
/// They are made on the pool, a few ahead of the reader; gRPC threads only take the next one from
/// the queue.
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

  /// Of the one query of the call; an error ends the call whatever it asks.
  void OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) override;

  enum class Progress {
    kFrames,   // there are more
    kWaiting,  // there are none yet: who makes some possible calls SubmitProducer
    kEnded,    // LastFrame is the last one, unless it is empty
  };
  /// Adds the next frames, one at least, to `frames`, which is empty. On one pool thread at a time.
  virtual absl::StatusOr<Progress> MakeFrames(std::deque<std::string>& frames);
  virtual std::string LastFrame();
  /// Before the first frame.
  void BeginStream();
  /// Goes on to make frames, on the pool. REQUIRES: nobody does.
  void SubmitProducer();

 private:
  class ProduceTask;

  void OnWriteDone(bool ok) override;
  void OnCancel() override { Cancel(); }
  void OnDone() override;

  void Write(std::string frame) override;
  void WriteLast(std::string frame) override;
  void Finish(const absl::Status& status) override;

  /// Pushes one frame, after making some where none waits; returns whether to go on.
  bool ProduceFrame();
  std::shared_ptr<StreamedCall> Self();

  std::shared_ptr<StreamedCall> self_;
  ResultStream stream_;
  grpc::ByteBuffer writing_;
  int64_t write_began_us_ = 0;

  // The producer's.
  std::optional<AnswerFrames> answer_;  // of the one query
  std::deque<std::string> frames_;      // not yet pushed

  /// Wakes a producer that waits for its reader when the time is up; then ends the call although
  /// its reader does not take the last write.
  grpc::Alarm deadline_alarm_;
  grpc::Alarm cutoff_alarm_;
  std::mutex done_mutex_;
  bool done_ = false;
};

}  // namespace sextant
