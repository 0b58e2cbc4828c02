#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/binder.h"
#include "compute/plan/query.h"
#include "storage/postgres/query_sql.h"
#include "tests/storage/postgres/sql_items.h"

namespace sextant {

/// Binds `query` against the dataset "d" of `items`, which was loaded from a PostgreSQL of the
/// test's own, and runs it as the tenant acme; then runs its equivalent SQL there and expects the
/// same rows in the same order.
void ExpectSqlGivesTheAnswer(const Query& query, const SqlItems& items = SqlItems::Get());

/// The same of several datasets of one database, known by the names of their specs.
void ExpectSqlGivesTheAnswer(const Query& query, const std::vector<const SqlItems*>& datasets,
                             const Dimensions& dimensions = {});

/// Whether the engine answers `query`, and does not refuse it.
bool IsAnswered(const Query& query, const std::vector<const SqlItems*>& datasets,
                const Dimensions& dimensions = {});

/// The equivalent SQL of `query`, whose range is given or that has no pins.
absl::StatusOr<EquivalentSql> PrintAgainst(const SqlItems& items, const Query& query);

}  // namespace sextant
