#include "compute/memory/clock.h"

#include <algorithm>
#include <chrono>

namespace sextant {
namespace {

template <typename StdClock>
int64_t SinceEpochUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(StdClock::now().time_since_epoch())
      .count();
}

// Far deadlines would overflow the wait; a return once an hour costs nothing.
constexpr int64_t kWaitMaxUs = int64_t{3600} * 1'000'000;

class SystemClock final : public Clock {
 public:
  int64_t MonotonicUs() const override { return SinceEpochUs<std::chrono::steady_clock>(); }
  int64_t WallUs() const override { return SinceEpochUs<std::chrono::system_clock>(); }
  void WaitUntil(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                 int64_t deadline_us) const override {
    const int64_t wait_us = std::clamp<int64_t>(deadline_us - MonotonicUs(), 0, kWaitMaxUs);
    changed.wait_for(lock, std::chrono::microseconds(wait_us));
  }
};

}  // namespace

const Clock& Clock::System() {
  static const SystemClock clock;
  return clock;
}

}  // namespace sextant
