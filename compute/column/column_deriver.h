#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/column.h"
#include "compute/column/schema.h"

namespace sextant {

/// Computes the `derived:` columns of a dataset while its chunks are sealed. The interface lies
/// here so that a load can use it without knowing evaluation; compute/exec implements it, service
/// injects it. Thread-safety: const methods may be called from any thread.
class ColumnDeriver {
 public:
  virtual ~ColumnDeriver() = default;

  /// The derived fields, in the order of Derive's result; their names are not among the source's.
  virtual std::span<const Field> fields() const = 0;

  /// One column per field, each with as many rows as the `sources` (the chunk's columns in the
  /// order of the source schema). Values that cannot be computed (overflow) are NULL. Errors:
  /// RESOURCE_EXHAUSTED from the budget.
  virtual absl::StatusOr<std::vector<std::shared_ptr<const Column>>> Derive(
      std::span<const std::shared_ptr<const Column>> sources, MemoryBudget& budget) const = 0;
};

}  // namespace sextant
