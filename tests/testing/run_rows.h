#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/plan/rows_query.h"
#include "tests/testing/run_query.h"

namespace sextant {

/// The rows that `rows` asks for behind a cell of `query`, on this thread.
absl::StatusOr<ResultText> RunRows(const RowsQuery& rows, const BoundQuery& query,
                                   const TenantScope& scope);
/// The same of a table without tenants; `query` is bound to it.
absl::StatusOr<ResultText> RunRows(const RowsQuery& rows, const Query& query,
                                   const std::shared_ptr<const Table>& table);

}  // namespace sextant
