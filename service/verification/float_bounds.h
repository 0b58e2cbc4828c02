#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "compute/plan/bound_query.h"

namespace sextant {

/// The magnitudes of a bound are added up as |x| / kMagnitudeScale: where |x| itself overflows the
/// sum of x need not.
inline constexpr double kMagnitudeScale = 0x1p64;

/// How far a metric's value may be off the SQL's (rule 3). |difference| <= relative * |value|, and,
/// where columns are named, <= count * 1e-15 * magnitude of the cell.
struct FloatBound {
  double relative = 0;
  /// Metrics of the widened query: the sum of |x| / kMagnitudeScale and the number of the samples.
  std::optional<size_t> magnitude_metric = {};
  std::optional<size_t> count_metric = {};
  bool has_sql = true;  // else it is not compared
};

/// A query that also computes what its bounds need, as more metrics behind its own. It may have as
/// many cells as the query without them.
struct BoundedQuery {
  BoundQuery query;
  std::vector<FloatBound> bounds;  // by metric of the original query
};

/// Bounds by kind: min, max, mode, discrete percentiles and top values are copies, so exact; sums
/// and means of floats are off by n * 1e-15 * sum(|x|), as any order of addition is; means of exact
/// sums and interpolated percentiles are rounded once or twice; variance, correlation, regression
/// and what is computed of several aggregates: 1e-9 of the value.
BoundedQuery WithBounds(BoundQuery query);

}  // namespace sextant
