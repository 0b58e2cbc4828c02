#pragma once

#include <string>

#include "compute/plan/bound_query.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// An axis over the rows r.
struct AxisSql {
  std::string join;    // makes one row per member that a row of r is in; may be empty
  std::string value;   // of the member
  std::string exists;  // that a row is in at least one member; empty: always
};

AxisSql AxisSqlOf(const SqlScope& scope, const BoundAxis& axis, size_t index);

/// The values of an axis of all datasets in the order of the result: `column`, or for sets its
/// place in the request.
std::string AxisOrderSql(const BoundAxis& axis, const std::string& column);

/// The text that is equal for equal values of an axis.
std::string AxisKeySql(const BoundAxis& axis, const std::string& value);

}  // namespace sextant
