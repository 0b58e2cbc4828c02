#pragma once

#include <string>

#include "compute/plan/bound_expression.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// `numeric`, the SQL of `expression`, which is a decimal: NULL where it has more digits than a
/// decimal has (rule 5), for which PostgreSQL's numeric has room. `numeric` is written once.
std::string DecimalOrNullSql(const SqlScope& scope, const BoundExpression& expression,
                             const std::string& numeric);

}  // namespace sextant
