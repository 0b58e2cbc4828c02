#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "compute/column/schema.h"
#include "compute/plan/bound_expression.h"
#include "compute/plan/query.h"

namespace sextant {

/// Monotone in PostgreSQL's order of floats: NaN is greatest and equal to itself, -0 equals 0 (rule
/// 8).
int64_t FloatKey(double value);
/// Signed order of decimals; unsigned byte order of uuids (top bit flipped); PostgreSQL's order of
/// intervals.
int128_t WideKey(const DataType& type, Wide value);

struct BoundPredicate;
struct TimeFrame;

/// Leaves. Each knows the rows for which it is TRUE or FALSE; the others are NULL.
struct ConstantLeaf {
  enum class Value { kTrue, kFalse, kNull } value;
};
struct NullLeaf {  // value IS NULL: never NULL itself
  BoundValue value;
};
struct IntegerRangeLeaf {  // min <= key <= max; empty when min > max. Integers, floats, enums,
                           // differences.
  BoundValue value;
  int64_t min;
  int64_t max;
};
struct IntegerSetLeaf {  // key in set
  BoundValue value;
  std::vector<int64_t> keys;  // sorted, distinct
};
struct WideRangeLeaf {
  BoundValue value;
  int128_t min;
  int128_t max;
};
struct WideSetLeaf {
  BoundValue value;
  std::vector<int128_t> keys;  // sorted, distinct
};
struct TextRangeLeaf {  // by bytes; an absent bound is open
  BoundValue value;
  std::optional<std::string> min;
  std::optional<std::string> max;
  bool min_inclusive = true;
  bool max_inclusive = true;
};
struct TextSetLeaf {
  BoundValue value;
  std::vector<std::string> texts;  // sorted, distinct
};
/// kAnyOf, kAllOf or kEqualsAny (kNoneOf is a negated kAnyOf) over the elements of a list column.
struct ListLeaf {
  BoundValue value;  // the list column
  ListMatch match = ListMatch::kAnyOf;
  std::vector<int64_t> keys;  // elements that are integers, floats or timestamps: sorted, distinct
  std::vector<std::string> texts;  // elements that are text: sorted, distinct
  bool wants_null = false;         // kAllOf with a NULL among the values: FALSE for every row
};
/// constant op ANY (list), or ALL. Which elements satisfy is a range of keys, or of texts. ANY:
/// TRUE when one does, else NULL when an element is NULL, else FALSE. ALL: FALSE when one does not,
/// else NULL when an element is NULL, else TRUE. NULL of a NULL list.
struct ListCompareLeaf {
  BoundValue value;  // the list column
  bool is_all = false;
  bool outside = false;  // <>: the elements outside the range satisfy
  int64_t min = 0;       // of keys, inclusive
  int64_t max = 0;
  std::optional<std::string> min_text;  // elements that are text; absent: open
  std::optional<std::string> max_text;
  bool min_inclusive = true;  // of texts
  bool max_inclusive = true;
};
/// left op right, both of one type. NULL when either is.
struct CompareLeaf {
  BoundValue left;
  BoundValue right;
  CompareOp op = CompareOp::kEqual;
};
/// left IS DISTINCT FROM right, both of one type: never NULL.
struct DistinctLeaf {
  BoundValue left;
  BoundValue right;
};
/// A text that matches a pattern. LIKE: `%` any run, `_` one code point, after `escape` literal.
/// Else a regular expression of RE2, dot matches newline, anywhere in the text (rule 7).
struct PatternLeaf {
  BoundValue value;
  std::string pattern;
  bool is_like = true;
  std::string escape;  // LIKE: one character, or empty
  bool case_insensitive = false;
};

/// A row that link `link` of the schema leads to satisfies children[0], or, without it, there is
/// one: never NULL itself. Column numbers in the child are those of the linked dataset.
struct ExistsLeaf {
  uint32_t link = 0;
  std::vector<BoundPredicate> children;  // one, or none
};

struct AndNode {
  std::vector<BoundPredicate> children;
};
struct OrNode {
  std::vector<BoundPredicate> children;
};
/// (child) IS TRUE: never NULL. Negated: the rows for which child is FALSE or NULL.
struct IsTrueNode {
  std::vector<BoundPredicate> children;  // one
};

/// A filter with resolved columns and typed constants, in negation normal form: NOT is pushed to
/// the leaves, so that evaluation needs no third value. A row is kept when the predicate is TRUE.
///   leaf:          TRUE rows of the leaf.   leaf, negated: FALSE rows of the leaf (NULL rows are
///   in neither). AND/OR nodes:  intersection/union of their children's rows; never negated.
struct BoundPredicate {
  std::variant<ConstantLeaf, NullLeaf, IntegerRangeLeaf, IntegerSetLeaf, WideRangeLeaf, WideSetLeaf,
               TextRangeLeaf, TextSetLeaf, ListLeaf, ListCompareLeaf, CompareLeaf, DistinctLeaf,
               PatternLeaf, ExistsLeaf, AndNode, OrNode, IsTrueNode>
      node;
  bool negated = false;
};

/// A stable text form: equal text means an equal predicate. For tests, goldens and cache keys.
std::string ToString(const BoundPredicate& predicate);

/// How samples find their intervals: TimePin, bound. `start` and `end` are timestamps or dates; a
/// date is the midnight of its day in the query's zone (rule 10).
struct BoundPin {
  TimePin::Kind kind = TimePin::Kind::kNone;
  BoundValue start;  // kAt: may be a list column of timestamps
  BoundValue end;    // kDuring, kAsOfEnd
  /// The stretches of time that stand for the intervals; null: the intervals themselves.
  std::shared_ptr<const TimeFrame> frame;
};
std::string ToString(const BoundPin& pin);

/// Which samples of an aggregate are left out as outliers (rule 20): those of `value`, of the rows
/// that pass `filter`, in quantiles of their group and tile.
struct BoundClip {
  BoundValue value;  // of form integer or float, whose keys compare
  std::optional<BoundPredicate> filter;
  double low = 0;
  double high = 1;
  int64_t stride_us = 0;  // 0: one tile, the whole range
};
std::string ToString(const BoundClip& clip);

/// Which bound of a value an aggregate is (rule 21).
struct ConfidenceBound {
  double level = 0;  // of confidence; negative: the lower bound
  // kResampledMean:
  uint64_t seed = 0;       // of the draws: of the definition of the mean
  uint64_t max_draws = 0;  // of the whole query
};
std::string ToString(const ConfidenceBound& bound);

/// The bins of kHistogramCounts and kHistogramEdges (see cell_histogram.h).
struct BoundHistogram {
  uint32_t num_bins = 0;      // equally wide; 0: as fits the samples, unless there are edges
  std::vector<double> edges;  // or these, strictly ascending
  bool is_log = false;
};
std::string ToString(const BoundHistogram& histogram);

/// An aggregate of one dataset: its samples are the rows in scope that pass the query's filter and
/// its own, once per interval that `pin` gives.
struct BoundAggregate {
  std::string metric;  // the first that uses it, for errors; not part of ToString
  /// How often the metrics name it, or one that equals it. Not part of ToString.
  uint32_t num_uses = 1;
  AggregateKind kind = AggregateKind::kCountRows;
  BoundValue value;   // unused unless HasValue(kind); y of kCorr, kRegr*
  BoundValue second;  // x of kCorr, kRegr*; the order key of kTopValues
  double fraction = 0;
  bool descending = false;
  int64_t first = 1;
  int64_t last = 1;
  bool is_list = false;
  BoundPin pin;
  std::optional<BoundPredicate> filter;
  /// Rows that `filter` leaves out because their value is not in the metric's domain: those that
  /// have one, or one that cannot be computed, are counted as excluded.
  std::shared_ptr<const BoundPredicate> outside;  // may be null
  /// With it the pin is kAt.
  std::shared_ptr<const BoundClip> clip;            // may be null
  std::shared_ptr<const ConfidenceBound> bound;     // kRankBound, kResampledMean
  std::shared_ptr<const BoundHistogram> histogram;  // kHistogramCounts, kHistogramEdges
  DataType result_type;  // count*, kConcurrencyMax: kInt64; sum of ints: kInt64; of decimal(p,s):
                         // decimal(38,s); of floats and every avg, variance, percentile_cont..:
                         // kFloat64; durations: kFloat64 seconds; min/max/mode/percentile_disc: the
                         // value's type; kTopValues: it, or a list of it; kHistogram*: a list

