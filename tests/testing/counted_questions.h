#pragma once

#include <cstddef>

#include "absl/status/status.h"

namespace sextant {

/// Counts how often work asks whether to go on, and after `num_allowed` times says that it is
/// cancelled. Not thread-safe.
struct CountedQuestions {
  absl::Status operator()() const {
    return ++num_asked > num_allowed ? absl::CancelledError("the work was called off")
                                     : absl::OkStatus();
  }

  size_t num_allowed = ~size_t{0};
  mutable size_t num_asked = 0;
};

}  // namespace sextant
