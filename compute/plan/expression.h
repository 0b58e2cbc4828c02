#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sextant {

/// A constant as written, not typed yet: the binder types it by what it meets, as PostgreSQL does.
struct Literal {
  enum class Kind {
    kNull,
    kBool,     // text "true" or "false"
    kInteger,  // digits with an optional sign
    kDecimal,  // digits with a point or an exponent: numeric
    kFloat,    // a double of the typed tree, in shortest round-trip form, "NaN", "Infinity",
               // "-Infinity"
    kString,   // quoted: of unknown type
    kTyped,    // date '...', '...'::interval: `type_name` says which
  };
  Kind kind = Kind::kNull;
  std::string text;
  std::string type_name;  // kTyped: PostgreSQL's name, lower case
  int position = -1;      // character offset in the text it came from, or -1
};

struct AggregateCall;
struct Predicate;

/// A scalar expression with unresolved names.
struct Expression {
  enum class Kind {
    kColumn,     // `name`
    kLiteral,    // `literal`
    kCall,       // the function or operator `name` of `arguments`
    kCast,       // arguments[0]::name, a type as PostgreSQL writes it ("numeric(12,2)")
    kCase,       // arguments[i] where conditions[i] is the first that is TRUE; one more is ELSE
    kCondition,  // conditions[0] as a boolean value
    kAggregate,  // aggregates[0]; in the expression of a metric only
  };
  Kind kind = Kind::kColumn;
  /// kCall: the operators "+ - * / %" (unary minus is "-" of one argument) and functions by the
  /// lower-case name they have in PostgreSQL: coalesce, nullif, greatest, least, abs, round, floor,
  /// ceil (ceiling), trunc, lower, upper, length (char_length), extract (date_part: the first
  /// argument is a string literal), date_trunc, array_length, cardinality, now, current_date,
  /// at_time_zone.
  std::string name;
  Literal literal;
  std::vector<Expression> arguments;
  std::vector<Predicate> conditions;
  std::vector<AggregateCall> aggregates;
  int position = -1;

  static Expression Column(std::string column, int position = -1);
  static Expression Constant(Literal literal);
  /// left - right.
  static Expression Difference(Expression left, Expression right);
};

enum class CompareOp { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

/// How a list column is matched with a set of values, as PostgreSQL means it.
enum class ListMatch {
  kAnyOf,      // list && ARRAY[values]: NULL elements match nothing
  kAllOf,      // list @> ARRAY[values]
  kNoneOf,     // NOT (list && ARRAY[values])
  kEqualsAny,  // value = ANY (list): NULL when nothing matches and an element is NULL
};

/// A filter as a tree with unresolved names: what the typed filter of a request and expression text
/// both become.
struct Predicate {
  enum class Kind {
    kAnd,          // children, >= 1
    kOr,           // children, >= 1
    kNot,          // one child
    kCompare,      // value op literals[0], or, where there is no literal, other[0]
    kDistinct,     // value IS DISTINCT FROM literals[0] or other[0]: never NULL
    kIn,           // value IN (literals), may be empty: then false for every row
    kRange,        // lower <(=) value <(=) upper; an absent bound is open
    kIsNull,       // value IS NULL
    kIsTrue,       // value IS TRUE (bool): never NULL
    kIsFalse,      // value IS FALSE
    kBoolean,      // a bool value on its own
    kLike,         // value LIKE literals[0] (ILIKE when case_insensitive), with `escape`
    kRegex,        // value ~ literals[0] (~* when case_insensitive)
    kList,         // the list column `value` matched with literals by list_match
    kListCompare,  // literals[0] op ANY (value), or ALL when list_all; `value` is a list column
    kExists,       // a row that `link` leads to satisfies children[0], or any does where there is
                   // no child; names in it are those of the linked dataset. Never NULL
  };
  Kind kind = Kind::kAnd;
  std::vector<Predicate> children;
  Expression value;
  std::vector<Expression> other;  // one, or none
  CompareOp op = CompareOp::kEqual;
  std::vector<Literal> literals;
  std::optional<Literal> lower;
  std::optional<Literal> upper;
  bool lower_inclusive = true;
  bool upper_inclusive = true;
  ListMatch list_match = ListMatch::kAnyOf;
  bool list_all = false;
  bool case_insensitive = false;
  std::string link;           // kExists
  int position = -1;          // kExists: as Literal::position
  std::string escape = "\\";  // kLike: one character, or empty for none
  /// Path of the request's field that this node came from, for errors.
  std::string field;
};

enum class AggregateKind {
  kCountRows,
  kCount,
  kCountDistinct,
  kSum,
  kAvg,
  kMin,
  kMax,
  kStddevSamp,  // stddev
  kStddevPop,
  kVarSamp,  // variance
  kVarPop,
  kPercentileCont,  // median(x) is 0.5
  kPercentileDisc,
  kNearestRank,      // sorted[round half to even(fraction * (n - 1))]: what clips (rule 20)
  kRankBound,        // a bound of a percentile: a sample by its rank (rule 21)
  kResampledMean,    // a bound of a mean, by bootstrap (rule 21)
  kHistogramCounts,  // a list: the samples of each bin of BoundHistogram
  kHistogramEdges,   // a list: the edges of these bins
  kMode,
  kBoolOr,
  kBoolAnd,
  kConcurrencyMax,   // without a value: the most rows that run at an instant
  kConcurrencyMean,  // likewise: how many run, on average over the time of the interval
  kCorr,             // of (y, x), as PostgreSQL orders them
  kRegrSlope,        // of (y, x)
  kRegrR2,           // of (y, x)
  kTopValues,        // (array_agg(x ORDER BY y DESC))[first:last], or one of them: [first]
};

/// Of the spans of time that rows are pinned by, `during`.
inline bool IsConcurrency(AggregateKind kind) {
  return kind == AggregateKind::kConcurrencyMax || kind == AggregateKind::kConcurrencyMean;
}
/// Whether its samples have a value; else every row that is pinned is one.
inline bool HasValue(AggregateKind kind) {
  return kind != AggregateKind::kCountRows && !IsConcurrency(kind);
}

/// An aggregate as PostgreSQL writes it.
struct AggregateCall {
  AggregateKind kind = AggregateKind::kCountRows;
  std::vector<Expression> arguments;  // none of count(*); (y, x) of kCorr, kRegr*; else one
  double fraction = 0;                // kPercentile*
  std::vector<Expression> order_by;   // kTopValues: one
  bool descending = false;            // kTopValues
  int64_t first = 1;                  // kTopValues: 1-based
  int64_t last = 1;                   // kTopValues: inclusive
  bool is_list = false;               // kTopValues: a slice, else the one value at `first`
  std::vector<Predicate> filter;      // FILTER (WHERE ..): one, or none
  int position = -1;
};

}  // namespace sextant
