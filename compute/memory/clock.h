#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace sextant {

/// Where deadlines and schedules get the time from, so that tests can set it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Microseconds, never goes back, no meaning but differences: deadlines and waiting.
  virtual int64_t MonotonicUs() const = 0;
  /// Microseconds since the Unix epoch: ages shown to people.
  virtual int64_t WallUs() const = 0;

  /// Waits on `changed` until it is notified or MonotonicUs() has reached `deadline_us`; may return
  /// early, so callers ask again. `lock` is held on entry and on return.
  virtual void WaitUntil(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                         int64_t deadline_us) const = 0;

  /// The machine's clocks; lives for ever.
  static const Clock& System();
};

}  // namespace sextant
