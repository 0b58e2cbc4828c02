#pragma once

#include <string>

#include "compute/plan/bound_query.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// The SQL of a condition, in brackets: TRUE, FALSE and NULL where the condition is.
std::string PredicateSql(const SqlScope& scope, const BoundPredicate& predicate);

}  // namespace sextant
