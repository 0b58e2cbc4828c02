#pragma once

#include <cstddef>
#include <span>

#include "absl/status/status.h"
#include "compute/memory/keep_going.h"

namespace sextant {

/// Writes into each huge page of memory that is about to be written all over, in no order, and asks
/// before each: the system takes up to milliseconds for a page that is new, and hundreds of them
/// would come between two questions. REQUIRES: what `bytes` hold is not read before it is written.
inline absl::Status TouchPages(std::span<std::byte> bytes, KeepGoing keep_going) {
  constexpr size_t kHugePageBytes = size_t{2} << 20;
  for (size_t at = 0; at < bytes.size(); at += kHugePageBytes) {
    if (absl::Status status = keep_going(); !status.ok()) return status;
    bytes[at] = std::byte{0};
  }
  return absl::OkStatus();
}

}  // namespace sextant
