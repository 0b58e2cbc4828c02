#include "storage/postgres/query_sql/expression_sql.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/calendar.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/cast_sql.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/decimal_digits.h"
#include "storage/postgres/query_sql/float_sql.h"
#include "storage/postgres/query_sql/instant_sql.h"
#include "storage/postgres/query_sql/integer_bits.h"
#include "storage/postgres/query_sql/pair_sql.h"
#include "storage/postgres/query_sql/predicate_sql.h"
#include "storage/postgres/query_sql/share_sql.h"
#include "storage/postgres/query_sql/zone_sql.h"

namespace sextant {
namespace {

constexpr int kBigintBits = 63;
constexpr const char* kFieldNames[] = {
    "microseconds", "milliseconds", "second",  "minute", "hour",   "day",
    "week",         "month",        "quarter", "year",   "decade", "century",
    "millennium",   "epoch",        "dow",     "doy",    "isodow", "isoyear"};

const char* NameOf(DateField field) { return kFieldNames[static_cast<int>(field)]; }

bool IsBigint(const DataType& type) {
  return IsInteger(type.kind) || type.kind == TypeKind::kDuration;
}

bool IsTimestamp(const DataType& type) { return type.kind == TypeKind::kTimestamp; }

/// A day moved by days, NULL where PostgreSQL has no such day (rule 5).
std::string DayOrNullSql(const std::string& day, const char* sign, const std::string& count) {
  return OfPairSql(day, count,
                   absl::StrCat("CASE WHEN (n.a - ", DaySql(0), ")::numeric", sign, "n.b BETWEEN ",
                                kMinDay, " AND ", kMaxDay, " THEN n.a", sign, "n.b::int END"));
}

/// Writes one expression.
class ExpressionPrinter {
 public:
  ExpressionPrinter(const SqlScope& scope, const BoundExpression& expression)
      : scope_(scope), expression_(expression) {}

  std::string Print() const {
    switch (expression_.op) {
      case ExpressionOp::kColumn:
        return scope_.column(expression_.column);
      case ExpressionOp::kConstant:
        return ConstantSql(expression_.type, EnumField(), expression_.constant);
      case ExpressionOp::kCondition:
        return absl::StrCat("(CASE WHEN ", PredicateSql(scope_, expression_.conditions[0]),
                            " THEN true WHEN ", PredicateSql(scope_, expression_.conditions[1]),
                            " THEN false END)");
      case ExpressionOp::kCase:
        return Case();
      case ExpressionOp::kAdd:
        return Add();
      case ExpressionOp::kSubtract:
        return Subtract();
      case ExpressionOp::kMultiply:
        return MayLeaveFloat() ? OfFloats(ProductOfFloatsSql) : Arithmetic(" * ");
      case ExpressionOp::kDivide:
        return Divide();
      case ExpressionOp::kModulo:
        return absl::StrCat("(", Argument(0), " % NULLIF(", Argument(1), ", 0))");
      case ExpressionOp::kNegate:
        return Unary("-");
      case ExpressionOp::kExtract:
        return Extract();
      case ExpressionOp::kDateTrunc:
        return absl::StrCat("date_trunc('", NameOf(expression_.field), "', ", Argument(0), ", ",
                            ZoneSql(scope_, expression_.time_zone), ")");
      case ExpressionOp::kAddInterval:
        return AddInterval();
      case ExpressionOp::kMeanBound:
        return "NULL::double precision";  // a column without SQL
      case ExpressionOp::kShareBound:
        return ShareBoundSql(Argument(0), Argument(1),
                             std::get<double>(expression_.constant.value));
      case ExpressionOp::kCast:
        return CastSql(scope_, expression_, Argument(0));
      default:
        return Function();
    }
  }

 private:
  std::string Argument(size_t index) const {
    return ExpressionSql(scope_, expression_.arguments[index]);
  }
  const DataType& TypeOfArgument(size_t index) const { return expression_.arguments[index].type; }

