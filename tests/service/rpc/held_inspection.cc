#include "tests/service/rpc/held_inspection.h"

#include <utility>

namespace sextant {

absl::Status HeldInspection::Begin(TableCache& cache, const std::vector<std::string>& datasets,
                                   const Inspection& inspection) {
  AwaitEnd();
  {
    const std::lock_guard lock(mutex_);
    token_ = inspection.cancel;
    deadline_us_ = inspection.deadline_us;
    is_released_ = false;
  }
  if (place_ == Place::kQueue) {
    // What a scheduler does with a load that waits.
    on_stop_.emplace(inspection.cancel, [done = inspection.done] {
      done(absl::CancelledError("not wanted any more"));
    });
  } else {
    thread_ = std::jthread([this, &cache, datasets, inspection] {
      inspection.done(Run(cache, datasets, inspection));
    });
  }
  {
    const std::lock_guard lock(mutex_);
    has_begun_ = true;
  }
  changed_.notify_all();
  return absl::OkStatus();
}

absl::Status HeldInspection::Run(TableCache& cache, const std::vector<std::string>& datasets,
                                 const Inspection& inspection) {
  inspection.started();
  if (place_ != Place::kSql) return Hold(inspection.cancel);
  const auto tables = cache.Pin(datasets);
  if (!tables.ok()) return tables.status();
  return inspection.inspect([&](const std::string&, TakeRow) { return Hold(inspection.cancel); },
                            *tables, inspection.cancel);
}

absl::Status HeldInspection::Hold(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (place_ == Place::kDeafLoad) {
    changed_.wait(lock, [this] { return is_released_; });
  } else {
    changed_.wait(lock, std::move(stop), [] { return false; });
  }
  return absl::CancelledError("stopped");
}

void HeldInspection::Release() {
  {
    const std::lock_guard lock(mutex_);
    is_released_ = true;
  }
  changed_.notify_all();
}

void HeldInspection::AwaitBegin() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return has_begun_; });
}

void HeldInspection::AwaitEnd() {
  if (thread_.joinable()) thread_.join();
  on_stop_.reset();
}

bool HeldInspection::is_stopped() const {
  const std::lock_guard lock(mutex_);
  return token_.stop_requested();
}

int64_t HeldInspection::deadline_us() const {
  const std::lock_guard lock(mutex_);
  return deadline_us_;
}

}  // namespace sextant
