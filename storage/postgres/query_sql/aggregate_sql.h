#pragma once

#include <string>

#include "compute/plan/bound_query.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// The value of an aggregate in a cell, of the SQL type of its result, and how many samples the
/// cell has of it.
struct AggregateSql {
  std::string value;
  std::string samples;
};

/// Durations give double precision seconds; means and spreads are double precision (rule 2).
/// `is_kept`: a condition on samples beside those of the aggregate, as clipping has; may be empty.
AggregateSql AggregateSqlOf(const SqlScope& scope, const BoundAggregate& aggregate,
                            const std::string& is_kept);

}  // namespace sextant
