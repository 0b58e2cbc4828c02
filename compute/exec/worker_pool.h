#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/functional/function_ref.h"
#include "compute/exec/query_context.h"

namespace sextant {

/// Work in steps: a worker calls Step until it returns false, but gives way between steps to more
/// urgent tasks.
class Task {
 public:
  virtual ~Task() = default;
  /// One morsel of work, at most a few milliseconds. Returns whether there is more. Never blocks.
  virtual bool Step() = 0;
};

struct WorkerPoolStats {
  int num_workers = 0;
  uint64_t queue_depth[kNumPriorities] = {};
  uint64_t busy_us = 0;
  uint64_t tasks_done = 0;
};

/// A fixed number of threads that run tasks by priority, first come first served within one: a task
/// that gave way goes on before its equals that wait. A lower priority is not starved for ever:
/// every 16th pick takes the oldest task of the lowest waiting priority. Uses std::mutex and
/// std::condition_variable, so that ThreadSanitizer sees it. Thread-safety: all methods may be
/// called from any thread.
class WorkerPool {
 public:
  explicit WorkerPool(int num_workers);
  /// Runs what is queued, then joins. REQUIRES: no Submit from outside any more.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void Submit(Priority priority, std::unique_ptr<Task> task);
  /// A task of a single step.
  void Submit(Priority priority, std::function<void()> work);
  /// Whether a worker has nothing to do. May be otherwise at once.
  bool has_idle_worker() const;
  /// As Submit, but only where a worker has nothing to do, which takes it before all others of its
  /// priority; else returns false. make() is called without a lock.
  bool SubmitToIdle(Priority priority, absl::FunctionRef<std::unique_ptr<Task>()> make);
  /// As Submit, of what the task that calls it leads to, whose turn has come: it goes before its
  /// equals that wait, as a rule on the same thread, which wakes no other for it. Called from
  /// elsewhere it is Submit.
  void Continue(Priority priority, std::unique_ptr<Task> task);

  WorkerPoolStats stats() const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace sextant
