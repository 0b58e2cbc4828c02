#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compute/column/data_type.h"
#include "compute/plan/binder/statistics_binder.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// The most bins that are asked for, by number or by edges.
inline constexpr int64_t kMaxHistogramBins = 1000;

/// The bins of a histogram of samples of type `kind`, numbers or differences of times. Edges are
/// float64, of differences seconds, and so are the samples that they are compared with. Errors:
/// INVALID_ARGUMENT of `field`.bins or `field`.edges.
absl::StatusOr<BoundHistogram> BindBins(const Metric::Histogram& histogram, TypeKind kind,
                                        const std::string& field);

/// The condition on the column `value` that samples of type `kind` are outside of the domain of a
/// histogram without: floats are of magnitudes up to 2^1022, so that a difference of two is
/// finite, and no NaN; on a logarithmic scale samples are above 0. None where all are inside.
std::optional<Predicate> HistogramDomain(const Metric::Histogram& histogram, TypeKind kind);

/// Whether it is a histogram, or one over windows.
bool IsHistogram(const Metric& metric);

/// Where the metric that was bound last, number `index` of the query, is a histogram, which is its
/// counts (int8[]), adds the rest behind it: NAME.edges (float8[], one more), and the quartiles
/// NAME.q25 and NAME.q75 (float8, percentile_cont) of all samples, those outside of edges too.
/// They share the samples of the counts, and count no excluded ones a second time. All are NULL
/// without samples. Errors: those of AggregateList::Keep.
absl::Status AddHistogramColumns(const StatisticsScope& scope, size_t index);

/// Whether it is the counts or the edges of a histogram, which have no order.
bool IsHistogramList(const BoundQuery& query, const BoundMetric& metric);

}  // namespace sextant
