#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result_rows.h"
#include "compute/operators/metric_values.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The values of metrics over the rows of a result.
struct MetricColumns {
  std::vector<MetricValues> values;
  std::vector<uint32_t> of_metric;  // per metric asked for: which of `values`
  /// Values of cells (rows of the first pass) that arithmetic over aggregates could not compute,
  /// and ratios without a value (rule 17).
  uint64_t excluded = 0;
};

struct MetricColumnsInput {
  QueryContext& context;
  const BoundQuery& query;
  std::span<const FinishedPass> passes;
  const ResultRows& rows;
};

/// Computes `metrics` (indices of the query's): aggregates are finished once however many metrics
/// use them; one that is an aggregate is that, others are evaluated block by block. Counts without
/// a sample are 0, other aggregates have no value (rule 17).
/// Errors: those of the context, RESOURCE_EXHAUSTED, OUT_OF_RANGE (SUM_OVERFLOW).
absl::StatusOr<MetricColumns> FinishMetrics(const MetricColumnsInput& input,
                                            std::span<const uint32_t> metrics);

}  // namespace sextant
