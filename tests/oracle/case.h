#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/expression.h"

namespace sextant::oracle {

struct Column {
  std::string name = {};
  Type type = {};
  std::string zone = {};                 // kTimestamp: where its local times are
  std::vector<std::string> labels = {};  // kEnum
  bool is_dyadic = false;                // floats whose sums are exact
  /// Of a table with `second`: its names in the two datasets; empty where it is not.
  std::array<std::string, 2> dataset_names = {};
  /// Of a table with `has_keys`: how its rows come out of those of a key (key_split.h).
  enum class PerKeyForm : uint8_t { kAbsent, kOneValue, kMax, kMin, kAny, kFirst };
  PerKeyForm per_key = PerKeyForm::kAbsent;
  bool is_key = false;     // of those with one value, besides `id`
  bool is_linked = false;  // comes through a link: it is not stored
};

using Row = std::vector<Datum>;

struct TableCase;

/// A link of a table: of a row those of `target` whose column `other` equals its column `own`; with
/// a bridge those that a row of it leads to. Rows of different tenants never belong together.
struct LinkCase {
  std::string name = {};
  std::shared_ptr<const TableCase> target = {};
  int own = -1;         // columns
  int other = -1;       // of `target`
  int own_tenant = -1;  // of the table that has the link, whoever asks
  std::shared_ptr<const TableCase> bridge = {};
  int bridge_own = -1;
  int bridge_other = -1;
};

/// What a column of the table is of the rows of a link.
struct LinkedColumn {
  enum class Kind : uint8_t { kAttribute, kCountRows, kCount, kMin, kMax };
  size_t link = 0;
  Kind kind = Kind::kAttribute;
  int column = -1;                // the column itself
  int of = -1;                    // of the target
  std::vector<Expr> filter = {};  // on linked rows, one or none
};

/// `end - start` of columns of instants, under a name of its own in requests: a derived column of
/// the dataset, and a selected one of rows per key (key_split.h).
struct NamedDifference {
  /// What of the rows of a key it is: of their least and greatest instants, or of their
  /// differences.
  enum class PerKey : uint8_t { kEnds, kSum, kMean, kMedian };
  std::string name = {};
  int end = -1;
  int start = -1;
  PerKey per_key = PerKey::kEnds;
};

/// A table as PostgreSQL has it. Column 0 is `id`, unique, by which rows are ordered.
struct TableCase {
  uint64_t seed = 0;
  std::string name = {};
  std::vector<Column> columns = {};
  std::vector<Row> rows = {};
  int key = 0;  // columns
  int tenant = -1;
  int opened = -1;  // opened <= closed, or NULL
  int closed = -1;
  /// A bool: which rows are those of a second dataset (dataset_split.h).
  int second = -1;
  bool has_keys = false;            // there is a dataset with several rows per row (key_split.h)
  int64_t as_of_us = 0;             // when its snapshot was taken
  bool is_ordered_by_time = false;  // the product loads it by column 1, an instant, then by id
  bool has_late_repeats = false;    // a text column whose first values are all distinct
  /// Rows (by id) that the product deletes after it loaded them.
  std::vector<int64_t> deleted_ids = {};
  std::vector<LinkCase> links = {};
  std::vector<LinkedColumn> linked_columns = {};  // the last columns, which have their values here
  std::vector<NamedDifference> differences = {};
};

enum class Aggregate : uint8_t {
  kCountRows,
  kCount,
  kCountDistinct,
  kSum,
  kAvg,
  kMin,
  kMax,
  kStddevSamp,
  kStddevPop,
  kVarSamp,
  kVarPop,
  kPercentileCont,
  kPercentileDisc,
  kMedian,
  kMode,
  kBoolOr,
  kBoolAnd,
  kCorr,
  kRegrSlope,
  kRegrR2,
  kTopValues,
  // Bounds of values (rule 21), of metrics that are statistics:
  kMeanBound,
  kRankBound,
  kResampledMean,
  // Columns of a histogram:
  kHistogramCounts,
  kHistogramEdges,
  // Of rows that run in the span of a pin:
  kConcurrencyMax,
  kConcurrencyMean,
};
inline bool IsConcurrency(Aggregate kind) { return kind >= Aggregate::kConcurrencyMax; }
inline bool IsCountLike(Aggregate kind) {
  return kind <= Aggregate::kCountDistinct || IsConcurrency(kind);
}

/// The bins of a histogram; automatic: neither a number nor edges.
struct HistogramSpec {
  int num_bins = 0;
  std::vector<std::pair<double, std::string>> edges = {};  // of durations seconds; as it is asked
  bool is_log = false;

