#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "absl/status/status.h"
#include "compute/exec/query_context.h"
#include "compute/kernels/checked_sort.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Sorts `items` by `less`, which must order every two of them, asking `context` between runs
/// whether to go on; with as much memory again. Errors: those of the context, or
/// RESOURCE_EXHAUSTED.
template <typename T, typename Less>
absl::Status SortWithChecks(QueryContext& context, std::span<T> items, Less less) {
  return SortWithChecks(items, less, context.budget(), [&] { return context.Check(); });
}

/// Sorts each run of `items` by `less`: item i is of the run of the one before it where
/// is_same(i). As above.
template <typename T, typename IsSame, typename Less>
absl::Status SortRuns(QueryContext& context, std::span<T> items, IsSame is_same, Less less) {
  constexpr size_t kItemsPerCheck = size_t{1} << 14;
  size_t unchecked = 0;
  for (size_t begin = 0; begin < items.size();) {
    size_t end = begin + 1;
    while (end < items.size() && is_same(end)) ++end;
    const std::span<T> run = items.subspan(begin, end - begin);
    if (run.size() > kItemsPerCheck) {
      SEXTANT_RETURN_IF_ERROR(SortWithChecks(context, run, less));
    } else if (run.size() > 1) {
      std::sort(run.begin(), run.end(), less);
    }
    if ((unchecked += run.size()) > kItemsPerCheck) {
      SEXTANT_RETURN_IF_ERROR(context.Check());
      unchecked = 0;
    }
    begin = end;
  }
  return absl::OkStatus();
}

}  // namespace sextant
