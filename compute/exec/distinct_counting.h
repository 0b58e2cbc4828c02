#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "compute/column/table.h"
#include "compute/exec/worker_pool.h"

namespace sextant {

/// How many distinct values the rows of a version have in a column; of a list column, its elements.
struct DistinctCount {
  uint64_t count = 0;
  bool is_exact = true;  // else about: see DistinctCounter, or values of deleted rows count too
  int64_t build_ns = 0;  // what counting took
};

/// By column; nullopt: the type has no equality.
using DistinctCounts = std::vector<std::optional<DistinctCount>>;

/// Counts in the background, a column of a chunk at a time, and calls `done` on a worker. Keeps
/// `table` pinned until then. `pool` may end before; then `done` is not called.
void CountDistinct(WorkerPool& pool, std::shared_ptr<const Table> table,
                   std::function<void(DistinctCounts)> done);

}  // namespace sextant
