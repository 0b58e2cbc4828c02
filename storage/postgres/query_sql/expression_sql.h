#pragma once

#include <string>

#include "compute/plan/bound_expression.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// The SQL of a value, in brackets where it needs them, of the type SqlTypeOf. What cannot be
/// computed is NULL as in the engine (rule 5): divisors are NULLIF(.., 0), integers that may leave
/// bigint go through numeric. Text has collation "C" (rule 7). Float overflow is an error in
/// PostgreSQL, which no SQL avoids.
std::string ExpressionSql(const SqlScope& scope, const BoundExpression& expression);
std::string ValueSql(const SqlScope& scope, const BoundValue& value);

/// The text of a list of `separator`-joined values.
std::string JoinedSql(const SqlScope& scope, const std::vector<BoundExpression>& expressions,
                      const char* separator);

}  // namespace sextant
