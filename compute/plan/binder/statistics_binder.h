#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "compute/plan/binder/aggregate_list.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Whether the level means something. Errors: INVALID_ARGUMENT of "confidence.level".
absl::Status CheckConfidence(const Confidence& confidence);

/// What a query asks beside the values of its metrics, and what it adds to.
struct StatisticsScope {
  const Query& query;
  BoundQuery& bound;
  AggregateList& aggregates;  // of `bound`
};

/// Adds the statistics of the metric that was bound last, number `index` of the query, behind it
/// (metrics.md "The cell", rule 21); true where it has bounds:
///   NAME.samples, NAME.samples_kept  of a metric that is one aggregate (of pairs excepted) or a
///     share: the samples of its cell before and after clipping. Of one that does not clip they
///     are the same.
///   NAME.min, NAME.max  of avg: mean -+ t * deviation / sqrt(n), t of Student's distribution of n
///   -
///     1 degrees of freedom; or, by bootstrap, of the means of resamples. Of percentiles and the
///     median: samples by their rank, of the binomial distribution. Of a share: E. B. Wilson's
///     score interval (1927). NULL where there are fewer than two samples, or too few for a rank.
/// A share is a threshold, or a ratio without an offset of two counts at the same times, of which
/// the first has all conditions of the second. They share the samples of what is there, and count
/// no excluded ones a second time. Errors: those of AggregateList::Keep.
absl::StatusOr<bool> BindStatistics(const StatisticsScope& scope, const Metric& metric,
                                    size_t index);

/// Errors: INVALID_ARGUMENT of "confidence" when none of the metrics has bounds.
absl::Status RefuseWithoutBounds(const Query& query);

}  // namespace sextant
