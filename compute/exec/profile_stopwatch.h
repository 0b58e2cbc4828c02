#pragma once

#include <chrono>
#include <cstdint>

#include "compute/exec/query_context.h"

namespace sextant {

/// Runs when the query is explained; else it shows 0, without a look at the clock.
class ProfileStopwatch {
 public:
  explicit ProfileStopwatch(const QueryContext& context) : runs_(context.profile() != nullptr) {
    if (runs_) began_ = std::chrono::steady_clock::now();
  }

  int64_t ElapsedNs() const {
    if (!runs_) return 0;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() -
                                                                began_)
        .count();
  }

 private:
  const bool runs_;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace sextant
