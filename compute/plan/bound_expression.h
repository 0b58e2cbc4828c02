#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "compute/column/schema.h"

namespace sextant {

struct BoundPredicate;

/// A typed constant. Which member by the form of the type (see BoundExpression).
struct BoundConstant {
  bool is_null = false;
  std::variant<int64_t, double, Wide, std::string> value = int64_t{0};
};

/// What extract() reads and date_trunc() cuts at. kEpoch, kDow, kDoy, kIsoDow, kIsoYear are of
/// extract only.
enum class DateField : uint8_t {
  kMicroseconds,
  kMilliseconds,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  kEpoch,
  kDow,
  kDoy,
  kIsoDow,
  kIsoYear,
};

enum class ExpressionOp : uint8_t {
  kColumn,     // `column`
  kConstant,   // `constant`
  kCondition,  // TRUE on the rows of conditions[0], FALSE on those of conditions[1], else NULL
  kCase,       // arguments[i] on the rows of conditions[i] that no condition before took;
               // one more argument is ELSE (without it NULL). Only the argument taken is evaluated.
  kCoalesce,   // the first argument that is not NULL; later ones are evaluated only where needed
  kGreatest,   // NULLs are skipped; in PostgreSQL's order of the type
  kLeast,
  kAdd,       // a + b (+ ..): see BoundExpression
  kSubtract,  // a - b
  kMultiply,  // a * b
  kDivide,    // a / b: kInt64, truncated, or kFloat64
  kModulo,    // a % b: kInt64 or decimals, the sign of a
  kNegate,
  kAbs,
  kRound,   // kFloat64: half to even; decimals: half away from zero, to the scale of the result
  kFloor,   // kFloat64, or decimals to scale 0
  kCeil,    // likewise
  kTrunc,   // likewise; decimals: to the scale of the result
  kLower,   // text, code point by code point as in C.UTF-8
  kUpper,   // likewise
  kLength,  // of text, in code points: kInt64
  kCardinality,  // arguments[0] is a list column: kInt64, 0 of an empty list
  kArrayLength,  // likewise, NULL of an empty list
  kExtract,    // `field` of a timestamp or date (in `time_zone`) or duration: a decimal, of scale 6
               // for kSecond, kEpoch and 3 for kMilliseconds, else 0
  kDateTrunc,  // timestamp cut at `field` in `time_zone`: timestamp
  kAddInterval,  // timestamp + interval in `time_zone`: months, then days in local time, then time
  kCast,         // arguments[0] as `type`: see BoundExpression
  kMeanBound,  // of (mean, deviation, n), of aggregates: see confidence_steps.cc; `constant` is the
               // level of confidence, negative for the lower bound
  kShareBound,  // of (passing, n), likewise
};

/// A scalar value of a row, typed. Every argument is evaluated in row order over the same rows.
///
/// Forms of types in memory: kInteger layouts (bool as 0 and 1, dates, timestamps, durations,
/// decimals of up to 18 digits) are int64; enums are their code; floats are double; decimals beyond
/// 18 digits, uuids and intervals are Wide; text, bytes and json are strings.
///
/// Types: arguments have the type of the result, casts have been put in, but for these.
///   integers are computed in kInt64; decimals in precision 38: kAdd, kSubtract, kGreatest.. of one
///   scale, kMultiply adds the scales; floats in kFloat64.
///   timestamp - timestamp: kDuration. timestamp +- kDuration: timestamp. date - date: kInt64 days.
///   date +- kInt64: date.
/// Casts: between integers, floats, decimals and bool (to and from integers); date <-> timestamp
/// by `time_zone`'s midnight and day; text to integers, floats, decimals, bool, date, uuid; and
/// integers, decimals, bool, uuid, date, enum to text. To an integer: decimals round half away from
/// zero, floats half to even. Decimals to fewer digits round half away from zero.
///
/// Nulls: NULL where an argument is, but for kCondition, kCase, kCoalesce, kGreatest, kLeast and as
/// said. What cannot be computed (overflow, division by zero, a text that is no number) is NULL,
/// and counted as excluded where it makes the whole value NULL (rule 5).
struct BoundExpression {
  ExpressionOp op = ExpressionOp::kColumn;
  DataType type;
  ColumnIndex column =
      0;  // kColumn. Of an enum result of any op: whose dictionary the codes are of
  BoundConstant constant;
  std::vector<BoundExpression> arguments;
  std::vector<BoundPredicate> conditions;
  DateField field = DateField::kDay;
  absl::TimeZone time_zone;
};

/// A value of a row: a column, `column * factor - minus * minus_factor`, or, when `expression` is
/// set, that.
///
/// Key of a value: what predicates, groups and distinct counts compare.
///   kInteger layouts: the int64 value. kEnum: its code. Floats: FloatKey(). A difference: int64
///   (or FloatKey). kWide: an int128 (WideKey). Text, bytes: the bytes.
/// Nulls: NULL when a column is, or when the value cannot be computed (counted as excluded, rule
/// 5).
struct BoundValue {
  ColumnIndex column = 0;  // of an enum expression: whose dictionary its codes are of
  std::optional<ColumnIndex> minus;
  int64_t factor = 1;  // differences of decimals of unlike scale; else 1
  int64_t minus_factor = 1;
  bool as_float = false;  // a difference computed in float64
  DataType type;          // of the value: timestamp - timestamp is kDuration, date - date is kInt32
  std::shared_ptr<const BoundExpression> expression;

  /// Nothing but the values of `column`.
  bool IsColumn() const { return !minus && expression == nullptr; }
};

/// A stable text form: equal text means an equal value. For tests and cache keys.
std::string ToString(const BoundExpression& expression);
std::string ToString(const BoundValue& value);

}  // namespace sextant
