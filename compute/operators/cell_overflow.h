#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace sextant {

/// OUT_OF_RANGE with ErrorDetail SUM_OVERFLOW: "the sum of a cell does not fit in bigint".
absl::Status CellOverflow(std::string_view metric, std::string_view what, std::string_view limit);

}  // namespace sextant
