#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/expression_parser/tree_reader.h"

namespace sextant {

/// True for a call of an aggregate, and for (array_agg(x ORDER BY y))[..].
bool IsAggregate(const SyntaxNode& node);

/// REQUIRES: IsAggregate(node). Refused where the reader's scope has no aggregates.
absl::StatusOr<Expression> ReadAggregate(TreeReader& reader, const SyntaxNode& node);

/// The expression that is the call alone, where the call is.
Expression ExpressionOf(AggregateCall aggregate);

}  // namespace sextant
