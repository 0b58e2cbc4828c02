#pragma once

#include <cstdint>

namespace sextant {

/// Where deadlines and schedules get the time from, so that tests can set it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Microseconds, never goes back, no meaning but differences: deadlines and waiting.
  virtual int64_t MonotonicUs() const = 0;
  /// Microseconds since the Unix epoch: ages shown to people.
  virtual int64_t WallUs() const = 0;

  /// The machine's clocks; lives for ever.
  static const Clock& System();
};

}  // namespace sextant
