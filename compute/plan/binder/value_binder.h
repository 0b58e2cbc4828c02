#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/typed_expression.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/expression.h"

namespace sextant {

/// A value with resolved columns, and what its constants and its result need to know of the schema.
struct ResolvedValue {
  BoundValue value;
  TypedExpression typed;  // the same; its type may be another one of integers or decimals
};

/// Returns the column called `name`. Errors: INVALID_ARGUMENT for `field` with the nearest names.
absl::StatusOr<ColumnIndex> ResolveColumn(const Schema& schema, const std::string& name,
                                          const std::string& field, int position);

/// Returns the value of `expression`: a column, the difference of two, or what is computed. A
/// constant without a type is a text.
/// Errors: INVALID_ARGUMENT for `field`, as BindExpression.
absl::StatusOr<ResolvedValue> ResolveValue(const PredicateContext& context,
                                           const Expression& expression, const std::string& field);

}  // namespace sextant
