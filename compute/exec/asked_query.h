#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "compute/column/tenant_scope.h"
#include "compute/exec/derived_rows.h"
#include "compute/exec/query_context.h"
#include "compute/exec/query_executor.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// A query as it was submitted.
struct QueryExecutor::AskedQuery {
  std::shared_ptr<QueryContext> context;
  BoundQuery query;
  /// Of a derived dataset: of the one it is made of, until its rows are there.
  std::vector<TenantScope> scopes;
  Done done;
  int64_t submitted_us = 0;
  size_t num_derived = 0;  // datasets whose rows are there, the first ones
  int64_t derived_us = 0;  // the time that it took
  uint64_t excluded = 0;   // values that could not be computed meanwhile

  /// The rows of the next dataset.
  void Take(const DerivedRows& rows) {
    excluded += rows.excluded;
    scopes[num_derived++] = ScopeOf(rows);
  }
};

/// What a run of a query calls when it has ended.
struct QueryExecutor::Launch {
  std::function<void()> on_step;  // between two morsels; may be empty
  std::function<void(absl::StatusOr<std::unique_ptr<FinishedResult>>)> done;
};

}  // namespace sextant
