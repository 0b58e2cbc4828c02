#pragma once

#include "compute/plan/bound_expression.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// An upper bound of the bits of |value| of an integer or duration expression, if its last
/// operation were computed without a limit: at most 63 means that it fits in bigint.
int IntegerBits(const SqlScope& scope, const BoundExpression& expression);

}  // namespace sextant
