#include "service/rpc/result_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum ResultStream::PushResult;

/// Keeps what it is told; writes end when the test says so.
class RecordingWriter final : public FrameWriter {
 public:
  void Write(std::string frame) override { frames.push_back(std::move(frame)); }
  void WriteLast(std::string frame) override {
    frames.push_back(std::move(frame));
    end = absl::OkStatus();
  }
  void Finish(const absl::Status& status) override { end = status; }

  std::vector<std::string> frames;
  std::optional<absl::Status> end;
};

struct Fixture {
  explicit Fixture(size_t max_frames) : stream(writer, max_frames, [this] { ++resumed; }) {}
  RecordingWriter writer;
  int resumed = 0;
  ResultStream stream;
};

TEST(ResultStreamTest, TheFirstFrameIsWrittenAtOnce) {
  Fixture f(2);
  EXPECT_EQ(f.stream.Push("a"), kContinue);
  EXPECT_THAT(f.writer.frames, ElementsAre("a"));
}

TEST(ResultStreamTest, OneWriteIsUnderWayAtATime) {
  Fixture f(3);
  f.stream.Push("a");
  f.stream.Push("b");
  EXPECT_THAT(f.writer.frames, ElementsAre("a"));
  f.stream.OnWritten(true);
  EXPECT_THAT(f.writer.frames, ElementsAre("a", "b"));
}

TEST(ResultStreamTest, AFullQueueParksTheProducer) {
  Fixture f(2);
  EXPECT_EQ(f.stream.Push("a"), kContinue);
  EXPECT_EQ(f.stream.Push("b"), kContinue);
  EXPECT_EQ(f.stream.Push("c"), kParked);
  EXPECT_EQ(f.resumed, 0);
}

TEST(ResultStreamTest, AParkedProducerIsResumedOnceWhenHalfOfTheQueueIsSent) {
  Fixture f(4);
  for (const char* frame : {"a", "b", "c", "d", "e"}) f.stream.Push(frame);
  f.stream.OnWritten(true);
  EXPECT_EQ(f.resumed, 0);
  f.stream.OnWritten(true);
  EXPECT_EQ(f.resumed, 1);
  f.stream.OnWritten(true);
  EXPECT_EQ(f.resumed, 1);
}

TEST(ResultStreamTest, AQueueOfOneFrameGoesOn) {
  Fixture f(1);
  f.stream.Push("a");
  EXPECT_EQ(f.stream.Push("b"), kParked);
  f.stream.OnWritten(true);
  EXPECT_EQ(f.resumed, 1);
  EXPECT_EQ(f.stream.Push("c"), kParked);
}

TEST(ResultStreamTest, EndsAfterEverythingWasWritten) {
  Fixture f(4);
  f.stream.Push("a");
  f.stream.Push("b");
  f.stream.End(absl::OkStatus(), "summary");
  EXPECT_EQ(f.writer.end, std::nullopt);
  f.stream.OnWritten(true);
  EXPECT_EQ(f.writer.end, std::nullopt);
  f.stream.OnWritten(true);
  EXPECT_THAT(f.writer.frames, ElementsAre("a", "b", "summary"));
  EXPECT_EQ(f.writer.end, absl::OkStatus());
}

TEST(ResultStreamTest, AnIdleStreamEndsAtOnce) {
  Fixture f(4);
  f.stream.End(absl::OkStatus(), "summary");
  EXPECT_EQ(f.writer.end, absl::OkStatus());
}

TEST(ResultStreamTest, AnErrorDropsWhatWaitsAndTheSummary) {
  Fixture f(4);
  f.stream.Push("a");
  f.stream.Push("b");
  f.stream.End(absl::DeadlineExceededError("late"), "summary");
  f.stream.OnWritten(true);
  EXPECT_THAT(f.writer.frames, ElementsAre("a"));
  EXPECT_EQ(f.writer.end, absl::DeadlineExceededError("late"));
}

TEST(ResultStreamTest, AnErrorBeforeTheFirstFrameIsTheWholeAnswer) {
  Fixture f(4);
  f.stream.End(absl::NotFoundError("no such dataset"));
  EXPECT_THAT(f.writer.frames, IsEmpty());
  EXPECT_EQ(f.writer.end, absl::NotFoundError("no such dataset"));
}

