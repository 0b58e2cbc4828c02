#pragma once

#include "compute/plan/query.h"

namespace sextant {

/// Binds `query` against a dataset "d" of every type, which is loaded from a PostgreSQL of the
/// test's own, and runs it; then runs its equivalent SQL there and expects the same rows in the
/// same order. Columns: see the table `items` in sql_agreement.cc.
void ExpectSqlGivesTheAnswer(const Query& query);

}  // namespace sextant
