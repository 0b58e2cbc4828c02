#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/memory/memory_budget.h"

namespace sextant {

/// Links the tables of a group between their load and their publication. The interface lies here so
/// that storage can use it without knowing evaluation; compute/exec implements it, service injects
/// it. Thread-safety: const methods may be called from any thread.
class TableLinker {
 public:
  virtual ~TableLinker() = default;

  /// The tables with their links and the columns that come through them, in the same order; those
  /// without either as they are. REQUIRES: `tables` are of one snapshot; with a table all that its
  /// links lead to, at any distance, are among them. Errors: FAILED_PRECONDITION where a link does
  /// not fit the tables: a column that is not there, types that do not compare, a key that is not
  /// unique; RESOURCE_EXHAUSTED from `budget`, which outlives the tables.
  virtual absl::StatusOr<std::vector<std::shared_ptr<const Table>>> Link(
      std::vector<std::shared_ptr<const Table>> tables, MemoryBudget& budget) const = 0;
};

}  // namespace sextant
