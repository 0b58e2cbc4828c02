#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/column_deriver.h"
#include "compute/plan/binder.h"

namespace sextant {

/// Computes the `derived:` columns of a dataset from their expressions. Another name for a column
/// shares it. What cannot be computed is NULL (rule 5). Texts get a dictionary as loaded ones do.
/// Immutable, so safe for any thread.
class ExpressionColumnDeriver final : public ColumnDeriver {
 public:
  explicit ExpressionColumnDeriver(std::vector<BoundDerivedColumn> columns);

  std::span<const Field> fields() const override { return fields_; }
  std::unique_ptr<DerivedColumns> StartLoad(MemoryBudget& budget) const override;

 private:
  const std::vector<BoundDerivedColumn> columns_;
  std::vector<Field> fields_;
};

}  // namespace sextant
