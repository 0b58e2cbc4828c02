#include "service/rpc/query_preparation.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/table.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "service/admission/identity.h"

namespace sextant {
namespace {

/// The rows that the caller reaches; the error tells a program how a tenant is named.
absl::StatusOr<TenantScope> ScopeOf(const std::shared_ptr<const Table>& table,
                                    const TenantClaim& claim) {
  absl::StatusOr<TenantScope> scope = TenantScope::Resolve(table, claim);
  if (scope.ok() || !absl::IsUnauthenticated(scope.status())) return scope;
  const std::string message =
      absl::StrCat(scope.status().message(), "; allowed: one in the metadata key '",
                   kTenantMetadata, "' (client: --tenant or SEXTANT_TENANT)");
  return WithDetail(absl::UnauthenticatedError(message),
                    {.reason = "TENANT_MISSING", .metadata = {{"metadata", kTenantMetadata}}});
}

/// In the terms of the binder.
Dimensions DimensionsOf(const MetricCatalog& catalog) {
  Dimensions dimensions;
  for (const auto& [name, dimension] : catalog.dimensions()) {
    dimensions.columns.emplace(name, dimension.columns);
  }
  return dimensions;
}

}  // namespace

absl::StatusOr<PreparedQuery> PrepareQuery(const Query& query,
                                           const std::vector<std::shared_ptr<const Table>>& tables,
                                           const TenantClaim& claim, const MetricCatalog& catalog,
                                           const QueryLimits& limits) {
  PreparedQuery prepared;
  std::vector<std::shared_ptr<const Schema>> schemas;
  int64_t& as_of_us = prepared.as_of_us;
  for (const std::shared_ptr<const Table>& table : tables) {
    SEXTANT_ASSIGN_OR_RETURN(TenantScope scope, ScopeOf(table, claim));
    prepared.scopes.push_back(std::move(scope));
    schemas.push_back(table->shared_schema());
    as_of_us = std::max(as_of_us, table->identity().as_of_us);
  }
  SEXTANT_ASSIGN_OR_RETURN(prepared.bound,
                           Bind(query, schemas, as_of_us, limits, DimensionsOf(catalog)));
  return prepared;
}

}  // namespace sextant
