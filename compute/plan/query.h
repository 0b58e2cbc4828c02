#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compute/plan/expression.h"

namespace sextant {

/// How a row's sample finds its intervals (metrics.md, "Pinning a sample to time"). The texts are
/// expressions of a row: columns, as a rule.
struct TimePin {
  enum class Kind {
    kNone,  // no time test is made: the whole range is one interval
    kAt,    // `start`: the interval that holds it; of a list, every interval that holds an element
    kDuring,   // [start, end): every interval that it overlaps (rule 16)
    kAsOfEnd,  // every interval whose end lies in (start, end] (rule 16)
  };
  Kind kind = Kind::kNone;
  std::string start = {};
  std::string end = {};  // kDuring, kAsOfEnd

  static TimePin At(std::string column) { return {Kind::kAt, std::move(column), {}}; }
};

/// One derived row per key, of the rows of a dataset that pass a metric's filter (rule 23).
struct PerKey {
  /// An aggregate expression over the rows of a key, and what its value is called.
  struct Column {
    std::string name;
    std::string expression;  // "max(finished_at) - min(started_at)"
    friend bool operator==(const Column&, const Column&) = default;
  };
  std::vector<std::string> keys;  // columns of the dataset; NULL is a key
  std::vector<Column> select;
  friend bool operator==(const PerKey&, const PerKey&) = default;
};

/// A metric as defined in a request or in the catalogue: exactly one of `expression`,
/// `concurrency`, `derived`, `ratio`, `threshold`, `sum_of`, `cumulative` and `histogram` is given.
struct Metric {
  /// (numerator + offset) / (denominator + offset), of metrics among `components`.
  struct Ratio {
    std::string numerator;
    std::string denominator;
    double offset = 0;
  };
  /// The share of the samples of metric `of` (among `components`, one aggregate of one value) whose
  /// value stands in relation `op` ("<=") to `value`, a constant of its type; NULL without samples.
  struct Threshold {
    std::string of;
    std::string op;
    std::string value;
  };
  /// The sum of the values of metrics among `components`, of those that have one; with
  /// `is_complete` there is none unless all have.
  struct SumOf {
    std::vector<std::string> names;
    bool is_complete = false;
  };
  /// Metric `of` (among `components`) over a window that ends where each interval ends, rather than
  /// over the interval (rule 22). Exactly one of the two is given.
  struct Cumulative {
    std::string of;
    std::string window = {};   // how long it is: "28d", of local days
    std::string to_date = {};  // or since when: "month", that holds the interval's last instant
  };
  /// How the samples of metric `of` (among `components`, one aggregate of one number or difference
  /// of times) are spread: several columns, see histogram_binder.h.
  struct Histogram {
    std::string of;
    int64_t bins = 0;                     // so many, equally wide; 0: as fits the samples
    std::vector<std::string> edges = {};  // or these, ascending: as Threshold::value
    bool is_log = false;                  // equally wide in logarithms; samples are above 0
  };
  /// How many rows of `dataset` that pass `filter` run at once: a row runs in the span of `pin`,
  /// which is kDuring, and counts once. 0 where none runs, as counts are (rule 17).
  enum class Concurrency {
    kMax,   // the most at any instant of the interval
    kMean,  // over the time of the interval, idle time too
  };

  std::string name;
  std::string dataset = {};     // of `expression` or `concurrency`
  std::string expression = {};  // "avg(released_at - committed_at) FILTER (WHERE NOT is_bot)"
  TimePin pin = {};
  std::string filter = {};  // ANDed with the FILTER of each aggregate of `expression`; may be empty
  /// Of `expression` or `concurrency`: the samples are derived rows, which `filter` does not see.
  /// May be null. Metrics whose dataset, `per` and filter are equal share their derived rows.
  std::shared_ptr<const PerKey> per = {};
  std::string unit = {};     // empty: of the columns
  std::string derived = {};  // arithmetic over the names of `components`: "1 - a / b"
  std::optional<Ratio> ratio = {};
  std::optional<Threshold> threshold = {};
  std::optional<SumOf> sum_of = {};
  std::optional<Cumulative> cumulative = {};
  std::optional<Histogram> histogram = {};
  std::optional<Concurrency> concurrency = {};
  /// Of `expression`: a condition on the values of its aggregates, ">= 0" or "value > 0 AND ..".
  /// Samples outside are left out, and counted as excluded; NaN is outside (rule 8).
  std::string domain = {};
  /// Whether its aggregates are clipped where the query clips; absent: means are. Of `threshold`:
  /// of the samples it is a share of; of `histogram`: its samples, absent: as `of` says.
  std::optional<bool> clip = {};
  /// Of `expression`, a sum or a bool_or: 0 or FALSE in cells that have no sample of it, as counts
  /// are 0 (rule 17).
  bool is_zero_when_empty = false;
  std::vector<Metric> components = {};  // what the forms above name
  /// Literals without a zone and casts to date use UTC, not the zone of the request (rule 15).
  bool is_from_catalog = false;

