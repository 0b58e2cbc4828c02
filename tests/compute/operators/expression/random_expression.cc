#include "tests/compute/operators/expression/random_expression.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/compute/operators/expression/expression_of.h"

namespace sextant {
namespace {

using Op = ExpressionOp;

DataType WideNumeric(int scale) { return DataType::Decimal(38, scale); }

}  // namespace

RandomExpressions::RandomExpressions(uint64_t seed, const Table& table, absl::TimeZone zone)
    : random_(seed), table_(table), zone_(zone) {}

WrittenExpression RandomExpressions::Next() {
  has_choice_ = false;
  static constexpr Make kMakers[] = {&RandomExpressions::Integer, &RandomExpressions::Float,
                                     &RandomExpressions::Numeric, &RandomExpressions::String,
                                     &RandomExpressions::Boolean, &RandomExpressions::Day,
                                     &RandomExpressions::Instant, &RandomExpressions::Duration};
  return (this->*kMakers[Below(8)])(1 + Below(4));
}

WrittenExpression RandomExpressions::Column(const char* name) {
  return {ColumnOf(table_, name), name};
}

WrittenExpression RandomExpressions::Null(const DataType& type, const char* sql_type) {
  return {NullOf(type), absl::StrCat("NULL::", sql_type), 1};
}

/// `sql` has $0, $1 .. in place of the arguments.
WrittenExpression RandomExpressions::Apply(Op op, const DataType& type, const std::string& sql,
                                           std::vector<WrittenExpression> arguments) {
  std::vector<BoundExpression> bound;
  std::string text;
  for (size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '$') {
      absl::StrAppend(&text, arguments[static_cast<size_t>(sql[++i] - '0')].sql);
    } else {
      text.push_back(sql[i]);
    }
  }
  for (WrittenExpression& argument : arguments) bound.push_back(std::move(argument.bound));
  BoundExpression expression = ApplyOf(op, type, std::move(bound));
  expression.time_zone = zone_;
  return {std::move(expression), absl::StrCat("(", text, ")"), 0};
}

WrittenExpression RandomExpressions::Cast(const DataType& type, const char* sql_type,
                                          WrittenExpression argument) {
  return Apply(Op::kCast, type, absl::StrCat("$0::", sql_type), {std::move(argument)});
}

WrittenExpression RandomExpressions::AtScale(WrittenExpression value, int scale) {
  const int added = scale - value.bound.type.scale;
  if (added == 0 && value.bound.type.precision == 38) return value;
  const int digits = value.digits + added;
  return {CastOf(WideNumeric(scale), std::move(value.bound)), std::move(value.sql), digits};
}

/// What every type has: CASE, coalesce, nullif, greatest, least.
WrittenExpression RandomExpressions::Choose(Make make, int depth) {
  has_choice_ = true;
  WrittenExpression first = (this->*make)(depth - 1);
  WrittenExpression second = (this->*make)(depth - 1);
  const bool is_numeric = first.bound.type.kind == TypeKind::kDecimal;
  if (is_numeric) {
    const int scale = std::max(first.bound.type.scale, second.bound.type.scale);
    first = AtScale(std::move(first), scale);
    second = AtScale(std::move(second), scale);
  }
  const int digits = std::max(first.digits, second.digits);
  const DataType type = first.bound.type;
  WrittenExpression chosen;
  switch (Below(5)) {
    case 0:
      chosen = Apply(Op::kCoalesce, type, "coalesce($0, $1)", {first, second});
      break;
    case 1:
      chosen = Apply(Op::kGreatest, type, "greatest($0, $1)", {first, second});
      break;
    case 2:
      chosen = Apply(Op::kLeast, type, "least($0, $1)", {first, second});
      break;
    default: {
      Condition condition = Test(depth - 1);
      const bool has_else = Below(3) != 0;
      chosen.sql = absl::StrCat("(CASE WHEN ", condition.sql, " THEN ", first.sql,
                                has_else ? absl::StrCat(" ELSE ", second.sql) : "", " END)");
      std::vector<BoundExpression> arguments = {std::move(first.bound)};
      if (has_else) arguments.push_back(std::move(second.bound));
      chosen.bound = ChoiceOf(Op::kCase, type, {condition.is_true}, std::move(arguments));
    }
  }
  chosen.digits = digits;
  return chosen;
}