TEST(ResultStreamTest, AFailedWriteResumesTheParkedProducerWhichLearnsOfIt) {
  Fixture f(4);
  for (const char* frame : {"a", "b", "c", "d", "e"}) f.stream.Push(frame);
  f.stream.OnWritten(false);
  EXPECT_EQ(f.resumed, 1);
  EXPECT_EQ(f.stream.Push("f"), kBroken);
  f.stream.End(absl::OkStatus(), "summary");
  EXPECT_THAT(f.writer.frames, ElementsAre("a"));
  EXPECT_EQ(f.writer.end->code(), absl::StatusCode::kCancelled);
}

TEST(ResultStreamTest, AWriteThatFailsAfterTheEndIsNotASuccess) {
  Fixture f(4);
  f.stream.Push("a");
  f.stream.Push("b");
  f.stream.End(absl::OkStatus(), "summary");
  f.stream.OnWritten(false);
  EXPECT_THAT(f.writer.frames, ElementsAre("a"));
  EXPECT_EQ(f.writer.end->code(), absl::StatusCode::kCancelled);
}

TEST(ResultStreamTest, WakeResumesAParkedProducerOnce) {
  Fixture f(1);
  f.stream.Push("a");
  f.stream.Push("b");
  f.stream.Wake();
  f.stream.Wake();
  EXPECT_EQ(f.resumed, 1);
}

TEST(ResultStreamTest, WakeLeavesARunningProducerAlone) {
  Fixture f(2);
  f.stream.Push("a");
  f.stream.Wake();
  EXPECT_EQ(f.resumed, 0);
}

/// A transport that completes writes on a thread of its own, as gRPC does.
class ThreadedWriter final : public FrameWriter {
 public:
  ~ThreadedWriter() override {
    if (thread_.joinable()) thread_.join();
  }
  void Start(ResultStream& stream) {
    thread_ = std::thread([this, &stream] { Complete(stream); });
  }
  void Write(std::string frame) override { Add(std::move(frame), /*ended=*/false); }
  void WriteLast(std::string frame) override { Add(std::move(frame), /*ended=*/true); }
  void Finish(const absl::Status&) override { Add("", /*ended=*/true); }
  const std::vector<std::string>& WaitForEnd() {
    thread_.join();
    return frames_;
  }

 private:
  void Add(std::string frame, bool ended) {
    const std::lock_guard lock(mutex_);
    frames_.push_back(std::move(frame));
    ++pending_;
    ended_ = ended;
    changed_.notify_one();
  }
  void Complete(ResultStream& stream) {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return pending_ > 0; });
      if (ended_) return;
      --pending_;
      lock.unlock();
      stream.OnWritten(true);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> frames_;
  int pending_ = 0;
  bool ended_ = false;
  std::thread thread_;
};

TEST(ResultStreamTest, EveryFrameArrivesInOrderFromAProducerThatParksAndResumes) {
  constexpr int kFrames = 2000;
  for (const size_t max_frames : {1, 2, 4}) {
    SCOPED_TRACE(max_frames);
    std::mutex mutex;
    std::condition_variable changed;
    int resumes = 0;
    ThreadedWriter writer;
    ResultStream stream(writer, max_frames, [&] {
      const std::lock_guard lock(mutex);
      ++resumes;
      changed.notify_one();
    });
    writer.Start(stream);
    for (int i = 0; i < kFrames; ++i) {
      if (stream.Push(std::to_string(i)) != kParked) continue;
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return resumes > 0; });
      --resumes;
    }
    stream.End(absl::OkStatus(), "summary");
    const std::vector<std::string>& frames = writer.WaitForEnd();
    ASSERT_EQ(frames.size(), kFrames + 1);
    for (int i = 0; i < kFrames; ++i) ASSERT_EQ(frames[static_cast<size_t>(i)], std::to_string(i));
    EXPECT_EQ(frames.back(), "summary");
  }
}

}  // namespace
}  // namespace sextant