  /// It is computed of other metrics, and reads no rows itself.
  bool IsOfMetrics() const {
    return !derived.empty() || ratio || threshold || sum_of || cumulative || histogram;
  }
};

/// A named predicate of a `sets` axis.
struct SetMember {
  std::string name;
  std::string condition;  // PostgreSQL expression text
};

/// How rows are grouped. A column: its values, or each distinct element of a list column.
struct GroupAxis {
  enum class Kind { kColumn, kBins, kSets };
  Kind kind = Kind::kColumn;
  std::string column;              // kColumn, kBins
  std::string name;                // of the result column; empty: the column's
  std::vector<std::string> edges;  // kBins: e0 < e1 < .., numbers; bins are half-open
  std::vector<SetMember> members;  // kSets: may overlap; a row is in each whose condition is TRUE
  /// kSets, in place of `members`: sets of equally many members, of which number i of all of them
  /// are member i, named as in the first.
  std::vector<GroupAxis> zipped;
  bool is_from_catalog = false;  // kSets: as Metric::is_from_catalog

  static GroupAxis Of(std::string name_of_column) {
    GroupAxis axis;
    axis.column = std::move(name_of_column);
    return axis;
  }
};

/// Leaves outliers out: of each group and each tile of `stride_days` from 2000-01-03 UTC, the
/// samples outside of two quantiles (rule 20). Acts on means, and on metrics that say so.
struct Clip {
  double low = 0;
  double high = 1;
  int stride_days = 14;  // 0: one tile, the whole range
};

/// How sure a value is: bounds that hold what the samples were drawn from with a probability of
/// `level` (rule 21).
struct Confidence {
  /// kBootstrap: of means; shares and quantiles are analytic all the same.
  enum class Method { kAnalytic, kBootstrap };
  double level = 0.8;
  Method method = Method::kAnalytic;
};

enum class CalendarUnit { kAll, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear, kPeriod };

/// The periods of a calendar of the catalogue (a fiscal year's, 4-4-5 weeks): one after another,
/// without gaps. Immutable once a query has it.
struct PeriodCalendar {
  std::string name;
  /// n + 1 instants, ascending, of n periods; none: they are not known yet, and the query cannot be
  /// bound.
  std::vector<int64_t> borders_us = {};
  std::vector<std::string> labels = {};  // one per period ("" where it is NULL), or none
};

/// Intervals of the calendar of the query's zone (rules 11, 13, 14).
struct TimeSeries {
  CalendarUnit unit = CalendarUnit::kAll;
  int count = 1;  // N units; 1 for kAll
  /// Intervals begin at the start of the range and every `count` units of local time after it, not
  /// at borders of the calendar.
  bool is_rolling = false;
  std::shared_ptr<const PeriodCalendar> calendar = nullptr;  // kPeriod: whose periods
};

struct OrderBy {
  std::string column;  // an axis, "start", or a metric, by its result name
  bool descending = false;
};

/// Which axes are summed up beside the cells, always by evaluating the metric again over distinct
/// rows (rule 18).
enum class Totals {
  kNone,
  kGrand,   // over all axes
  kRollup,  // over the last axis, the last two, .., all
  kCube,    // over every subset of the axes
};

/// Keeps the group tuples with the greatest (or least) value of a metric over the whole range; ties
/// by tuple, ascending; tuples without a value come last.
struct TopN {
  uint64_t count = 0;
  std::string metric;  // empty: the first
  bool smallest = false;
  bool others = false;  // one more tuple: rows in no kept tuple but in another (rule 18)
};

/// Beside each metric M, as "M.previous", what it was in an earlier range of time, interval by
/// interval (rule 22).
struct PeriodComparison {
  /// "previous": the range of equal length before; or how long ago, "1y" (see frame_binder.h).
  std::string offset;
};

enum class FillMode {
  kSparse,  // cells in which any metric has a sample (rule 17)
  kDense,   // group tuples that have a cell, times all intervals
};

/// What is asked, with unresolved names, independent of wire formats. Empty strings mean "not
/// given".
struct Query {
  std::vector<Metric> metrics;
  std::optional<Predicate> filter;  // ANDed with
  std::string where;                // PostgreSQL expression text
  std::vector<GroupAxis> group_by;
  /// RFC 3339, a local date [time] in `time_zone`, or relative to as_of ("-30d", "this_month", rule
  /// 15); half-open.
  std::string from;
  std::string to;
  std::vector<TimeSeries> series;  // empty: one, kAll
  bool exclude_partial = false;    // leaves out intervals that the range cuts (rule 14)
  std::optional<Clip> clip;
  std::optional<PeriodComparison> compare_to;
  /// Columns NAME.samples and NAME.samples_kept behind each metric that is one aggregate or a
  /// threshold: the samples of its cell before and after clipping.
  bool samples = false;
  /// Columns NAME.min and NAME.max behind each metric that has bounds.
  std::optional<Confidence> confidence;
  std::string time_zone = "UTC";
  int week_start = 1;  // 1 Monday .. 7 Sunday (ISO)
  FillMode fill = FillMode::kSparse;
  std::optional<TopN> top_n;
  Totals totals = Totals::kNone;
  std::optional<Predicate> having;  // over metrics, axes and start of cells, ANDed with
  std::string having_text;
  std::vector<OrderBy> order_by;
  std::optional<uint64_t> limit;
  std::optional<uint64_t> max_cells;
};

/// Limits of interface.md.
struct QueryLimits {
  int max_metrics = 512;
  int max_aggregates = 2048;  // of all metrics, each once
  int max_group_by = 32;
  uint64_t max_values = 20'000'000;  // cells x metrics
  int max_intervals = 100'000;
  int max_in_list = 100'000;
  int max_filter_depth = 32;
  int max_filter_nodes = 1024;
  uint64_t max_bootstrap_draws = 1'000'000'000;  // of all cells, about half a second of one core
};

}  // namespace sextant
