#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/exec/period_cache.h"
#include "compute/exec/query_context.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/metric_catalog.h"
#include "compute/plan/query.h"

namespace sextant {

/// A query bound against pinned tables, and the rows of them that its caller reaches.
struct PreparedQuery {
  BoundQuery bound;
  /// One per dataset of the query; of a derived one that of the dataset it is made of.
  std::vector<TenantScope> scopes;
  int64_t as_of_us = 0;  // of the latest of them: what now() is
};

/// What `query` reads: the datasets of DatasetsOf(query), then those of calendars whose periods it
/// does not have yet, one per calendar. Errors: those of DatasetsOf.
absl::StatusOr<std::vector<std::string>> TablesOf(const Query& query, const MetricCatalog& catalog);

/// Who asks, of what, and what the periods of calendars are found with.
struct Asker {
  const TenantClaim& claim;
  const MetricCatalog& catalog;
  PeriodCache& periods;
  QueryContext& context;
};

/// `query` with the periods of its calendars, in its zone, as the caller reaches them. `tables` as
/// TablesOf names them. Errors: those of PeriodCache and FindTimeZone; UNAUTHENTICATED.
absl::StatusOr<Query> WithPeriods(const Query& query,
                                  const std::vector<std::shared_ptr<const Table>>& tables,
                                  const Asker& asker);

/// Binds `query` against `tables`, as TablesOf names them; `now()` and relative ranges are of the
/// latest of those of its datasets.
/// Errors: those of Bind and WithPeriods; UNAUTHENTICATED when a dataset needs a tenant that
/// the claim does not name.
absl::StatusOr<PreparedQuery> PrepareQuery(const Query& query,
                                           const std::vector<std::shared_ptr<const Table>>& tables,
                                           const Asker& asker, const QueryLimits& limits);

}  // namespace sextant
