#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"

namespace sextant {

/// Which budget refused a reservation, and what it was: for programs, as the message is for people.
struct MemoryRefusal {
  std::string budget;
  size_t asked_bytes = 0;
  size_t limit_bytes = 0;
};

/// `status` with `refusal`. REQUIRES: !status.ok().
absl::Status WithRefusal(absl::Status status, const MemoryRefusal& refusal);

/// The refusal of MemoryBudget::Reserve that `status` carries, if it does.
std::optional<MemoryRefusal> RefusalOf(const absl::Status& status);

}  // namespace sextant
