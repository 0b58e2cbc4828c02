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
AggregateSql AggregateSqlOf(const SqlScope& scope, const BoundAggregate& aggregate);

}  // namespace sextant
