#pragma once

#include <string>
#include <vector>

#include "tests/oracle/datum.h"

namespace sextant::oracle {

enum class Op : uint8_t {
  // values
  kColumn,
  kLiteral,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kNegate,
  kAbs,
  kRound,
  kFloor,
  kCeil,
  kLower,
  kUpper,
  kLength,
  kCoalesce,
  kNullIf,
  kGreatest,
  kLeast,
  kCase,     // condition, value, condition, value, .. [ELSE value]
  kCast,     // args[0]::type
  kExtract,  // `name` FROM args[0]
  kDateTrunc,
  kCardinality,
  kArrayLength,
  // conditions: bool values that may be NULL
  kCompare,   // args[0] `name` args[1]
  kDistinct,  // IS DISTINCT FROM
  kIn,        // args[0] IN (args[1..])
  kBetween,
  kIsNull,
  kIsTrue,
  kIsFalse,
  kLike,         // flag: ILIKE
  kRegex,        // flag: ~*
  kOverlaps,     // list && ARRAY[..]
  kContains,     // list @> ARRAY[..]
  kListCompare,  // args[0] `name` ANY (args[1]); flag: ALL
  kAnd,
  kOr,
  kNot,
  kExists,  // `name`: exists_in, any_in, none_in; `column`: the link; args[0]: of a linked row
};

/// An expression of a row, typed. The same tree is written as the product's request, as SQL and
/// evaluated by the naive engine.
struct Expr {
  Op op = Op::kLiteral;
  Type type = {};
  int column = -1;        // kColumn
  Datum literal = {};     // kLiteral
  std::string text = {};  // kLiteral: as it is written
  std::string name = {};  // kLiteral: as SQL has it, where that differs; a NamedDifference's
  bool flag = false;
  std::vector<Expr> args = {};
};

inline Type BoolType() { return {.kind = Kind::kBool}; }
inline Expr Condition(Op op, std::vector<Expr> args, std::string name = {}, bool flag = false) {
  return {op, BoolType(), -1, {}, {}, std::move(name), flag, std::move(args)};
}

inline bool IsCondition(const Expr& expr) { return expr.op >= Op::kCompare; }

/// The operators of the tree, for the table of coverage ("=", "IN", "+", ..), with the type that
/// each works on.
struct OperatorUse {
  std::string op = {};
  Kind kind;
};
std::string OperatorName(const Expr& expr);
void CollectOperators(const Expr& expr, std::vector<OperatorUse>& uses);

}  // namespace sextant::oracle
