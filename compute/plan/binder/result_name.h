#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"

namespace sextant {

inline constexpr size_t kMaxResultNameBytes = 256;

/// Whether a request may call a metric, an axis, a member of a set or a selected column so: 1 to
/// kMaxResultNameBytes bytes without control characters, which neither a quoted name of SQL nor a
/// line of a table can show. Errors: INVALID_ARGUMENT of `field`. Cost: linear in the name.
absl::Status CheckResultName(const std::string& name, const std::string& field);

}  // namespace sextant