  /// Whether PostgreSQL finds the same ones to the last bit.
  bool HasSql() const { return !edges.empty() || (num_bins > 0 && !is_log); }
};

struct AggregateExpr {
  Aggregate kind = Aggregate::kCountRows;
  std::vector<Expr> args = {};      // none of count(*), (y, x) of corr and regr
  std::vector<Expr> order_by = {};  // kTopValues: one
  bool descending = false;
  int first = 1;  // kTopValues
  int last = 1;
  bool is_list = false;
  double fraction = 0.5;  // kPercentile*
  std::string fraction_text = "0.5";
  std::vector<Expr> filter = {};                // FILTER (WHERE ..), one or none
  double level = 0;                             // of a bound, negative: the lower one
  bool is_discrete = false;                     // kRankBound: of percentile_disc
  std::optional<HistogramSpec> histogram = {};  // of what a histogram has
};

/// A value of a cell: a tree over aggregates or, of a `derived` metric, over its components.
struct CellExpr {
  enum class Op : uint8_t {
    kOperand,
    kConstant,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kNullIfZero,  // nullif(a, 0)
    kOrZero,      // coalesce(a, 0)
    kIfAny,       // the first argument, where one of the others has a value
    kShareBound,  // of (passing, samples), of `level`
  };
  Op op = Op::kOperand;
  size_t operand = 0;     // kOperand
  std::string text = {};  // kConstant, as it is written
  Type type = {};         // integers are int8, floats float8; kDivide: float8
  std::vector<CellExpr> args = {};
  double level = 0;
};

/// A condition on the value of a sample: `value op literal`.
struct SampleCondition {
  std::string op = {};
  Expr literal = {};
};

enum class Unit : uint8_t { kAll, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear, kPeriod };

/// A length of time, as an interval of PostgreSQL.
struct PeriodSpec {
  int months = 0;
  int days = 0;
  int64_t microseconds = 0;
};

/// What stands for the intervals of samples (rule 22): those of the earlier range that the request
/// compares with, windows, or windows of those.
struct FrameSpec {
  enum class Window : uint8_t { kNone, kTrailing, kToDate };
  bool is_compared = false;
  Window window = Window::kNone;
  std::string text = {};     // "28d", "month"
  PeriodSpec length = {};    // kTrailing
  Unit unit = Unit::kMonth;  // kToDate

  bool IsPlain() const { return !is_compared && window == Window::kNone; }
};

struct MetricSpec {
  /// kAt: the column `start`, which may be a list.
  enum class Pin : uint8_t { kNone, kAt, kDuring, kAsOfEnd };
  /// kThreshold: the share of the samples of the component that pass `threshold`. kSumOf: of the
  /// components that have a value.
  enum class Form : uint8_t { kExpression, kDerived, kRatio, kThreshold, kSumOf, kCumulative };
  std::string name = {};
  Form form = Form::kExpression;
  AggregateExpr aggregate = {};
  /// kExpression: `value` is a tree over `aggregate` and these, when there are any.
  std::vector<AggregateExpr> second = {};
  CellExpr value = {};                          // else of kDerived
  std::vector<Expr> filter = {};                // one or none
  std::vector<SampleCondition> domain = {};     // of kExpression, all of them
  std::vector<SampleCondition> threshold = {};  // of kThreshold: one
  bool is_complete = false;                     // kSumOf: there is none unless all have a value
  /// Whether it is clipped where the request clips; absent: means are.
  std::optional<bool> clip = {};
  bool request_clips = false;
  bool is_zero_when_empty = false;  // `aggregate`, a sum, is; then `value` says so
  FrameSpec frame = {};  // kCumulative: the window; of what the request adds: is_compared
  Pin pin = Pin::kNone;
  int start = -1;  // columns
  int end = -1;
  std::vector<MetricSpec> components = {};  // kDerived; kRatio: numerator, denominator
  std::string offset = "0";                 // kRatio
  /// `aggregate` is the counts of a histogram of this metric: one or none.
  std::vector<MetricSpec> histogram_of = {};
  /// The product adds it by itself to the metric before; its name has a point.
  bool is_statistic = false;
  bool is_share = false;         // kRatio: of a count to another that it is a part of
  double level = 0;              // of a share: a bound of it, negative: the lower one
  int dataset = -1;              // 0, 1: of a table with `second`
  std::vector<Expr> scope = {};  // one or none: which rows are the dataset's
  bool is_per_key = false;       // of a table with `has_keys`; components are likewise

