#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "compute/column/schema.h"
#include "compute/plan/query.h"

namespace sextant {

/// A value of a row: a column, or `column * factor - minus * minus_factor`.
///
/// Key of a value: what predicates, groups and distinct counts compare.
///   kInteger layouts: the int64 value. kEnum: its code. Floats: FloatKey(). A difference: int64
///   (or FloatKey). kWide: an int128 (WideKey). Text, bytes: the bytes.
/// Nulls: NULL when a column is, or when the difference overflows int64 (counted as excluded, rule
/// 5).
struct BoundValue {
  ColumnIndex column = 0;
  std::optional<ColumnIndex> minus;
  int64_t factor = 1;  // differences of decimals of unlike scale; else 1
  int64_t minus_factor = 1;
  bool as_float = false;  // a difference computed in float64
  DataType type;  // of the value: timestamp - timestamp is kDuration, date - date is kInt32 (days)
};

/// Monotone in PostgreSQL's order of floats: NaN is greatest and equal to itself, -0 equals 0 (rule
/// 8).
int64_t FloatKey(double value);
/// Signed order of decimals; unsigned byte order of uuids (top bit flipped); PostgreSQL's order of
/// intervals.
int128_t WideKey(const DataType& type, Wide value);

struct BoundPredicate;

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

struct AndNode {
  std::vector<BoundPredicate> children;
};
struct OrNode {
  std::vector<BoundPredicate> children;
};

/// A filter with resolved columns and typed constants, in negation normal form: NOT is pushed to
/// the leaves, so that evaluation needs no third value. A row is kept when the predicate is TRUE.
///   leaf:          TRUE rows of the leaf.   leaf, negated: FALSE rows of the leaf (NULL rows are
///   in neither). AND/OR nodes:  intersection/union of their children's rows; never negated.
struct BoundPredicate {
  std::variant<ConstantLeaf, NullLeaf, IntegerRangeLeaf, IntegerSetLeaf, WideRangeLeaf, WideSetLeaf,
               TextRangeLeaf, TextSetLeaf, ListLeaf, AndNode, OrNode>
      node;
  bool negated = false;
};

/// A stable text form: equal text means an equal predicate. For tests, goldens and cache keys.
std::string ToString(const BoundPredicate& predicate);

struct BoundMetric {
  std::string name;
  AggregateKind kind = AggregateKind::kCountRows;
  BoundValue value;               // unused for kCountRows
  std::optional<ColumnIndex> at;  // timestamp or date column
  DataType result_type;  // count*: kInt64; sum of ints: kInt64; of decimal(p,s): decimal(38,s); of
                         // floats and every avg: kFloat64; durations: kFloat64 seconds; min/max:
                         // the value's type
  std::string unit;      // "seconds" for durations, else the column's, else empty

  /// count(*), count(x), count(DISTINCT x): 0 in every emitted cell (rule 17).
  bool IsCountLike() const { return kind <= AggregateKind::kCountDistinct; }
};

struct BoundAxis {
  std::string name;
  ColumnIndex column = 0;
  bool is_list =
      false;      // each distinct element; a NULL list gives no cell, a NULL element is a group
  DataType type;  // of the result column
};

/// Where in the result the key of an ORDER BY is found.
struct BoundOrder {
  enum class Target { kAxis, kStart, kMetric } target = Target::kAxis;
  uint32_t index = 0;  // of the axis or metric
  bool descending = false;
};

/// A query of which every name is resolved, every constant typed and every error of the user found.
struct BoundQuery {
  std::string dataset;
  std::shared_ptr<const Schema> schema;
  std::vector<BoundMetric> metrics;
  std::optional<BoundPredicate> filter;
  std::vector<BoundAxis> axes;
  std::vector<TimeSeries> series;  // at least one
  int week_start = 1;
  std::string time_zone_name;
  absl::TimeZone time_zone;
  /// Microseconds since the Unix epoch, half-open. Absent: taken from the samples in scope (rule
  /// 14).
  std::optional<int64_t> from_us;
  std::optional<int64_t> to_us;
  std::vector<BoundOrder> order_by;
  std::optional<uint64_t> limit;
  QueryLimits limits;

  /// A series other than kAll: then the result has a `start` column.
  bool HasTimeAxis() const;
};

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
