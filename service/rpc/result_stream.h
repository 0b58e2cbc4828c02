#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "absl/status/status.h"

namespace sextant {

/// What an answer is written to. Of its methods one is called at a time, and after Write not
/// before OnWritten.
class FrameWriter {
 public:
  virtual ~FrameWriter() = default;
  /// Begins to write; ResultStream::OnWritten is called when that has ended.
  virtual void Write(std::string frame) = 0;
  /// Writes and ends with OK; OnWritten is not called.
  virtual void WriteLast(std::string frame) = 0;
  /// Ends; nothing is called afterwards.
  virtual void Finish(const absl::Status& status) = 0;
};

/// The answer of one call between the task that produces its frames and the writer that sends
/// them: a queue of few frames with one write under way.
///
/// A producer that finds the queue full parks: it returns its thread, and `resume` is called once
/// when half of the queue has been sent. Exactly one of WriteLast and Finish is called, after the
/// producer has called End and no write is under way.
///
/// Thread-safety: Push and End from one thread at a time (the producer's), OnWritten and Wake from
/// any. Calls to the writer and to `resume` are made without a lock.
class ResultStream {
 public:
  enum class PushResult {
    kContinue,
    kParked,  ///< taken; produce no more until `resume`
    kBroken,  ///< dropped: nobody reads any more; call End
  };

  /// `writer` must live until its last call.
  ResultStream(FrameWriter& writer, size_t max_frames, std::function<void()> resume);

  PushResult Push(std::string frame);

  /// The last call of the producer. With OK, what waits is sent and then `last_frame`; with an
  /// error, what waits is dropped. After this call the stream may be gone.
  void End(const absl::Status& status, std::string last_frame = {});

  /// The write under way has ended; `ok` false: nobody reads any more.
  void OnWritten(bool ok);

  /// Resumes a parked producer although the queue is full, so that it can see that its time is up
  /// or its reader gone. It may push one frame more.
  void Wake();

 private:
  void WriteNextLocked(std::unique_lock<std::mutex> lock);

  FrameWriter& writer_;
  const size_t max_frames_;
  const std::function<void()> resume_;

  std::mutex mutex_;
  std::deque<std::string> frames_;
  std::string last_frame_;
  absl::Status end_status_;
  bool writing_ = false;
  bool parked_ = false;
  bool broken_ = false;
  bool ended_ = false;
};

}  // namespace sextant
