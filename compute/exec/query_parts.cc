#include "compute/exec/query_parts.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "compute/exec/worker_pool.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr size_t kMostHelpers = 7;

/// Shared with helpers, which may come when the caller is gone: then no part is left, and nothing
/// of the caller's is touched.
class Parts {
 public:
  Parts(QueryContext& context, size_t number, absl::FunctionRef<absl::Status(size_t)> part)
      : context_(context), number_(number), part_(part) {}

  /// Of the caller.
  absl::Status RunAll() {
    while (RunNext()) {
    }
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return num_running_ == 0; });
    return std::move(status_);  // a helper may end this later, and has no part in it
  }

  /// Runs a part that nobody has begun; false where there is none.
  bool RunNext() {
    size_t index = 0;
    {
      const std::lock_guard lock(mutex_);
      if (next_ >= number_) return false;
      index = next_++;
      ++num_running_;
    }
    absl::Status status = RunPart(index);
    const std::lock_guard lock(mutex_);
    if (!status.ok()) {
      next_ = number_;
      if (status_.ok()) status_ = std::move(status);
    }
    if (--num_running_ == 0 && next_ >= number_) done_.notify_all();
    return next_ < number_;
  }

 private:
  absl::Status RunPart(size_t index) {
    const QueryScope scope(context_);
    return part_(index);
  }

  QueryContext& context_;
  const size_t number_;
  const absl::FunctionRef<absl::Status(size_t)> part_;
  std::mutex mutex_;
  std::condition_variable done_;
  // Guarded by the mutex.
  size_t next_ = 0;
  size_t num_running_ = 0;
  absl::Status status_;
};

class PartsTask final : public Task {
 public:
  explicit PartsTask(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
  bool Step() override { return parts_->RunNext(); }

 private:
  const std::shared_ptr<Parts> parts_;
};

}  // namespace

bool MayShareParts(const QueryContext& context) {
  return context.pool() != nullptr && context.pool()->has_idle_worker();
}

absl::Status RunParts(QueryContext& context, size_t num_parts,
                      absl::FunctionRef<absl::Status(size_t)> part) {
  if (num_parts < 2 || !MayShareParts(context)) {
    for (size_t i = 0; i < num_parts; ++i) SEXTANT_RETURN_IF_ERROR(part(i));
    return absl::OkStatus();
  }
  const auto parts = std::make_shared<Parts>(context, num_parts, part);
  for (size_t i = 0; i < std::min(num_parts - 1, kMostHelpers); ++i) {
    const bool is_taken = context.pool()->SubmitToIdle(
        context.priority(), [&parts] { return std::make_unique<PartsTask>(parts); });
    if (!is_taken) break;
  }
  return parts->RunAll();
}

absl::Status RunBlocks(QueryContext& context, size_t size, size_t block,
                       absl::FunctionRef<absl::Status(size_t, size_t)> part) {
  return RunParts(context, (size + block - 1) / block, [&](size_t index) {
    return part(index * block, std::min(size, (index + 1) * block));
  });
}

}  // namespace sextant