  /// count(*), count(x), count(DISTINCT x), concurrency: 0 in every emitted cell (rule 17).
  bool IsCountLike() const { return kind <= AggregateKind::kCountDistinct || IsConcurrency(kind); }
};
/// Equal text means an equal aggregate: it is computed once.
std::string ToString(const BoundAggregate& aggregate);

/// What a column of the result says of its metric.
enum class MetricStatistic : uint8_t {
  kValue,
  kSamples,
  kSamplesKept,
  kMin,
  kMax,
  // Of a histogram, whose value is its counts:
  kEdges,
  kLowerQuartile,
  kUpperQuartile,
};

/// A metric of the result: a value computed of aggregates in each cell.
struct BoundMetric {
  std::string name;
  /// Other than kValue: of the last metric before that is one.
  MetricStatistic statistic = MetricStatistic::kValue;
  /// kColumn i is aggregate i of the query. A bare kColumn is the aggregate itself.
  BoundExpression expression;
  DataType result_type;
  std::string unit;       // "seconds" for durations, else the column's, else empty
  bool is_ratio = false;  // missing operands are counted as excluded (rule 17)
  /// A difference of instants, or an aggregate of such, that is shown as a float8 of its seconds.
  /// Seconds that the user asked for, by extract, a cast or arithmetic, are a number.
  bool is_shown_duration = false;
};

/// A bin or a set of an axis.
struct BoundMember {
  std::string name;          // as shown; kBins: "[e0, e1)"
  BoundPredicate condition;  // kSets
};

struct BoundAxis {
  std::string name;
  GroupAxis::Kind kind = GroupAxis::Kind::kColumn;
  ColumnIndex column = 0;  // kColumn, kBins
  bool is_list =
      false;      // each distinct element; a NULL list gives no cell, a NULL element is a group
  DataType type;  // of the result column; kBins: of the lower edge, which is shown; kSets: text
  std::vector<int64_t> edges;        // kBins over integers and decimals: scaled as the column is
  std::vector<double> float_edges;   // kBins over floats
  std::vector<BoundMember> members;  // kSets
};

/// Where in the result the key of an ORDER BY is found.
struct BoundOrder {
  enum class Target { kAxis, kStart, kMetric } target = Target::kAxis;
  uint32_t index = 0;  // of the axis or metric
  bool descending = false;
};

struct BoundDerivedRows;

/// What a query reads of one dataset.
struct BoundDataset {
  std::string name;
  /// Set: not the rows of the dataset are read, but rows that are made of them; may be null.
  std::shared_ptr<const BoundDerivedRows> derived;
  /// Of a derived one: columns of the dataset that nothing reads follow those of its rows.
  std::shared_ptr<const Schema> schema;
  std::optional<BoundPredicate> filter;
  std::vector<BoundAxis> axes;       // the same axes in every dataset, of its own columns (rule 19)
  std::vector<uint32_t> aggregates;  // of the query's, ascending
};

struct BoundTopN {
  uint64_t count = 0;
  uint32_t metric = 0;
  bool smallest = false;
  bool others = false;
};

/// A query of which every name is resolved, every constant typed and every error of the user found.
struct BoundQuery {
  std::vector<BoundDataset> datasets;  // at least one
  std::vector<BoundAggregate> aggregates;
  std::vector<BoundMetric> metrics;
  std::vector<TimeSeries> series;  // at least one
  bool exclude_partial = false;
  int week_start = 1;
  std::string time_zone_name;
  absl::TimeZone time_zone;
  /// Microseconds since the Unix epoch, half-open. Absent: taken from the samples in scope (rule
  /// 14).
  std::optional<int64_t> from_us;
  std::optional<int64_t> to_us;
  /// Where the query compares: what stands for the intervals of its metrics "M.previous"; of those
  /// metrics all the rest.
  std::shared_ptr<const TimeFrame> compared_to;
  FillMode fill = FillMode::kSparse;
  std::optional<BoundTopN> top_n;
  Totals totals = Totals::kNone;
  /// Over the result: column i of its leaves is column i of ResultSchema(). Cells only.
  std::optional<BoundPredicate> having;
  std::vector<BoundOrder> order_by;
  std::optional<uint64_t> limit;
  QueryLimits limits;

