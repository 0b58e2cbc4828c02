#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "compute/exec/finished_rows.h"
#include "compute/exec/query_context.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Appends to `kept` the cells among the first `num_cells` of a result for which the HAVING of
/// `query` is TRUE, in their order. `starts` has the start of each interval.
/// REQUIRES: query.having. Errors: those of the context, RESOURCE_EXHAUSTED.
absl::Status KeepCellsHaving(QueryContext& context, const BoundQuery& query,
                             const FinishedRows& cells, size_t num_cells,
                             std::span<const int64_t> starts, TrackedVector<uint32_t>& kept);

}  // namespace sextant
