#pragma once

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "compute/exec/finished_rows.h"
#include "compute/exec/query_context.h"
#include "compute/memory/buffer.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Sorts `rows`, which ascend, by the ORDER BY of `query`: NULL and no value come last in both
/// directions, equal rows stay as they are. `starts` has the start of each interval. Cost: a sort
/// of numbers where the first key is a number, a start or an axis; rows of which it is the same,
/// and other keys, are compared one by one. REQUIRES: query.order_by is not empty. Errors: those of
/// the context, RESOURCE_EXHAUSTED.
absl::Status OrderRows(QueryContext& context, const BoundQuery& query, const FinishedRows& cells,
                       std::span<const int64_t> starts, std::span<uint32_t> rows);

}  // namespace sextant
