#pragma once

#include <string>

#include "compute/column/schema.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// A condition in the names of the dataset's columns, for people: what PrintQuerySql would write,
/// but for the tables.
std::string PrintConditionSql(const BoundPredicate& condition, const Schema& schema);

}  // namespace sextant
