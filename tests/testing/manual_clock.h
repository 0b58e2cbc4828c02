#pragma once

#include <atomic>
#include <cstdint>

#include "compute/memory/clock.h"

namespace sextant {

/// A clock that a test sets. Monotonic time begins at 0; wall time is `kWallEpochUs` later. Waits
/// end within a millisecond or so after Advance has made them due. Thread-safe.
class ManualClock final : public Clock {
 public:
  static constexpr int64_t kWallEpochUs = 1'700'000'000'000'000;

  void Advance(int64_t by_us) { now_us_.fetch_add(by_us); }

  int64_t MonotonicUs() const override { return now_us_.load(); }
  int64_t WallUs() const override { return kWallEpochUs + now_us_.load(); }
  void WaitUntil(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                 int64_t deadline_us) const override;

 private:
  std::atomic<int64_t> now_us_{0};
};

}  // namespace sextant
