#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "compute/plan/binder/aggregate_list.h"
#include "compute/plan/binder/bound_parts.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/row_sources.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"
#include "compute/plan/time_frame.h"

namespace sextant {

/// Derived metrics and ratios within each other.
inline constexpr int kMaxMetricDepth = 32;

/// What metrics are bound against, and what they add to.
struct MetricScope {
  std::span<const PredicateContext> contexts;  // one per dataset of `query`, in that order
  std::span<const RowSource> sources;          // likewise
  const BoundQuery& query;
  AggregateList& aggregates;   // of `query`
  PartsBudget& parts;          // likewise
  const Clip* clip = nullptr;  // of the query; may be null: it does not clip
  /// What stands for the intervals of the query; null: they themselves.
  std::shared_ptr<const TimeFrame> frame = nullptr;
};

/// Binds metric number `index` of a query into `bound`, a new one: an expression over aggregates,
/// arithmetic over other metrics (`derived`) or a ratio of two; components are inlined. Finds the
/// type and unit of the result (rules 1, 2, 3, 6, 15). Its aggregates join those of `query` and of
/// their dataset, unless they are there. Errors: INVALID_ARGUMENT for "metrics[index]...", in
/// components "metrics[index].components[i]..."; FAILED_PRECONDITION when a series other than `all`
/// is asked and the metric has no time column, with the columns that fit. With a frame its name
/// ends with ".previous".
absl::Status BindMetric(const MetricScope& scope, const Metric& metric, size_t index,
                        BoundMetric& bound);

}  // namespace sextant