  /// Whether it is `aggregate` and nothing else.
  bool IsAggregate() const {
    return form == Form::kExpression && second.empty() && !is_zero_when_empty;
  }
};

/// One aggregate with what makes its samples.
struct Lane {
  AggregateExpr aggregate = {};  // FILTER holds the metric's filter and scope too
  MetricSpec::Pin pin = MetricSpec::Pin::kNone;
  int start = -1;
  int end = -1;
  std::vector<Expr> scope = {};  // of the metric; `aggregate` has it too
  /// With a domain: which rows are looked at, one or none; `aggregate` has the domain too.
  bool has_domain = false;
  std::vector<Expr> before_domain = {};
  /// One of a lane that is clipped: by what, among the rows that pass `clip_filter`, one or none.
  std::vector<Expr> clip_value = {};
  std::vector<Expr> clip_filter = {};
  FrameSpec frame = {};
  bool is_statistic = false;  // whose samples another lane has: it excludes none
};
/// Whether it is a ratio, or one over windows.
bool IsRatio(const MetricSpec& metric);
/// All aggregates of a metric, components in order.
std::vector<Lane> LanesOf(const MetricSpec& metric);
/// The metric as a tree over its lanes, components written out.
CellExpr ValueOf(const MetricSpec& metric);
inline bool HasTwoArgs(Aggregate kind) {
  return kind >= Aggregate::kCorr && kind <= Aggregate::kRegrR2;
}

struct AxisSpec {
  enum class By : uint8_t { kColumn, kBins, kSets };
  By by = By::kColumn;
  std::string name = {};
  int column = -1;                      // kColumn (each element of a list), kBins
  std::vector<std::string> edges = {};  // kBins
  std::vector<std::pair<std::string, Expr>> members = {};  // kSets
  /// Of kSets: each condition is an AND of two, of members of two sets side by side.
  bool is_zipped = false;
};

struct SeriesSpec {
  Unit unit = Unit::kAll;
  int count = 1;
  bool is_rolling = false;
  std::vector<int64_t> borders_us = {};  // kPeriod: of a calendar, which holds all instants
};

/// An end of the range of time: an instant, local text, or text relative to now.
struct RangeEnd {
  enum class Form : uint8_t { kInstant, kDate, kLocal, kRelative };
  Form form = Form::kInstant;
  int64_t value = 0;      // microseconds; kDate: days; kLocal: microseconds of local time
  std::string text = {};  // kRelative: as it is asked, and as SQL
  std::string sql = {};
};

struct OrderSpec {
  enum class Target : uint8_t { kAxis, kStart, kMetric };
  Target target = Target::kAxis;
  size_t index = 0;
  bool descending = false;
};

enum class TotalsSpec : uint8_t { kNone, kGrand, kRollup, kCube };

struct TopNSpec {
  int count = 1;
  size_t metric = 0;
  bool smallest = false;
  bool others = false;
};

/// A condition on cells: metric op number, or whether a metric or an axis is NULL.
struct HavingSpec {
  size_t metric = 0;
  std::string op = {};  // "<", .., "IS NULL", "IS NOT NULL"
  std::string number = {};
  bool is_of_axis = false;  // then `metric` is the axis
};

struct ClipSpec {
  double low = 0;
  double high = 1;
  int stride_days = 14;
};

/// What the request compares with: the range before, or that of so long ago.
struct CompareSpec {
  bool is_previous = false;
  std::string text = {};
  PeriodSpec offset = {};
};

struct ConfidenceSpec {
  double level = 0.8;
  bool is_bootstrap = false;
};

struct RequestCase {
  uint64_t seed = 0;
  std::vector<Expr> filter = {};  // one or none
  bool as_typed_filter = false;
  /// Where it compares each is followed by what it was, ".previous".
  std::vector<MetricSpec> metrics = {};
  std::vector<AxisSpec> axes = {};
  std::vector<SeriesSpec> series = {};  // at least one
  std::string zone = "UTC";
  int week_start = 1;
  std::optional<RangeEnd> from = {};
  std::optional<RangeEnd> to = {};
  bool exclude_partial = false;
  bool is_dense = false;
  std::optional<TopNSpec> top_n = {};
  std::optional<ClipSpec> clip = {};
  std::optional<CompareSpec> compare = {};
  bool samples = false;
  std::optional<ConfidenceSpec> confidence = {};
  TotalsSpec totals = TotalsSpec::kNone;
  std::vector<HavingSpec> having = {};
  std::vector<OrderSpec> order_by = {};
  std::optional<uint64_t> limit = {};
  std::string tenant = {};
  bool is_of_datasets = false;  // of the datasets of the table, not of the whole
  bool is_per_key = false;      // metrics are of two levels, all or some

  bool HasTimeAxis() const;
  /// Whether a lane of a metric has a frame.
  bool HasFrames() const;
  /// Whether a lane of a metric is clipped.
  bool ClipsAny() const;
  /// The groupings of the totals that are asked, ascending: bits of summed axes, the first axis has
  /// the highest.
  std::vector<int> Groupings() const;
};

/// "all", "day", "2 week".
std::string SeriesText(const SeriesSpec& series);
std::string UnitName(Unit unit);
/// 1970-01-01 00:00:00.000000 of microseconds since then.
std::string LocalText(int64_t local_us);
std::string DateText(int64_t days);

/// The type of an axis in the answer: of elements of lists, of the lower edges of bins.
Type AxisType(const TableCase& table, const AxisSpec& axis);
/// The type of a metric's aggregate in the answer.
Type ResultType(const AggregateExpr& aggregate);
Type ResultType(const MetricSpec& metric);

}  // namespace sextant::oracle
