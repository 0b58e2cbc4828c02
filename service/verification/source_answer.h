#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "compute/memory/memory_budget.h"
#include "storage/source_connection.h"

namespace sextant {

/// The rows that the equivalent SQL gives, charged to a budget for as long as they are held. For
/// one thread at a time.
class SourceAnswer {
 public:
  /// `budget` outlives it.
  SourceAnswer(MemoryBudget& budget, size_t limit_bytes)
      : limit_bytes_(limit_bytes), reservation_(budget) {}

  /// Errors: RESOURCE_EXHAUSTED with ErrorDetail{reason SQL_ANSWER_TOO_LARGE, metadata limit}
  /// beyond the limit; that of the budget.
  absl::Status Add(SourceRow row);

  std::span<const SourceRow> rows() const { return rows_; }
  size_t reserved_bytes() const { return reservation_.bytes(); }

 private:
  const size_t limit_bytes_;
  MemoryReservation reservation_;
  std::vector<SourceRow> rows_;  // charged
};

}  // namespace sextant
