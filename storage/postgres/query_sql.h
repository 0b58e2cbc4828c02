#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/plan/bound_query.h"
#include "storage/dataset_spec.h"
#include "storage/postgres/query_sql/answer_times.h"

namespace sextant {

/// One SELECT over the source tables that gives the answer of a query, or what it has no SQL for.
struct EquivalentSql {
  /// Columns: the axes, "interval" (the name of the series, when several are asked), "start" (with
  /// a time axis), "grouping" (with totals or others), the metrics. Durations are seconds.
  std::string text;
  /// What the query asks that PostgreSQL 15 has no expression for (rule 25), each once; then `text`
  /// does not give the answer. Empty as a rule.
  std::vector<std::string> unsupported;  // not row-proportional: parts of one query
  /// Columns that have no SQL (HasSql): NULL in `text`, which gives the answer but for them.
  std::vector<std::string> columns_without_sql;  // not row-proportional: metrics of one query
};

/// Whether PostgreSQL 15 has an expression for a metric of the query: for all but bounds of means
/// and of percentiles, whose quantiles of distributions it lacks (rule 21), and histograms whose
/// bins fit their samples or are equally wide in logarithms.
bool HasSql(const BoundQuery& query, const BoundMetric& metric);

/// Prints `query` from what it was bound to, never from the caller's text (rule 24): the tables or
/// queries of its datasets, their `where` and `derived:` columns, the rows of the claimed tenant
/// only, the borders of `times` as VALUES (rule 11), and the casts, NULLIFs and collations that
/// rules.md asks. The text does not depend on the settings of the session that runs it. `specs` are
/// those of the query's datasets, and of all that their links lead to, in any order. PostgreSQL
/// fails where an instant leaves its range or the squares within its avg of floats overflow; the
/// engine gives no value of the first (rule 5), and the mean of the second. Columns of types that
/// are loaded as text (ranges, arrays of dates) are the texts of the session that runs it.
///
/// Errors: INTERNAL when a dataset has no spec; those of a `derived:` definition that no longer
/// binds.
/// Cost: linear in the query and the intervals; reads no rows. Thread-safe.
absl::StatusOr<EquivalentSql> PrintQuerySql(const BoundQuery& query,
                                            std::span<const DatasetSpec* const> specs,
                                            const AnswerTimes& times, const TenantClaim& claim);

}  // namespace sextant
