#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "compute/exec/finished_result.h"
#include "compute/exec/result.h"
#include "compute/exec/worker_pool.h"

namespace sextant {

/// Of so many bytes it pays to call in other workers.
inline constexpr size_t kLeastBytesReadAhead = size_t{4} << 20;

/// A cursor that reads as `result` does, with the help of other workers: while its reader is at a
/// batch they make the next few, at the priority of the query. A batch that none has begun its
/// reader makes itself, so that it never waits for a worker to be free, and for one that is being
/// made not longer than that takes; meanwhile it makes another one. `pool` must outlive it.
std::unique_ptr<ResultCursor> ReadAhead(std::unique_ptr<FinishedResult> result, WorkerPool& pool);

}  // namespace sextant