  /// Whose labels the codes are of.
  const Field& EnumField() const {
    static const Field kNone;
    const bool is_enum = expression_.type.kind == TypeKind::kEnum;
    return is_enum ? scope_.schema->field(expression_.column) : kNone;
  }

  std::string Arguments(const char* separator) const {
    return JoinedSql(scope_, expression_.arguments, separator);
  }

  std::string Case() const {
    std::string sql = "(CASE";
    for (size_t i = 0; i < expression_.arguments.size(); ++i) {
      if (i < expression_.conditions.size()) {
        absl::StrAppend(&sql, " WHEN ", PredicateSql(scope_, expression_.conditions[i]), " THEN ");
      } else {
        absl::StrAppend(&sql, " ELSE ");
      }
      absl::StrAppend(&sql, Argument(i));
    }
    return sql + " END)";
  }

  /// `sql` of this expression, if it is a decimal checked to be one.
  std::string Decimal(const std::string& sql) const {
    const bool is_decimal = expression_.type.kind == TypeKind::kDecimal;
    return is_decimal ? DecimalOrNullSql(scope_, expression_, sql) : sql;
  }

  /// What may leave bigint is computed in numeric, and NULL where it does.
  std::string Arithmetic(const char* separator) const {
    if (!IsBigint(expression_.type) || IntegerBits(scope_, expression_) <= kBigintBits) {
      return Decimal(absl::StrCat("(", Arguments(separator), ")"));
    }
    std::vector<std::string> wide;
    for (size_t i = 0; i < expression_.arguments.size(); ++i) {
      wide.push_back(absl::StrCat(Argument(i), "::numeric"));
    }
    return BigintOrNullSql(absl::StrJoin(wide, separator));
  }

  /// Whether an arithmetic result may be too large or too small for a double.
  bool MayLeaveFloat() const {
    constexpr int kHeld = 1021;
    return expression_.type.kind == TypeKind::kFloat64 && FloatExponent(expression_) > kHeld;
  }

  std::string FloatArgument(size_t index) const {
    return IsFloat(TypeOfArgument(index).kind)
               ? Argument(index)
               : absl::StrCat("(", Argument(index), ")::double precision");
  }

  std::string OfFloats(std::string (*operation)(const std::string&, const std::string&)) const {
    std::string sql = FloatArgument(0);
    for (size_t i = 1; i < expression_.arguments.size(); ++i) {
      sql = operation(sql, FloatArgument(i));
    }
    return sql;
  }

  std::string Add() const {
    const DataType& left = TypeOfArgument(0);
    if (IsTimestamp(expression_.type)) {
      const size_t instant = IsTimestamp(left) ? 0 : 1;
      return absl::StrCat("(", Argument(instant), " + ",
                          IntervalOfDurationSql(Argument(1 - instant)), ")");
    }
    if (expression_.type.kind == TypeKind::kDate) {
      const size_t day = left.kind == TypeKind::kDate ? 0 : 1;
      return DayOrNullSql(Argument(day), " + ", Argument(1 - day));
    }
    if (MayLeaveFloat()) return OfFloats(SumOfFloatsSql);
    return expression_.arguments.size() > 2 ? Sum() : Arithmetic(" + ");
  }

  /// A sum of sums is one sum; each of those is a value, or NULL, of its own.
  std::string Sum() const {
    const bool is_bigint = IsBigint(expression_.type);
    const bool is_decimal = expression_.type.kind == TypeKind::kDecimal;
    const bool fits = is_bigint && IntegerBits(scope_, expression_) <= kBigintBits;
    if (fits || (!is_bigint && !is_decimal)) return Arithmetic(" + ");
    std::string sql = Argument(0);
    BoundExpression partial;
    partial.op = ExpressionOp::kAdd;
    partial.type = expression_.type;
    partial.arguments.push_back(expression_.arguments[0]);
    for (size_t i = 1; i < expression_.arguments.size(); ++i) {
      partial.arguments.push_back(expression_.arguments[i]);
      if (is_decimal) {
        sql = DecimalOrNullSql(scope_, partial, absl::StrCat("(", sql, " + ", Argument(i), ")"));
      } else if (IntegerBits(scope_, partial) <= kBigintBits) {
        sql = absl::StrCat("(", sql, " + ", Argument(i), ")");
      } else {
        sql = BigintOrNullSql(absl::StrCat(sql, "::numeric + ", Argument(i), "::numeric"));
      }
    }
    return sql;
  }

