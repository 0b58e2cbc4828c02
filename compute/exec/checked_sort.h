#pragma once

#include <span>

#include "absl/status/status.h"
#include "compute/exec/query_context.h"
#include "compute/kernels/checked_sort.h"

namespace sextant {

/// Sorts `items` by `less`, which must order every two of them, asking `context` between runs
/// whether to go on; with as much memory again. Errors: those of the context, or
/// RESOURCE_EXHAUSTED.
template <typename T, typename Less>
absl::Status SortWithChecks(QueryContext& context, std::span<T> items, Less less) {
  return SortWithChecks(items, less, context.budget(), [&] { return context.Check(); });
}

}  // namespace sextant
