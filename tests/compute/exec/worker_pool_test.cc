#include "compute/exec/worker_pool.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace sextant {
namespace {

using ::testing::ElementsAre;

/// Opens once; whoever waits goes on.
class Gate {
 public:
  void Open() {
    {
      const std::lock_guard lock(mutex_);
      is_open_ = true;
    }
    opened_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [&] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

class StepsTask final : public Task {
 public:
  StepsTask(int num_steps, std::function<void(int)> step)
      : num_steps_(num_steps), step_(std::move(step)) {}
  bool Step() override {
    step_(done_);
    return ++done_ < num_steps_;
  }

 private:
  const int num_steps_;
  const std::function<void(int)> step_;
  int done_ = 0;
};

TEST(WorkerPoolTest, RunsWhatIsQueuedBeforeItEnds) {
  std::atomic<int> runs = 0;
  {
    WorkerPool pool(2);
    for (int i = 0; i < 100; ++i) pool.Submit(Priority::kBatch, [&] { ++runs; });
  }
  EXPECT_EQ(runs, 100);
}

TEST(WorkerPoolTest, TheMoreUrgentTaskGoesFirst) {
  std::vector<std::string> order;
  {
    WorkerPool pool(1);
    Gate gate;
    pool.Submit(Priority::kCritical, [&] { gate.Wait(); });
    pool.Submit(Priority::kBackground, [&] { order.push_back("background"); });
    pool.Submit(Priority::kInteractive, [&] { order.push_back("interactive 1"); });
    pool.Submit(Priority::kCritical, [&] { order.push_back("critical"); });
    pool.Submit(Priority::kInteractive, [&] { order.push_back("interactive 2"); });
    gate.Open();
  }
  EXPECT_THAT(order, ElementsAre("critical", "interactive 1", "interactive 2", "background"));
}

TEST(WorkerPoolTest, ALongTaskGivesWayBetweenItsSteps) {
  std::vector<std::string> order;
  {
    WorkerPool pool(1);
    pool.Submit(Priority::kBatch, std::make_unique<StepsTask>(3, [&](int step) {
                  order.push_back("step " + std::to_string(step));
                  if (step == 0)
                    pool.Submit(Priority::kCritical, [&] { order.push_back("urgent"); });
                }));
  }
  EXPECT_THAT(order, ElementsAre("step 0", "urgent", "step 1", "step 2"));
}

TEST(WorkerPoolTest, ALongTaskGoesOnBeforeItsEqualsThatCameLater) {
  std::vector<std::string> order;
  {
    WorkerPool pool(1);
    pool.Submit(Priority::kBatch, std::make_unique<StepsTask>(2, [&](int step) {
                  order.push_back("step " + std::to_string(step));
                  if (step > 0) return;
                  pool.Submit(Priority::kBatch, [&] { order.push_back("equal"); });
                  pool.Submit(Priority::kCritical, [&] { order.push_back("urgent"); });
                }));
  }
  EXPECT_THAT(order, ElementsAre("step 0", "urgent", "step 1", "equal"));
}

TEST(WorkerPoolTest, AmongEqualsNoStepGivesWay) {
  std::vector<std::string> order;
  {
    WorkerPool pool(1);
    pool.Submit(Priority::kBatch, std::make_unique<StepsTask>(100, [&](int step) {
                  if (step == 0) pool.Submit(Priority::kBatch, [&] { order.push_back("equal"); });
                  if (step == 99) order.push_back("last step");
                }));
  }
  EXPECT_THAT(order, ElementsAre("last step", "equal"));
}

TEST(WorkerPoolTest, WhatATaskContinuesWithGoesBeforeItsEquals) {
  std::vector<std::string> order;
  {
    WorkerPool pool(1);
    pool.Submit(Priority::kBatch, [&] {
      pool.Submit(Priority::kBatch, [&] { order.push_back("equal"); });
      pool.Continue(Priority::kBatch,
                    std::make_unique<StepsTask>(1, [&](int) { order.push_back("next"); }));
    });
  }
  EXPECT_THAT(order, ElementsAre("next", "equal"));
}

TEST(WorkerPoolTest, OfTwoThatATaskContinuesWithAnotherWorkerTakesOne) {
  Gate gate;
  WorkerPool pool(2);
  pool.Submit(Priority::kBatch, [&] {
    pool.Continue(Priority::kBatch, std::make_unique<StepsTask>(1, [&](int) { gate.Open(); }));
    pool.Continue(Priority::kBatch, std::make_unique<StepsTask>(1, [&](int) { gate.Wait(); }));
  });
  gate.Wait();
}

TEST(WorkerPoolTest, ATaskThatGoesOnLeavesWhatItContinuesWithToAnotherWorker) {
  Gate gate;
  WorkerPool pool(2);
  pool.Submit(Priority::kBatch, std::make_unique<StepsTask>(2, [&](int step) {
                if (step == 1) return gate.Wait();
                pool.Continue(Priority::kBatch,
                              std::make_unique<StepsTask>(1, [&](int) { gate.Open(); }));
              }));
  gate.Wait();
}

TEST(WorkerPoolTest, WhatNoTaskContinuesWithWaits) {
  std::vector<std::string> order;
  {
    WorkerPool pool(1);
    Gate gate;
    pool.Submit(Priority::kCritical, [&] { gate.Wait(); });
    pool.Submit(Priority::kBatch, [&] { order.push_back("first"); });
    pool.Continue(Priority::kBatch,
                  std::make_unique<StepsTask>(1, [&](int) { order.push_back("second"); }));
    gate.Open();
  }
  EXPECT_THAT(order, ElementsAre("first", "second"));
}

TEST(WorkerPoolTest, TheLowestPriorityIsNotStarved) {
  int urgent_before = -1;
  {
    WorkerPool pool(1);
    Gate gate;
    pool.Submit(Priority::kCritical, [&] { gate.Wait(); });
    int urgent = 0;
    for (int i = 0; i < 100; ++i) pool.Submit(Priority::kCritical, [&] { ++urgent; });
    pool.Submit(Priority::kBackground, [&] { urgent_before = urgent; });
    gate.Open();
  }
  EXPECT_GE(urgent_before, 0);
  EXPECT_LE(urgent_before, 16);
}

TEST(WorkerPoolTest, ALongTaskDoesNotStarveLowerPriorities) {
  int steps_before = -1;
  {
    WorkerPool pool(1);
    int steps = 0;
    pool.Submit(Priority::kCritical, std::make_unique<StepsTask>(100, [&](int step) {
                  steps = step;
                  if (step == 0) {
                    pool.Submit(Priority::kBackground, [&] { steps_before = steps; });
                  }
                }));
  }
  EXPECT_GE(steps_before, 0);
  EXPECT_LE(steps_before, 32);
}

TEST(WorkerPoolTest, CountsWhatWaitsAndWhatIsDone) {
  WorkerPool pool(1);
  Gate started;
  Gate gate;
  pool.Submit(Priority::kCritical, [&] {
    started.Open();
    gate.Wait();
  });
  started.Wait();
  pool.Submit(Priority::kBatch, [] {});
  pool.Submit(Priority::kBatch, [] {});
  const WorkerPoolStats stats = pool.stats();
  EXPECT_EQ(stats.num_workers, 1);
  EXPECT_EQ(stats.queue_depth[static_cast<int>(Priority::kBatch)], 2u);
  EXPECT_EQ(stats.queue_depth[static_cast<int>(Priority::kCritical)], 0u);
  EXPECT_EQ(stats.tasks_done, 0u);
  gate.Open();
}

}  // namespace
}  // namespace sextant
