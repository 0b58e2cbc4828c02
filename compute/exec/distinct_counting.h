#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compute/column/table.h"
#include "compute/exec/worker_pool.h"

namespace sextant {

/// The first and the last text by bytes (rule 7), those of deleted rows included: the bounds may be
/// too wide, never too narrow.
struct TextBounds {
  std::string least;
  std::string greatest;
};

/// How many distinct values the rows of a version have in a column; of a list column, its elements.
struct DistinctCount {
  uint64_t count = 0;
  bool is_exact = true;  // else about: see DistinctCounter, or values of deleted rows count too
  int64_t build_ns = 0;  // what counting took
  /// Of texts with a dictionary that has at most kMaxBoundEntries.
  std::optional<TextBounds> texts = std::nullopt;
};
inline constexpr uint32_t kMaxBoundEntries = 4096;

/// By column; nullopt: the type has no equality.
using DistinctCounts = std::vector<std::optional<DistinctCount>>;

/// Counts in the background, a column of a chunk at a time, and calls `done` on a worker. Asks
/// `is_wanted` before each, and ends without `done` where it says no. Keeps `table` pinned until
/// then.
void CountDistinct(WorkerPool& pool, std::shared_ptr<const Table> table,
                   std::function<bool()> is_wanted, std::function<void(DistinctCounts)> done);

}  // namespace sextant
