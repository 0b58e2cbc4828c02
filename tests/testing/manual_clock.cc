#include "tests/testing/manual_clock.h"

#include <chrono>

namespace sextant {

void ManualClock::WaitUntil(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                            int64_t deadline_us) const {
  if (MonotonicUs() >= deadline_us) return;
  // Advance knows nobody to notify: who waits looks again soon, as it may by contract.
  changed.wait_for(lock, std::chrono::milliseconds(1));
}

}  // namespace sextant
