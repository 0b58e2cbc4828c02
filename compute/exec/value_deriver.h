#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/column_deriver.h"
#include "compute/plan/binder.h"

namespace sextant {

/// Makes the deriver of columns that are numbers, instants or differences of them. Differences that
/// overflow are NULL.
/// Errors: INVALID_ARGUMENT for a column of another type.
absl::StatusOr<std::shared_ptr<const ColumnDeriver>> MakeValueDeriver(
    std::vector<BoundDerivedColumn> columns);

}  // namespace sextant
