#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/postgres_link.h"

namespace sextant::oracle {

/// What stands for intervals in a frame, one by one; nothing where an earlier range has fewer
/// (rule 22). Of the whole range, which the request's series need not have, too.
struct FramedIntervals {
  std::vector<std::optional<Interval>> intervals;
  Interval whole;
};

/// What the request asks intervals of: its own, and the range.
struct AskedIntervals {
  std::vector<Interval> intervals;
  Interval whole;
};

/// The request's range so much earlier, by the naive engine's clock; where it is empty the product
/// refuses to compare: both ends on the last day of a short month, or on one that the zone skipped.
/// REQUIRES: it has both ends.
Interval NaiveRangeBefore(const RequestCase& request, const PeriodSpec& period);

/// By the naive engine's clock. REQUIRES: a request that compares has both ends of a range.
FramedIntervals NaiveFrame(const RequestCase& request, const FrameSpec& frame,
                           const AskedIntervals& asked);
/// By PostgreSQL, whose TimeZone is the request's.
FramedIntervals SqlFrame(PostgresLink& postgres, const RequestCase& request, const FrameSpec& frame,
                         const AskedIntervals& asked);

/// Intervals of an earlier range, of one for series of weeks, and of calendars the periods before
/// as many whole ones; partial ones too. Those that stand for those asked: of each series the one
/// of its number, of a calendar that has them, of the periods; of the whole range, what the first
/// such calendar has. None where it is partial and the request leaves these out.
struct EarlierIntervals {
  std::vector<Interval> found;
  std::vector<Interval> of_weeks;
  std::vector<Interval> of_periods;

  /// From the first of the periods of the first calendar that has them to the last.
  std::optional<Interval> WholePeriods() const;
};
/// `all`: those asked and the partial ones beside them.
std::vector<std::optional<Interval>> Paired(const RequestCase& request,
                                            const std::vector<Interval>& asked,
                                            const std::vector<Interval>& all,
                                            const EarlierIntervals& earlier);
/// The request, with partial intervals.
RequestCase WithPartialIntervals(const RequestCase& request);

}  // namespace sextant::oracle
