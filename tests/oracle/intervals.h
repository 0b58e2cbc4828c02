#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/oracle/case.h"

namespace sextant::oracle {

/// An interval of a series of a request, half-open, cut at the range.
struct Interval {
  size_t series = 0;
  int64_t start_us = 0;
  int64_t end_us = 0;
  bool is_partial = false;
};

/// The intervals of the request's series over [from_us, to_us) by rules 11, 13 and 14: the naive
/// engine's, over zone_clock.h.
std::vector<Interval> NaiveIntervals(const RequestCase& request, int64_t from_us, int64_t to_us);
/// The instant of an end of the range, likewise.
int64_t NaiveInstant(const RangeEnd& end, const std::string& zone);

/// The same by PostgreSQL: SQL whose rows are series, start, end (microseconds), is partial.
std::string IntervalsSql(const RequestCase& request, const std::string& from,
                         const std::string& to);
/// SQL of the instant of an end.
std::string InstantSql(const RangeEnd& end, const std::string& zone);
/// SQL of an instant given in microseconds.
std::string InstantSql(int64_t instant_us);

}  // namespace sextant::oracle
