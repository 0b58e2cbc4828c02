#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/operators/metric_values.h"
#include "compute/plan/bound_query.h"

namespace sextant {

struct MetricExpressionInput {
  QueryContext& context;
  const BoundQuery& query;
  const BoundMetric& metric;
  std::span<const MetricValues* const> operands;  // per aggregate of the query; null: not used
  size_t num_rows = 0;
  size_t num_cells = 0;  // the first rows: those of which excluded ones are counted
};

struct MetricExpressionResult {
  MetricValues values;
  /// Values that could not be computed: overflow, division by zero; of a ratio, any that is missing
  /// (rule 17).
  uint64_t excluded = 0;
};

/// Computes a metric of the aggregates of every row, 64 Ki rows at a time. Errors: those of the
/// context, RESOURCE_EXHAUSTED.
absl::StatusOr<MetricExpressionResult> EvaluateMetric(const MetricExpressionInput& input);

}  // namespace sextant
