#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/metric_catalog.h"
#include "compute/plan/query.h"

namespace sextant {

/// A query bound against pinned tables, and the rows of them that its caller reaches.
struct PreparedQuery {
  BoundQuery bound;
  std::vector<TenantScope> scopes;  // one per dataset of the query
  int64_t as_of_us = 0;             // of the latest of them: what now() is
};

/// Binds `query` against `tables`, one per dataset in the order of DatasetsOf(query); `now()` and
/// relative ranges are of the latest of them.
/// Errors: those of Bind; UNAUTHENTICATED when a dataset needs a tenant that `claim` does not name.
absl::StatusOr<PreparedQuery> PrepareQuery(const Query& query,
                                           const std::vector<std::shared_ptr<const Table>>& tables,
                                           const TenantClaim& claim, const MetricCatalog& catalog,
                                           const QueryLimits& limits);

}  // namespace sextant
