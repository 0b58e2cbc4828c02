#pragma once

#include <string>

#include "compute/plan/bound_expression.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// The SQL of a kCast of `argument`, the SQL of its argument; NULL where it fails (rule 5).
std::string CastSql(const SqlScope& scope, const BoundExpression& cast,
                    const std::string& argument);

/// A numeric as bigint, NULL beyond it. `numeric` is written once.
std::string BigintOrNullSql(const std::string& numeric);

}  // namespace sextant
