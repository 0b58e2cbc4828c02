#include "service/rpc/result_stream.h"

#include <utility>

#include "compute/memory/check.h"

namespace sextant {

ResultStream::ResultStream(FrameWriter& writer, size_t max_frames, std::function<void()> resume)
    : writer_(writer), max_frames_(max_frames), resume_(std::move(resume)) {
  SEXTANT_CHECK(max_frames_ >= 1);
}

ResultStream::PushResult ResultStream::Push(std::string frame) {
  std::unique_lock lock(mutex_);
  SEXTANT_CHECK(!ended_);
  if (broken_) return PushResult::kBroken;
  if (!writing_) {
    // Nothing waits when nothing is being written.
    writing_ = true;
    lock.unlock();
    writer_.Write(std::move(frame));
    return PushResult::kContinue;
  }
  frames_.push_back(std::move(frame));
  if (frames_.size() < max_frames_) return PushResult::kContinue;
  parked_ = true;
  return PushResult::kParked;
}

void ResultStream::End(const absl::Status& status, std::string last_frame) {
  std::unique_lock lock(mutex_);
  SEXTANT_CHECK(!ended_);
  ended_ = true;
  parked_ = false;
  end_status_ = broken_ && status.ok() ? absl::CancelledError("the client went away") : status;
  last_frame_ = std::move(last_frame);
  if (!end_status_.ok()) frames_.clear();
  if (!writing_) WriteNextLocked(std::move(lock));
}

void ResultStream::OnWritten(bool ok) {
  std::unique_lock lock(mutex_);
  SEXTANT_CHECK(writing_);
  writing_ = false;
  if (!ok) {
    broken_ = true;
    frames_.clear();
    if (end_status_.ok()) end_status_ = absl::CancelledError("the client went away");
  }
  const bool resume = parked_ && (broken_ || frames_.size() <= max_frames_ / 2 + 1);
  if (!resume) return WriteNextLocked(std::move(lock));
  // The resumed producer may end the call at once, and with it this stream, unless a write is
  // under way.
  parked_ = false;
  const std::function<void()> resume_producer = resume_;
  if (!frames_.empty()) {
    writing_ = true;
    std::string frame = std::move(frames_.front());
    frames_.pop_front();
    lock.unlock();
    resume_producer();
    return writer_.Write(std::move(frame));
  }
  lock.unlock();
  resume_producer();
}

void ResultStream::Wake() {
  std::unique_lock lock(mutex_);
  if (!std::exchange(parked_, false)) return;
  const std::function<void()> resume_producer = resume_;
  lock.unlock();
  resume_producer();
}

void ResultStream::WriteNextLocked(std::unique_lock<std::mutex> lock) {
  if (!frames_.empty()) {
    writing_ = true;
    std::string frame = std::move(frames_.front());
    frames_.pop_front();
    lock.unlock();
    return writer_.Write(std::move(frame));
  }
  if (!ended_) return;
  // The writer may delete this stream in its last call.
  const absl::Status status = end_status_;
  std::string last_frame = std::move(last_frame_);
  FrameWriter& writer = writer_;
  lock.unlock();
  if (status.ok() && !last_frame.empty()) return writer.WriteLast(std::move(last_frame));
  writer.Finish(status);
}

}  // namespace sextant