  std::string Subtract() const {
    const DataType& left = TypeOfArgument(0);
    if (IsTimestamp(left) && IsTimestamp(TypeOfArgument(1))) {
      return DifferenceOfInstantsSql(Argument(0), Argument(1));
    }
    if (IsTimestamp(left)) {
      return absl::StrCat("(", Argument(0), " - ", IntervalOfDurationSql(Argument(1)), ")");
    }
    if (left.kind == TypeKind::kDate) {
      const bool is_day = expression_.type.kind == TypeKind::kDate;
      return is_day ? DayOrNullSql(Argument(0), " - ", Argument(1))
                    : absl::StrCat("(", Argument(0), " - ", Argument(1), ")::bigint");
    }
    return MayLeaveFloat() ? OfFloats(DifferenceOfFloatsSql) : Arithmetic(" - ");
  }

  std::string Divide() const {
    const std::string divisor = absl::StrCat("NULLIF(", Argument(1), ", 0)");
    if (IsBigint(expression_.type) && IntegerBits(scope_, expression_) > kBigintBits) {
      return BigintOrNullSql(absl::StrCat("div(", Argument(0), "::numeric, ", divisor, ")"));
    }
    if (MayLeaveFloat()) {
      return QuotientOfFloatsSql(FloatArgument(0),
                                 absl::StrCat("NULLIF(", FloatArgument(1), ", 0)"));
    }
    return absl::StrCat("(", Argument(0), " / ", divisor, ")");
  }

  std::string Unary(const char* function) const {
    if (IsBigint(expression_.type) && IntegerBits(scope_, expression_) > kBigintBits) {
      return BigintOrNullSql(absl::StrCat(function, "(", Argument(0), "::numeric)"));
    }
    return absl::StrCat("(", function, "(", Argument(0), "))");
  }

  /// round, floor, ceil and trunc; numerics to the scale of the result.
  std::string Rounded(const char* function, bool takes_scale) const {
    const bool is_decimal = expression_.type.kind == TypeKind::kDecimal;
    if (is_decimal && takes_scale) {
      return Decimal(
          absl::StrCat(function, "(", Argument(0), ", ", int{expression_.type.scale}, ")"));
    }
    return Decimal(absl::StrCat(function, "(", Argument(0), ")"));
  }

  std::string InUnicode(const char* function) const {
    return absl::StrCat("(", function, "(", Argument(0), " COLLATE \"C.utf8\") COLLATE \"C\")");
  }

  std::string Function() const {
    switch (expression_.op) {
      case ExpressionOp::kCoalesce:
        return absl::StrCat("coalesce(", Arguments(", "), ")");
      case ExpressionOp::kGreatest:
        return absl::StrCat("greatest(", Arguments(", "), ")");
      case ExpressionOp::kLeast:
        return absl::StrCat("least(", Arguments(", "), ")");
      case ExpressionOp::kAbs:
        return Unary("abs");
      case ExpressionOp::kRound:
        return Rounded("round", true);
      case ExpressionOp::kFloor:
        return Rounded("floor", false);
      case ExpressionOp::kCeil:
        return Rounded("ceil", false);
      case ExpressionOp::kTrunc:
        return Rounded("trunc", true);
      case ExpressionOp::kLower:
        return InUnicode("lower");
      case ExpressionOp::kUpper:
        return InUnicode("upper");
      case ExpressionOp::kLength:
        return absl::StrCat("char_length(", Argument(0), ")::bigint");
      case ExpressionOp::kCardinality:
        return absl::StrCat("cardinality(", Argument(0), ")::bigint");
      case ExpressionOp::kArrayLength:
        return absl::StrCat("array_length(", Argument(0), ", 1)::bigint");
      default:
        return scope_.Unsupported("an operation of a newer version");
    }
  }

