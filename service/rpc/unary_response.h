#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"

namespace sextant {

/// The largest message that a client of gRPC takes unless it is told otherwise.
inline constexpr size_t kMaxUnaryResponseBytes = 4 * 1024 * 1024;

/// RESOURCE_EXHAUSTED with ErrorDetail{reason RESPONSE_TOO_LARGE, metadata limit}: "the answer is
/// larger than 4194304 bytes, the most that `method` returns; allowed: `allowed`".
absl::Status ResponseTooLarge(const std::string& method, const std::string& allowed);

}  // namespace sextant
