#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/column_deriver.h"
#include "compute/plan/binder.h"

namespace sextant {

/// Computes the `derived:` columns of a dataset from their expressions: differences, and other
/// names for a column. A difference that overflows is NULL (rule 5). Immutable, so safe for any
/// thread.
class ExpressionColumnDeriver final : public ColumnDeriver {
 public:
  /// Errors: INVALID_ARGUMENT for another name of a column of text, an enum or a list: their
  /// dictionary belongs to the column of the source.
  static absl::StatusOr<std::shared_ptr<const ColumnDeriver>> Create(
      std::vector<BoundDerivedColumn> columns);

  std::span<const Field> fields() const override { return fields_; }
  absl::StatusOr<std::vector<std::shared_ptr<const Column>>> Derive(
      std::span<const std::shared_ptr<const Column>> sources, MemoryBudget& budget) const override;

 private:
  explicit ExpressionColumnDeriver(std::vector<BoundDerivedColumn> columns);

  const std::vector<BoundDerivedColumn> columns_;
  std::vector<Field> fields_;
};

}  // namespace sextant
