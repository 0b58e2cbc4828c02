#include "compute/memory/clock.h"

#include <chrono>

namespace sextant {
namespace {

template <typename StdClock>
int64_t SinceEpochUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(StdClock::now().time_since_epoch())
      .count();
}

class SystemClock final : public Clock {
 public:
  int64_t MonotonicUs() const override { return SinceEpochUs<std::chrono::steady_clock>(); }
  int64_t WallUs() const override { return SinceEpochUs<std::chrono::system_clock>(); }
};

}  // namespace

const Clock& Clock::System() {
  static const SystemClock clock;
  return clock;
}

}  // namespace sextant