WrittenExpression RandomExpressions::IntegerLeaf() {
  static const std::vector<int64_t> kConstants = {
      0, 1, -1, 2, 3, 7, 10, -13, 60, 1'000'000, 9'007'199'254'740'993, INT64_MAX, INT64_MIN};
  if (Below(3) != 0) return Column(Below(2) == 0 ? "i1" : "i2");
  if (Below(10) == 0) return Null(kIntType, "int8");
  const int64_t value = OneOf(kConstants);
  return {ConstantOf(kIntType, value), absl::StrCat("'", value, "'::int8")};
}

WrittenExpression RandomExpressions::Integer(int depth) {
  if (depth <= 0) return IntegerLeaf();
  const auto integer = [&] { return Integer(depth - 1); };
  switch (Below(13)) {
    case 0:
      return Apply(Op::kAdd, kIntType, "$0 + $1", {integer(), integer()});
    case 1:
      return Apply(Op::kSubtract, kIntType, "$0 - $1", {integer(), integer()});
    case 2:
      return Apply(Op::kMultiply, kIntType, "$0 * $1", {integer(), integer()});
    case 3:
      return Apply(Op::kDivide, kIntType, "$0 / $1", {integer(), integer()});
    case 4:
      return Apply(Op::kModulo, kIntType, "$0 % $1", {integer(), integer()});
    case 5:
      return Apply(Op::kNegate, kIntType, "- $0", {integer()});
    case 6:
      return Apply(Op::kAbs, kIntType, "abs($0)", {integer()});
    case 7:
      return Apply(Op::kLength, kIntType, "length($0)::int8", {String(depth - 1)});
    case 8:
      return Cast(kIntType, "int8", Float(depth - 1));
    case 9:
      return Cast(kIntType, "int8", Numeric(depth - 1));
    case 10:
      return Cast(kIntType, "int8", String(depth - 1));
    case 11:
      return Apply(Op::kSubtract, kIntType, "($0 - $1)::int8", {Day(depth - 1), Day(depth - 1)});
    default:
      return Choose(&RandomExpressions::Integer, depth);
  }
}

WrittenExpression RandomExpressions::Float(int depth) {
  if (depth <= 0) return Column(Below(2) == 0 ? "f1" : "f2");
  const auto number = [&] { return Float(depth - 1); };
  static const std::vector<std::pair<Op, const char*>> kFunctions = {
      {Op::kNegate, "- $0"},     {Op::kAbs, "abs($0)"},   {Op::kRound, "round($0)"},
      {Op::kFloor, "floor($0)"}, {Op::kCeil, "ceil($0)"}, {Op::kTrunc, "trunc($0)"}};
  static const std::vector<std::pair<Op, const char*>> kOperators = {
      {Op::kAdd, "$0 + $1"}, {Op::kSubtract, "$0 - $1"}, {Op::kDivide, "divided($0, $1)"}};
  switch (Below(7)) {
    case 0:
    case 1: {
      const auto& [op, sql] = OneOf(kOperators);
      return Apply(op, kFloatType, sql, {number(), number()});
    }
    case 2: {
      const auto& [op, sql] = OneOf(kFunctions);
      return Apply(op, kFloatType, sql, {number()});
    }
    case 3:
      return Cast(kFloatType, "float8", Integer(depth - 1));
    case 4:
      return Cast(kFloatType, "float8", Numeric(depth - 1));
    case 5:
      return Cast(kFloatType, "float8", String(depth - 1));
    default:
      return Choose(&RandomExpressions::Float, depth);
  }
}

WrittenExpression RandomExpressions::NumericRounded(int depth) {
  WrittenExpression value = Numeric(depth - 1);
  const int digits = value.digits;
  const int scale = Below(4);
  if (digits + scale > 36) return value;
  WrittenExpression rounded;
  switch (Below(4)) {
    case 0:
      rounded = Apply(Op::kRound, WideNumeric(scale), absl::StrCat("round($0, ", scale, ")"),
                      {std::move(value)});
      break;
    case 1:
      rounded = Apply(Op::kTrunc, WideNumeric(scale), absl::StrCat("trunc($0, ", scale, ")"),
                      {std::move(value)});
      break;
    case 2:
      rounded = Apply(Op::kFloor, WideNumeric(0), "floor($0)", {std::move(value)});
      break;
    default:
      rounded = Apply(Op::kCeil, WideNumeric(0), "ceil($0)", {std::move(value)});
  }
  rounded.digits = digits + scale + 1;
  return rounded;
}

WrittenExpression RandomExpressions::Numeric(int depth) {
  if (depth <= 0) {
    const bool is_narrow = Below(2) == 0;
    WrittenExpression column = Column(is_narrow ? "d1" : "d2");
    column.digits = is_narrow ? 12 : 25;
    return column;
  }
  switch (Below(9)) {
    case 0:
    case 1:
    case 2: {
      WrittenExpression a = Numeric(depth - 1);
      WrittenExpression b = Numeric(depth - 1);
      const int scale = std::max(a.bound.type.scale, b.bound.type.scale);
      a = AtScale(std::move(a), scale);
      b = AtScale(std::move(b), scale);
      const int digits = std::max(a.digits, b.digits) + 1;
      if (digits > 36) return a;
      static const std::vector<std::pair<Op, const char*>> kOperators = {
          {Op::kAdd, "$0 + $1"}, {Op::kSubtract, "$0 - $1"}, {Op::kModulo, "$0 % $1"}};
      const auto& [op, sql] = OneOf(kOperators);
      WrittenExpression result = Apply(op, WideNumeric(scale), sql, {std::move(a), std::move(b)});
      result.digits = digits;
      return result;
    }
    case 3: {
      WrittenExpression a = Numeric(depth - 1);
      WrittenExpression b = Numeric(depth - 1);
      const int digits = a.digits + b.digits;
      if (digits > 36) return a;
      const int scale = a.bound.type.scale + b.bound.type.scale;
      WrittenExpression result = Apply(
          Op::kMultiply, WideNumeric(scale), "$0 * $1",
          {AtScale(std::move(a), a.bound.type.scale), AtScale(std::move(b), b.bound.type.scale)});
      result.digits = digits;
      return result;
    }
    case 4:
      return NumericRounded(depth);
    case 5: {
      WrittenExpression cast = Cast(WideNumeric(0), "numeric", Integer(depth - 1));
      cast.digits = 19;
      return cast;
    }
    case 6: {
      WrittenExpression cast = Cast(WideNumeric(4), "numeric(38,4)", Column("f2"));
      cast.digits = 30;
      return cast;
    }
    case 7:
      return Extract(depth);
    default:
      return Choose(&RandomExpressions::Numeric, depth);
  }
}

WrittenExpression RandomExpressions::StringCast(int depth) {
  switch (Below(6)) {
    case 0:
      return Cast(kTextType, "text COLLATE \"C\"", Integer(depth - 1));
    case 1:
      return Cast(kTextType, "text COLLATE \"C\"", Boolean(depth - 1));
    case 2:
      return Cast(kTextType, "text COLLATE \"C\"", Day(depth - 1));
    case 3:
      return Cast(kTextType, "text COLLATE \"C\"", Column("u"));
    case 4:
      return Cast(kTextType, "text COLLATE \"C\"", Column("e"));
    default:
      return Cast(kTextType, "text COLLATE \"C\"", Column(Below(2) == 0 ? "d1" : "d2"));
  }
}

WrittenExpression RandomExpressions::String(int depth) {
  if (depth <= 0) {
    static const std::vector<const char*> kColumns = {"t1", "t2", "n"};
    return Column(OneOf(kColumns));
  }
  switch (Below(5)) {
    case 0:
      return Apply(Op::kLower, kTextType, "lower($0 COLLATE \"C.utf8\") COLLATE \"C\"",
                   {String(depth - 1)});
    case 1:
      return Apply(Op::kUpper, kTextType, "upper($0 COLLATE \"C.utf8\") COLLATE \"C\"",
                   {String(depth - 1)});
    case 2:
    case 3:
      return StringCast(depth);
    default:
      return Choose(&RandomExpressions::String, depth);
  }
}

WrittenExpression RandomExpressions::Boolean(int depth) {
  if (depth <= 0) return Column("b");
  if (Below(6) == 0) return Choose(&RandomExpressions::Boolean, depth);
  if (Below(6) == 0) return Cast(kBoolType, "bool", String(depth - 1));
  has_choice_ = true;  // AND and OR go on after a failure
  Condition condition = Test(depth - 1);
  return {ChoiceOf(Op::kCondition, kBoolType, {condition.is_true, condition.is_false}, {}),
          condition.sql};
}

}  // namespace sextant
