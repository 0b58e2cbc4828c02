#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/expression.h"

namespace sextant {

/// A value with resolved columns, and what its constants and its result need to know of the schema.
struct ResolvedValue {
  BoundValue value;
  /// kEnum: labels in declared order.
  std::vector<std::string> enum_labels;
  /// A char(n) column: untyped constants lose their trailing blanks too.
  bool is_blank_padded = false;
  /// "seconds" for durations, else the columns' common unit.
  std::string unit;
  /// As the user wrote it, for messages.
  std::string text;
};

/// Returns the column called `name`. Errors: INVALID_ARGUMENT for `field` with the nearest names.
absl::StatusOr<ColumnIndex> ResolveColumn(const Schema& schema, const std::string& name,
                                          const std::string& field, int position);

/// Returns the value of `expression`: a column, or a difference, which exists between two integers,
/// numerics, floats (any mix), dates, timestamps or durations (rules 5, 6).
/// Errors: INVALID_ARGUMENT for `field`: unknown column, types that have no difference.
absl::StatusOr<ResolvedValue> ResolveValue(const Schema& schema, const Expression& expression,
                                           const std::string& field);

}  // namespace sextant
