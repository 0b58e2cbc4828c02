#pragma once

#include "compute/plan/bound_query.h"
#include "storage/postgres/query_sql/aggregate_sql.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// How many rows r run at once in each interval i, of a lane that joins them on the span of the
/// aggregate's pin: the running sum of +1 where a row starts and -1 where it ends, ends before
/// starts at one instant; or the time that rows run, by the length of the interval.
/// REQUIRES: IsConcurrency(aggregate.kind).
AggregateSql ConcurrencySqlOf(const SqlScope& scope, const BoundQuery& query,
                              const BoundAggregate& aggregate);

}  // namespace sextant
