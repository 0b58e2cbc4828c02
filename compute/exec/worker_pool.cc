#include "compute/exec/worker_pool.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "compute/memory/check.h"

namespace sextant {
namespace {

/// Every so many picks the lowest waiting priority goes first.
constexpr uint64_t kPicksPerLowest = 16;

class FunctionTask final : public Task {
 public:
  explicit FunctionTask(std::function<void()> work) : work_(std::move(work)) {}
  bool Step() override {
    work_();
    return false;
  }

 private:
  const std::function<void()> work_;
};

uint64_t NowUs() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                   std::chrono::steady_clock::now().time_since_epoch())
                                   .count());
}

}  // namespace

/// A task lies in exactly one place: in the queue of its priority, or in the hands of one worker.
struct WorkerPool::Impl {
  struct Item {
    Priority priority;
    std::unique_ptr<Task> task;
  };

  /// A worker that has nothing to do.
  struct Idler {
    std::condition_variable wake;
    bool is_called = false;  // guarded by mutex
  };

  /// Of which the thread is a worker; null: of none.
  static constinit thread_local const Impl* t_pool;
  /// Tasks that the step under way has called Continue with.
  static constinit thread_local int t_num_continued;

  mutable std::mutex mutex;
  std::array<std::deque<Item>, kNumPriorities> queues;  // guarded by mutex, as all below
  size_t num_waiting = 0;
  uint64_t num_picks = 0;
  uint64_t busy_us = 0;
  uint64_t tasks_done = 0;
  bool is_stopping = false;
  /// The last is called first: what it works with is still in its caches, and the others sleep on.
  std::vector<Idler*> idle;
  std::atomic<size_t> num_idle{0};             // its size; written with the mutex held
  std::vector<std::unique_ptr<Idler>> idlers;  // one per worker
  std::vector<std::thread> workers;

  /// REQUIRES: the mutex is held and num_waiting > 0.
  Item Pick() {
    const bool from_lowest = ++num_picks % kPicksPerLowest == 0;
    for (int i = 0; i < kNumPriorities; ++i) {
      auto& queue = queues[static_cast<size_t>(from_lowest ? kNumPriorities - 1 - i : i)];
      if (queue.empty()) continue;
      Item item = std::move(queue.front());
      queue.pop_front();
      --num_waiting;
      return item;
    }
    SEXTANT_CHECK(false) << "a task was counted and is in no queue";
    return {};
  }

  /// REQUIRES: the mutex is held.
  bool HasMoreUrgent(Priority than) const {
    for (size_t i = 0; i < static_cast<size_t>(than); ++i) {
      if (!queues[i].empty()) return true;
    }
    return false;
  }

  /// REQUIRES: the mutex is held.
  bool HasLessUrgent(Priority than) const {
    for (size_t i = static_cast<size_t>(than) + 1; i < kNumPriorities; ++i) {
      if (!queues[i].empty()) return true;
    }
    return false;
  }

  /// A worker that is to be notified once the mutex is free again; null: none is idle. REQUIRES:
  /// the mutex is held.
  Idler* CallIdler() {
    if (idle.empty()) return nullptr;
    Idler* const called = idle.back();
    idle.pop_back();
    num_idle.store(idle.size(), std::memory_order_relaxed);
    called->is_called = true;
    return called;
  }

  static void Notify(Idler* called) {
    if (called != nullptr) called->wake.notify_one();
  }

  /// Runs steps of `item` until it is done, or gives it back before its equals, which came later,
  /// when something more urgent waits.
  void Run(Item item) {
    const uint64_t start_us = NowUs();
    bool has_more = true;
    bool gives_way = false;
    while (has_more && !gives_way) {
      t_num_continued = 0;
      has_more = item.task->Step();
      if (!has_more) item.task.reset();
      Idler* called = nullptr;
      {
        const std::lock_guard lock(mutex);
        gives_way = has_more && (HasMoreUrgent(item.priority) || OwesTurn(item.priority));
        if (has_more && t_num_continued > 0) called = CallIdler();
      }
      Notify(called);
    }
    const std::lock_guard lock(mutex);
    busy_us += NowUs() - start_us;
    if (!has_more) {
      ++tasks_done;
      return;
    }
    const auto queue = static_cast<size_t>(item.priority);
    queues[queue].push_front(std::move(item));
    ++num_waiting;
  }

