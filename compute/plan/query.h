#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compute/plan/expression.h"

namespace sextant {

/// A metric defined in the request: a PostgreSQL aggregate over a dataset, and the column that pins
/// a sample to time.
struct Metric {
  std::string name;
  std::string dataset;
  std::string expression;         // "avg(released_at - committed_at)"
  std::optional<std::string> at;  // none: the whole range is one interval and no time test is made
};

/// A column, or each distinct element of a list column.
struct GroupAxis {
  std::string column;
};

enum class CalendarUnit { kAll, kDay, kWeek, kMonth };

/// Intervals of the calendar of the query's zone (rules 11, 13, 14).
struct TimeSeries {
  CalendarUnit unit = CalendarUnit::kAll;
  int count = 1;  // N units; 1 for kAll
};

struct OrderBy {
  std::string column;  // an axis, "start", or a metric, by its result name
  bool descending = false;
};

/// What is asked, with unresolved names, independent of wire formats. Empty strings mean "not
/// given".
struct Query {
  std::vector<Metric> metrics;
  std::optional<Predicate> filter;  // ANDed with
  std::string where;                // PostgreSQL expression text
  std::vector<GroupAxis> group_by;
  std::string from;  // RFC 3339, or local date [time] in `time_zone`; half-open
  std::string to;
  std::vector<TimeSeries> series;  // empty: one, kAll
  std::string time_zone = "UTC";
  int week_start = 1;  // 1 Monday .. 7 Sunday (ISO)
  std::vector<OrderBy> order_by;
  std::optional<uint64_t> limit;
  std::optional<uint64_t> max_cells;
};

/// Limits of interface.md.
struct QueryLimits {
  int max_metrics = 512;
  uint64_t max_values = 20'000'000;  // cells x metrics
  int max_intervals = 100'000;
  int max_in_list = 100'000;
  int max_filter_depth = 32;
  int max_filter_nodes = 1024;
};

}  // namespace sextant