  /// A series other than kAll: then the result has a `start` column.
  bool HasTimeAxis() const;
  /// Rows other than cells are asked: then the result has a `grouping` column.
  bool HasGrouping() const { return totals != Totals::kNone || (top_n && top_n->others); }
  const std::vector<BoundAxis>& axes() const { return datasets[0].axes; }
};

/// Rows made of those of a dataset (rule 23): the cells of a query without time, which all of the
/// tenant's rows enter. Its axes are the keys, then columns that must have one value per key, and
/// its metrics are the columns selected; so are the columns of a row.
struct BoundDerivedRows {
  BoundQuery query;  // of one dataset, which is not derived
  uint32_t num_keys = 0;
  /// By metric of `query`: a difference of instants, which it gives in seconds.
  std::vector<bool> is_duration;
};

/// The columns of derived rows: the keys, the columns with one value per key, those selected.
Schema SchemaOf(const BoundDerivedRows& rows);

/// The labels of an aggregate whose result is an enum.
std::vector<std::string> AggregateLabels(const BoundQuery& query, size_t aggregate);

/// The columns that `having` sees: the axes, then, with a time axis, `start` (timestamp), then the
/// metrics.
Schema ResultSchema(const BoundQuery& query);

/// An interval of a series, half-open, as the header lists it.
struct ResolvedInterval {
  int64_t start_us = 0;
  int64_t end_us = 0;
  bool is_partial = false;  // cut by from or to
  friend bool operator==(const ResolvedInterval&, const ResolvedInterval&) = default;
};

struct ResolvedSeries {
  TimeSeries series;
  std::string name;  // "all", "week", "2 month"
  std::vector<ResolvedInterval> intervals;
};

}  // namespace sextant
