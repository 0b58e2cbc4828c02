#include "service/rpc/streamed_call.h"

#include <chrono>
#include <utility>

#include "compute/memory/status_macros.h"
#include "service/rpc/error_details.h"
#include "service/wire/frame.h"

namespace sextant {
namespace {

constexpr size_t kQueuedFrames = 3;
/// How many frames are made before the worker may turn to more urgent work.
constexpr int kFramesAtOnce = 2;
constexpr int64_t kStallUs = 1'000;
constexpr int64_t kCutoffAfterUs = 1'000'000;

}  // namespace

class StreamedCall::ProduceTask final : public Task {
 public:
  explicit ProduceTask(std::shared_ptr<StreamedCall> call) : call_(std::move(call)) {}
  bool Step() override { return call_->ProduceFrame(); }

 private:
  const std::shared_ptr<StreamedCall> call_;
};

grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamedCall::Begin(std::shared_ptr<StreamedCall> call,
                                                                const grpc::ByteBuffer& message) {
  call->self_ = call;
  call->QueryCall::Begin(message);
  return call.get();
}

StreamedCall::StreamedCall(const QueryServices& services, RpcMethod method,
                           grpc::CallbackServerContext& context)
    : QueryCall(services, method, context),
      stream_(*this, kQueuedFrames, [this] { SubmitProducer(); }) {}

std::shared_ptr<StreamedCall> StreamedCall::Self() {
  return std::static_pointer_cast<StreamedCall>(shared_from_this());
}

void StreamedCall::OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
  if (!result.ok()) return stream_.End(result.status());
  SetStage(CancelStage::kWriting);
  context().SetStage(QueryStage::kStream);
  answer_.emplace(*std::move(result), format(), services().clock);
  CountResult(SummaryOf(answer_->cursor()));
  BeginStream();
  if (stream_.Push(answer_->Header()) != ResultStream::PushResult::kContinue) {
    return stream_.End(absl::CancelledError("the client went away"));
  }
  for (int i = 0; i < kFramesAtOnce; ++i) {
    if (!ProduceFrame()) return;
  }
  SubmitProducer();
}

void StreamedCall::SubmitProducer() {
  services().pool.Submit(priority(), std::make_unique<ProduceTask>(Self()));
}

absl::StatusOr<StreamedCall::Progress> StreamedCall::MakeFrames(std::deque<std::string>& frames) {
  SEXTANT_ASSIGN_OR_RETURN(std::vector<std::string> batch, answer_->NextBatch());
  for (std::string& frame : batch) frames.push_back(std::move(frame));
  return batch.empty() ? Progress::kEnded : Progress::kFrames;
}

std::string StreamedCall::LastFrame() {
  const v1::Summary summary = answer_->Summary(SummaryOf(answer_->cursor()));
  AddTrailers(summary);
  answer_.reset();
  return FrameOf(FrameField::kSummary, summary);
}

bool StreamedCall::ProduceFrame() {
  absl::Status status = context().Check();
  if (status.ok() && frames_.empty()) {
    const absl::StatusOr<Progress> made = MakeFrames(frames_);
    // From then on another thread may be at it.
    if (made.ok() && *made == Progress::kWaiting) return false;
    if (made.ok() && *made == Progress::kEnded) {
      stream_.End(absl::OkStatus(), LastFrame());
      return false;
    }
    status = made.status();
  }
  if (!status.ok()) {
    stream_.End(status);
    return false;
  }
  std::string frame = std::move(frames_.front());
  frames_.pop_front();
  switch (stream_.Push(std::move(frame))) {
    case ResultStream::PushResult::kContinue:
      return true;
    case ResultStream::PushResult::kParked:
      return false;
    case ResultStream::PushResult::kBroken:
      break;
  }
  stream_.End(absl::CancelledError("the client went away"));
  return false;
}

void StreamedCall::Write(std::string frame) {
  metrics().MessageSent(frame.size());
  write_began_us_ = services().clock.MonotonicUs();
  writing_ = ToByteBuffer(std::move(frame));
  StartWrite(&writing_);
}

void StreamedCall::WriteLast(std::string frame) {
  metrics().MessageSent(frame.size());
  metrics().SetCode(0);
  writing_ = ToByteBuffer(std::move(frame));
  StartWriteAndFinish(&writing_, grpc::WriteOptions(), grpc::Status::OK);
}

void StreamedCall::Finish(const absl::Status& status) {
  ServerWriteReactor::Finish(ToGrpcStatus(ForCaller(status)));
}

void StreamedCall::OnWriteDone(bool ok) {
  // The call may be done, on another thread, before the last write returns here.
  const std::shared_ptr<StreamedCall> self = Self();
  const int64_t waited_us = services().clock.MonotonicUs() - write_began_us_;
  if (waited_us >= kStallUs) metrics().WriteStalled(std::chrono::microseconds(waited_us));
  stream_.OnWritten(ok);
}

void StreamedCall::BeginStream() {
  const auto now = std::chrono::system_clock::now();
  const int64_t remaining_us = deadline_us() - services().clock.MonotonicUs();
  const std::weak_ptr<StreamedCall> call = Self();
  deadline_alarm_.Set(now + std::chrono::microseconds(remaining_us), [call](bool fired) {
    const std::shared_ptr<StreamedCall> self = call.lock();
    if (fired && self != nullptr) self->stream_.Wake();
  });
  cutoff_alarm_.Set(now + std::chrono::microseconds(remaining_us + kCutoffAfterUs),
                    [call](bool fired) {
                      const std::shared_ptr<StreamedCall> self = call.lock();
                      if (!fired || self == nullptr) return;
                      const std::lock_guard lock(self->done_mutex_);
                      if (!self->done_) self->grpc_context().TryCancel();
                    });
}

void StreamedCall::OnDone() {
  {
    const std::lock_guard lock(done_mutex_);
    done_ = true;
  }
  deadline_alarm_.Cancel();
  cutoff_alarm_.Cancel();
  self_.reset();
}

}  // namespace sextant