  /// A step of a long task counts as a pick, so that it holds back lower priorities no longer than
  /// many short ones would. REQUIRES: the mutex is held.
  bool OwesTurn(Priority priority) {
    if (!HasLessUrgent(priority)) return false;
    if ((num_picks + 1) % kPicksPerLowest == 0) return true;
    ++num_picks;
    return false;
  }

  void Work(Idler& self) {
    t_pool = this;
    std::unique_lock lock(mutex);
    while (num_waiting > 0 || !is_stopping) {
      if (num_waiting == 0) {
        idle.push_back(&self);
        num_idle.store(idle.size(), std::memory_order_relaxed);
        self.wake.wait(lock, [&] { return self.is_called; });
        self.is_called = false;
        continue;
      }
      Item item = Pick();
      lock.unlock();
      Run(std::move(item));
      lock.lock();
    }
  }
};

constinit thread_local const WorkerPool::Impl* WorkerPool::Impl::t_pool = nullptr;
constinit thread_local int WorkerPool::Impl::t_num_continued = 0;

WorkerPool::WorkerPool(int num_workers) : impl_(std::make_unique<Impl>()) {
  SEXTANT_CHECK(num_workers > 0);
  for (int i = 0; i < num_workers; ++i) {
    Impl::Idler& idler = *impl_->idlers.emplace_back(std::make_unique<Impl::Idler>());
    impl_->workers.emplace_back([impl = impl_.get(), &idler] { impl->Work(idler); });
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->is_stopping = true;
    while (Impl::Idler* const called = impl_->CallIdler()) Impl::Notify(called);
  }
  for (std::thread& worker : impl_->workers) worker.join();
}

void WorkerPool::Submit(Priority priority, std::unique_ptr<Task> task) {
  Impl::Idler* called = nullptr;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->queues[static_cast<size_t>(priority)].push_back({priority, std::move(task)});
    ++impl_->num_waiting;
    called = impl_->CallIdler();
  }
  Impl::Notify(called);
}

void WorkerPool::Submit(Priority priority, std::function<void()> work) {
  Submit(priority, std::make_unique<FunctionTask>(std::move(work)));
}

bool WorkerPool::has_idle_worker() const {
  return impl_->num_idle.load(std::memory_order_relaxed) > 0;
}

bool WorkerPool::SubmitToIdle(Priority priority, absl::FunctionRef<std::unique_ptr<Task>()> make) {
  if (!has_idle_worker()) return false;
  std::unique_ptr<Task> task = make();
  Impl::Idler* called = nullptr;
  {
    const std::lock_guard lock(impl_->mutex);
    called = impl_->CallIdler();
    if (called == nullptr) return false;
    impl_->queues[static_cast<size_t>(priority)].push_front({priority, std::move(task)});
    ++impl_->num_waiting;
  }
  Impl::Notify(called);
  return true;
}

void WorkerPool::Continue(Priority priority, std::unique_ptr<Task> task) {
  if (Impl::t_pool != impl_.get()) return Submit(priority, std::move(task));
  Impl::Idler* called = nullptr;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->queues[static_cast<size_t>(priority)].push_front({priority, std::move(task)});
    ++impl_->num_waiting;
    // This worker takes the first one itself, as soon as its step has ended.
    if (++Impl::t_num_continued > 1) called = impl_->CallIdler();
  }
  Impl::Notify(called);
}

WorkerPoolStats WorkerPool::stats() const {
  const std::lock_guard lock(impl_->mutex);
  WorkerPoolStats stats;
  stats.num_workers = static_cast<int>(impl_->workers.size());
  for (size_t i = 0; i < kNumPriorities; ++i) stats.queue_depth[i] = impl_->queues[i].size();
  stats.busy_us = impl_->busy_us;
  stats.tasks_done = impl_->tasks_done;
  return stats;
}

}  // namespace sextant