  std::string Extract() const {
    const DataType& type = TypeOfArgument(0);
    const std::string name = NameOf(expression_.field);
    if (type.kind == TypeKind::kDuration) {
      if (expression_.field == DateField::kEpoch) {
        return absl::StrCat("(", Argument(0), "::numeric / 1000000)");
      }
      // As PostgreSQL shows a difference of instants: in days of 24 hours.
      return absl::StrCat("extract(", name, " FROM justify_hours(",
                          IntervalOfDurationSql(Argument(0)), "))");
    }
    const bool is_local = IsTimestamp(type) && expression_.field != DateField::kEpoch;
    return is_local ? absl::StrCat("extract(", name, " FROM ", Argument(0), " AT TIME ZONE ",
                                   ZoneSql(scope_, expression_.time_zone), ")")
                    : absl::StrCat("extract(", name, " FROM ", Argument(0), ")");
  }

  std::string AddInterval() const {
    const BoundExpression& added = expression_.arguments[1];
    const std::string zone = ZoneSql(scope_, expression_.time_zone);
    const bool is_known = added.op == ExpressionOp::kConstant && !added.constant.is_null;
    return is_known ? AddIntervalSql(Argument(0),
                                     IntervalOfWide(std::get<Wide>(added.constant.value)), zone)
                    : AddIntervalSql(Argument(0), Argument(1), zone);
  }

  const SqlScope& scope_;
  const BoundExpression& expression_;
};

}  // namespace

std::string JoinedSql(const SqlScope& scope, const std::vector<BoundExpression>& expressions,
                      const char* separator) {
  return absl::StrJoin(expressions, separator,
                       [&](std::string* out, const BoundExpression& expression) {
                         absl::StrAppend(out, ExpressionSql(scope, expression));
                       });
}

std::string BigintOrNullSql(const std::string& numeric) {
  return absl::StrCat(
      "(SELECT CASE WHEN n.v BETWEEN -9223372036854775808 AND 9223372036854775807 THEN n.v::bigint "
      "END FROM (VALUES (",
      numeric, ")) AS n(v))");
}

std::string ExpressionSql(const SqlScope& scope, const BoundExpression& expression) {
  return ExpressionPrinter(scope, expression).Print();
}

std::string ValueSql(const SqlScope& scope, const BoundValue& value) {
  if (value.expression != nullptr) return ExpressionSql(scope, *value.expression);
  const std::string column = scope.column(value.column);
  if (!value.minus) return column;
  const std::string minus = scope.column(*value.minus);
  const auto type_of = [&](ColumnIndex index) { return scope.schema->field(index).type.kind; };
  if (value.as_float) {
    const std::string left = absl::StrCat(column, "::double precision");
    const std::string right = absl::StrCat(minus, "::double precision");
    const bool may_overflow =
        type_of(value.column) == TypeKind::kFloat64 || type_of(*value.minus) == TypeKind::kFloat64;
    return may_overflow ? DifferenceOfFloatsSql(left, right)
                        : absl::StrCat("(", left, " - ", right, ")");
  }
  const auto bits_of = [&](ColumnIndex index) {
    BoundExpression leaf;
    leaf.column = index;
    return IntegerBits(scope, leaf);
  };
  switch (type_of(value.column)) {
    case TypeKind::kTimestamp:
      return DifferenceOfInstantsSql(column, minus);
    case TypeKind::kDate:
      return absl::StrCat("(", column, " - ", minus, ")::bigint");
    default:
      break;
  }
  const bool may_overflow = IsBigint(value.type) && (bits_of(value.column) == kBigintBits ||
                                                     bits_of(*value.minus) == kBigintBits);
  return may_overflow ? BigintOrNullSql(absl::StrCat(column, "::numeric - ", minus))
                      : absl::StrCat("(", column, " - ", minus, ")");
}

}  // namespace sextant
