#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "storage/dataset_spec.h"
#include "storage/postgres/session.h"
#include "storage/postgres/source_schema.h"
#include "storage/postgres/source_sql.h"
#include "storage/postgres/type_map.h"

namespace sextant {

/// Where the rows of a dataset come from, and what a load must lock before it looks.
struct SourceTarget {
  SourceOrigin origin;
  std::vector<SourceRelation> relations;  // not row-proportional: tables of one dataset
};

/// How a dataset is read: the statement, its columns as they arrive, and what they become.
struct SourcePlan {
  std::string select;
  std::vector<PlannedColumn> columns;  // not row-proportional: one per column
  Schema schema;
  SourceEstimate estimate;
};

/// Resolves the table of `spec`; finds the tables of its query or view. REQUIRES: no transaction is
/// open. Errors: FailedPrecondition for a table that is not there (nearest names); what the server
/// says of the query.
absl::StatusOr<SourceTarget> ResolveTarget(PostgresSession& session, const DatasetSpec& spec,
                                           std::stop_token stop);

/// Plans the load of `spec`, inside the load's transaction so that nothing can change afterwards.
/// The columns are those of `include` (all when it is empty), then key and tenant where these are
/// missing. Rows come ordered by tenant, then by `order_by`. Errors: FailedPrecondition for a
/// column that the source lacks (nearest names), a type without a form here, a declared type or
/// zone that does not fit; each names the dataset and the column.
absl::StatusOr<SourcePlan> PlanSource(PostgresSession& session, const DatasetSpec& spec,
                                      const SourceOrigin& origin, std::stop_token stop);

}  // namespace sextant
