#pragma once

#include <array>
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
};

using Row = std::vector<Datum>;

/// A table as PostgreSQL has it. Column 0 is `id`, unique, by which rows are ordered.
struct TableCase {
  uint64_t seed = 0;
  std::string name = {};
  std::vector<Column> columns = {};
  std::vector<Row> rows = {};
  int tenant = -1;  // columns
  int opened = -1;  // opened <= closed, or NULL
  int closed = -1;
  /// A bool: which rows are those of a second dataset (dataset_split.h).
  int second = -1;
  int64_t as_of_us = 0;             // when its snapshot was taken
  bool is_ordered_by_time = false;  // the product loads it by column 1, an instant, then by id
  bool has_late_repeats = false;    // a text column whose first values are all distinct
  /// Rows (by id) that the product deletes after it loaded them.
  std::vector<int64_t> deleted_ids = {};
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
};
inline bool IsCountLike(Aggregate kind) { return kind <= Aggregate::kCountDistinct; }

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
  std::vector<Expr> filter = {};  // FILTER (WHERE ..), one or none
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
  };
  Op op = Op::kOperand;
  size_t operand = 0;     // kOperand
  std::string text = {};  // kConstant, as it is written
  Type type = {};         // integers are int8, floats float8; kDivide: float8
  std::vector<CellExpr> args = {};
};

/// A condition on the value of a sample: `value op literal`.
struct SampleCondition {
  std::string op = {};
  Expr literal = {};
};

struct MetricSpec {
  /// kAt: the column `start`, which may be a list.
  enum class Pin : uint8_t { kNone, kAt, kDuring, kAsOfEnd };
  /// kThreshold: the share of the samples of the component that pass `threshold`. kSumOf: of the
  /// components that have a value.
  enum class Form : uint8_t { kExpression, kDerived, kRatio, kThreshold, kSumOf };
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
  Pin pin = Pin::kNone;
  int start = -1;  // columns
  int end = -1;
  std::vector<MetricSpec> components = {};  // kDerived; kRatio: numerator, denominator
  std::string offset = "0";                 // kRatio
  int dataset = -1;                         // 0, 1: of a table with `second`
  std::vector<Expr> scope = {};             // one or none: which rows are the dataset's

  /// Whether it is `aggregate` and nothing else.
  bool IsAggregate() const { return form == Form::kExpression && second.empty(); }
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
};
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
};

enum class Unit : uint8_t { kAll, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };

struct SeriesSpec {
  Unit unit = Unit::kAll;
  int count = 1;
  bool is_rolling = false;
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

struct RequestCase {
  uint64_t seed = 0;
  std::vector<Expr> filter = {};  // one or none
  bool as_typed_filter = false;
  bool through_protobuf = false;
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
  TotalsSpec totals = TotalsSpec::kNone;
  std::vector<HavingSpec> having = {};
  std::vector<OrderSpec> order_by = {};
  std::optional<uint64_t> limit = {};
  std::string tenant = {};
  bool is_of_datasets = false;  // of the datasets of the table, not of the whole

  bool HasTimeAxis() const;
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
