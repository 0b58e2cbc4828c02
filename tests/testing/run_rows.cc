#include "tests/testing/run_rows.h"

#include <vector>

#include "compute/exec/query_executor.h"
#include "compute/memory/status_macros.h"
#include "tests/testing/table_of.h"

namespace sextant {

absl::StatusOr<ResultText> RunRows(const RowsQuery& rows, const BoundQuery& query,
                                   const TenantScope& scope) {
  SEXTANT_ASSIGN_OR_RETURN(const BoundRowsQuery bound,
                           BindRows(rows, query, scope.table().identity().as_of_us));
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  SEXTANT_ASSIGN_OR_RETURN(
      std::unique_ptr<ResultCursor> cursor,
      QueryExecutor::RunRows(context, bound, std::vector<TenantScope>(1, scope)));
  return ReadAll(*cursor);
}

absl::StatusOr<ResultText> RunRows(const RowsQuery& rows, const Query& query,
                                   const std::shared_ptr<const Table>& table) {
  SEXTANT_ASSIGN_OR_RETURN(const TenantScope scope,
                           TenantScope::Resolve(table, TenantClaim::None()));
  return RunRows(rows, BindOrDie(query, *table), scope);
}

}  // namespace sextant
