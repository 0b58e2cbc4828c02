#pragma once

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

/// A column, or the difference of two: `column` or `column - minus`.
struct ValueExpression {
  std::string column;
  std::optional<std::string> minus;
  int position = -1;
  int minus_position = -1;
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
    kAnd,      // children, >= 1
    kOr,       // children, >= 1
    kNot,      // one child
    kCompare,  // value op literals[0]
    kIn,       // value IN (literals), may be empty: then false for every row
    kRange,    // lower <(=) value <(=) upper; an absent bound is open
    kIsNull,   // value IS NULL
    kIsTrue,   // value IS TRUE (bool column): never NULL
    kIsFalse,  // value IS FALSE
    kBoolean,  // a bool column on its own
    kList,     // the list column value.column matched with literals by list_match
  };
  Kind kind = Kind::kAnd;
  std::vector<Predicate> children;
  ValueExpression value;
  CompareOp op = CompareOp::kEqual;
  std::vector<Literal> literals;
  std::optional<Literal> lower;
  std::optional<Literal> upper;
  bool lower_inclusive = true;
  bool upper_inclusive = true;
  ListMatch list_match = ListMatch::kAnyOf;
  /// Path of the request's field that this node came from, for errors.
  std::string field;
};

enum class AggregateKind { kCountRows, kCount, kCountDistinct, kSum, kAvg, kMin, kMax };

/// count(*), count(x), count(DISTINCT x), sum(x), avg(x), min(x), max(x).
struct AggregateCall {
  AggregateKind kind = AggregateKind::kCountRows;
  ValueExpression value;  // unused for kCountRows
};

}  // namespace sextant
