#pragma once

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "compute/exec/query_context.h"

namespace sextant {

/// Whether a worker of the query's pool has nothing to do, so that RunParts is likely to be helped.
bool MayShareParts(const QueryContext& context);

/// Calls part(i) once for each i below `num_parts`, on this thread and on workers that have nothing
/// to do, and returns when all calls have returned. What parts write must not depend on who runs
/// them, nor on their order (rule 4). Never waits for a worker to be free, and for one that is at a
/// part not longer than that takes; to call one costs 15 us, and it comes 50 us later: parts should
/// take 50 us to a few milliseconds. Without a pool, and where none is idle, a plain loop.
/// Errors: one of a part; then not all of them are run.
absl::Status RunParts(QueryContext& context, size_t num_parts,
                      absl::FunctionRef<absl::Status(size_t)> part);

/// The same of what is numbered from 0 to `size`: part(begin, end) for blocks of `block`.
absl::Status RunBlocks(QueryContext& context, size_t size, size_t block,
                       absl::FunctionRef<absl::Status(size_t, size_t)> part);

}  // namespace sextant
