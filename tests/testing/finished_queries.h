#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/statusor.h"
#include "compute/exec/query_executor.h"

namespace sextant {

/// Collects the results of queries as they finish. Outlives the queries. Thread-safe.
class FinishedQueries {
 public:
  using Result = absl::StatusOr<std::unique_ptr<ResultCursor>>;

  QueryExecutor::Done Next() {
    return [this](Result result) {
      const std::lock_guard lock(mutex_);
      results_.push_back(std::move(result));
      changed_.notify_all();
    };
  }
  /// Waits for the result that comes as number `index`; the reference stays good.
  Result& At(size_t index) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return results_.size() > index; });
    return results_[index];
  }
  /// Waits for `count` results, and gives them up.
  std::deque<Result> WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return results_.size() == count; });
    return std::move(results_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Result> results_;
};

}  // namespace sextant
