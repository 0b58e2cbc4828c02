#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/column/tenant_scope.h"
#include "compute/exec/finished_rows.h"
#include "compute/memory/memory_budget.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Derived rows as a table that belongs to no tenant: it holds those of one scope, and nobody
/// reaches it but by that.
struct DerivedRows {
  std::shared_ptr<const Table> table;
  uint64_t excluded = 0;  // values that could not be computed while it was made (rule 5)
};

/// Whether a dataset of `query` is derived.
bool ReadsDerivedRows(const BoundQuery& query);

/// Of `scopes`, those of the datasets `names`: one per dataset of `query`, where one that is
/// derived has that of the dataset it is made of.
std::vector<TenantScope> ScopesPerDataset(const BoundQuery& query,
                                          const std::vector<std::string>& names,
                                          const std::vector<TenantScope>& scopes);

/// What derived rows depend on, as ResultKey, and of which version they are said to be.
std::string DerivedRowsKey(const BoundDerivedRows& rows, const TenantScope& scope);

/// Makes the table of `cells`, the result of `rows.query`; its row order is that of the keys, so
/// equal cells give equal sums of floats. `identity` is that of the table that they were made of.
/// Errors: FAILED_PRECONDITION where a column that must have one value per key has two (it names
/// the column, and no value); RESOURCE_EXHAUSTED; those of AskToGoOn.
absl::StatusOr<std::shared_ptr<const Table>> MakeDerivedTable(const BoundDerivedRows& rows,
                                                              const FinishedRows& cells,
                                                              TableIdentity identity,
                                                              MemoryBudget& budget);

/// Adds `identity` to those of a result: a dataset, and rows that are made of it, are one.
void AddIdentity(const TableIdentity& identity, std::vector<TableIdentity>& identities);

/// All rows of it.
TenantScope ScopeOf(const DerivedRows& rows);

}  // namespace sextant
