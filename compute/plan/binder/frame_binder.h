#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"
#include "compute/plan/time_frame.h"

namespace sextant {

/// What stands for the intervals of `query` in its comparison (rule 22). "previous" is the range
/// before: of a range of whole local months as many months, of whole local days as many days, else
/// of as many microseconds. "1y" and the like (15min, 12h, 30d, 2w, 3mo) is the range that long
/// before, as PostgreSQL subtracts an interval from both ends; of a series of weeks a year is 52.
/// Errors: INVALID_ARGUMENT of `compare_to`, where the query names no range of time, too.
absl::StatusOr<std::shared_ptr<const TimeFrame>> BindComparison(const PeriodComparison& comparison,
                                                                const BoundQuery& query);

/// The windows of a metric; `within`: what stands for the intervals already, or null. `path`:
/// of the metric. Errors: INVALID_ARGUMENT of path.cumulative.
absl::StatusOr<std::shared_ptr<const TimeFrame>> BindWindow(
    const Metric::Cumulative& cumulative, const std::string& path,
    const std::shared_ptr<const TimeFrame>& within, const BoundQuery& query);

/// Gives `pin`, which is bound, the frame. Errors: FAILED_PRECONDITION where the pin of the metric
/// has no time, or is the state at the end of intervals, of which no window has another one.
absl::Status ApplyFrame(const std::shared_ptr<const TimeFrame>& frame, const Metric& metric,
                        const std::string& path, BoundPin& pin);

}  // namespace sextant
