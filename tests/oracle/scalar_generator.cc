// Computed values: arithmetic, choices and functions over columns.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

constexpr int kMaxOperandDigits = 12;

/// Whether a column may be an operand of kind `kind`: numerics of few digits, so that nothing
/// comes near 38 of them.
bool IsOperand(const Column& column, Kind kind) {
  const Type& type = column.type;
  switch (kind) {
    case Kind::kInt8:
      return IsInteger(type.kind);
    case Kind::kFloat8:
      return column.is_dyadic || type.kind == Kind::kInt2 || type.kind == Kind::kInt4;
    case Kind::kNumeric:
      return type.kind == Kind::kNumeric && type.precision <= kMaxOperandDigits;
    case Kind::kTimestamptz:
      return IsInstant(type.kind);
    default:
      return type.kind == kind;
  }
}

bool HasNull(const Expr& expr) {
  return (expr.op == Op::kLiteral && expr.literal.is_null) ||
         std::any_of(expr.args.begin(), expr.args.end(), HasNull);
}

/// Whether binding may find the value without a row: coalesce(3, x) is 3 whatever x is, and a
/// condition on NULL decides a CASE.
bool MayBeConstant(const Expr& expr) {
  const std::vector<Expr>& args = expr.args;
  switch (expr.op) {
    case Op::kLiteral:
      return true;
    case Op::kColumn:
    case Op::kExists:
      return false;
    case Op::kCoalesce:
      return MayBeConstant(args[0]) ||
             (HasNull(args[0]) && std::any_of(args.begin(), args.end(), MayBeConstant));
    case Op::kCase:
      return HasNull(args[0]) && std::any_of(args.begin() + 1, args.end(), MayBeConstant);
    default:
      return std::all_of(args.begin(), args.end(), MayBeConstant);
  }
}

Expr Call(Op op, Type type, std::vector<Expr> args, std::string name = {}) {
  Expr expr;
  expr.op = op;
  expr.type = type;
  expr.name = std::move(name);
  expr.args = std::move(args);
  return expr;
}

Expr Number(Type type, Datum datum, std::string text) {
  Expr expr;
  expr.op = Op::kLiteral;
  expr.type = type;
  expr.literal = std::move(datum);
  expr.text = std::move(text);
  return expr;
}

/// The type that holds every operand.
Type Common(Kind kind, const std::vector<Expr>& operands) {
  Type type = {.kind = kind};
  if (kind != Kind::kNumeric) return type;
  type.precision = 38;
  for (const Expr& operand : operands) type.scale = std::max(type.scale, operand.type.scale);
  return type;
}

}  // namespace

std::vector<Expr> ExpressionGenerator::DrawOperand(Kind kind, int depth) {
  if (depth > 0 && draws_.OneIn(2)) {
    std::vector<Expr> scalar = DrawScalar(kind, depth - 1);
    if (!scalar.empty()) return scalar;
  }
  if (kind == Kind::kInt8 && draws_.OneIn(4)) {
    const int64_t value = draws_.Of<int64_t>({0, 1, 2, 3, 7, -1, -5, 1'000'000});
    return {Number({.kind = Kind::kInt8}, Datum::OfInteger(value), absl::StrCat(value))};
  }
  if (kind == Kind::kNumeric && draws_.OneIn(5)) {
    return {Number({Kind::kNumeric, 38, 1}, Datum::OfInteger(-25), "-2.5")};
  }
  if (kind == Kind::kText && draws_.OneIn(5)) {
    return {Number({.kind = Kind::kText}, Datum::OfText("a"), "'a'")};
  }
  std::vector<int> columns;
  for (size_t i = 0; i < table_.columns.size(); ++i) {
    if (IsOperand(table_.columns[i], kind)) columns.push_back(static_cast<int>(i));
  }
  if (columns.empty()) return {};
  Expr column = ColumnExpr(draws_.Pick(columns));
  // An integer among floats is one, by a cast.
  if (kind != Kind::kFloat8 || IsFloat(column.type.kind)) return {column};
  return {Call(Op::kCast, {.kind = Kind::kFloat8}, {column})};
}

std::vector<Expr> ExpressionGenerator::DrawOperands(Kind kind, int depth, size_t count) {
  std::vector<Expr> operands;
  while (operands.size() < count) {
    const std::vector<Expr> one = DrawOperand(kind, depth);
    if (one.empty()) return {};
    operands.push_back(one[0]);
  }
  // What is computed of constants alone is found when a request is bound, errors too.
  if (std::all_of(operands.begin(), operands.end(), MayBeConstant)) return {};
  return operands;
}

std::vector<Expr> ExpressionGenerator::DrawArithmetic(Kind kind, int depth) {
  if (draws_.OneIn(5)) {
    const std::vector<Expr> operand = DrawOperands(kind, depth, 1);
    if (operand.empty()) return {};
    return {Call(draws_.OneIn(2) ? Op::kNegate : Op::kAbs, Common(kind, operand), operand)};
  }
  const Op op = kind == Kind::kInt8
                    ? draws_.Of({Op::kAdd, Op::kSubtract, Op::kMultiply, Op::kDivide, Op::kModulo})
                    : (kind == Kind::kFloat8
                           ? draws_.Of({Op::kAdd, Op::kSubtract, Op::kMultiply, Op::kDivide})
                           : draws_.Of({Op::kAdd, Op::kSubtract, Op::kMultiply}));
  // Products of products would have too many digits.
  const std::vector<Expr> operands =
      DrawOperands(kind, kind == Kind::kNumeric && op == Op::kMultiply ? 0 : depth, 2);
  if (operands.empty()) return {};
  Type type = Common(kind, operands);
  if (op == Op::kMultiply) type.scale = operands[0].type.scale + operands[1].type.scale;
  if (kind != Kind::kNumeric) type.scale = 0;
  return {Call(op, type, operands)};
}

std::vector<Expr> ExpressionGenerator::DrawChoice(Kind kind, int depth) {
  const Op op = draws_.Of({Op::kCase, Op::kCoalesce, Op::kNullIf, Op::kGreatest, Op::kLeast});
  const std::vector<Expr> operands = DrawOperands(kind, depth, 2);
  if (operands.empty()) return {};
  Type type = Common(kind, operands);
  if (op == Op::kNullIf) type = operands[0].type;
  if (kind == Kind::kInt8) type.kind = Kind::kInt8;
  const bool are_single =
      operands[0].type.kind == Kind::kFloat4 && operands[1].type.kind == Kind::kFloat4;
  if (are_single) type.kind = Kind::kFloat4;
  if (op != Op::kCase) return {Call(op, type, operands)};
  std::vector<Expr> args = {DrawCondition(0), operands[0]};
  if (draws_.OneIn(4)) {
    type = operands[0].type;
  } else {
    args.push_back(operands[1]);
  }
  return {Call(op, type, args)};
}

std::vector<Expr> ExpressionGenerator::DrawIntegerFunction(int depth) {
  const Type int8 = {.kind = Kind::kInt8};
  switch (draws_.Below(3)) {
    case 0: {
      const std::vector<Expr> text = DrawOperands(Kind::kText, depth, 1);
      if (text.empty()) return {};
      return {Call(Op::kLength, int8, text)};
    }
    case 1: {
      const std::vector<int> lists = ColumnsThat([](Kind kind) { return kind == Kind::kList; });
      if (lists.empty()) return {};
      return {Call(draws_.OneIn(2) ? Op::kCardinality : Op::kArrayLength, int8,
                   {ColumnExpr(draws_.Pick(lists))})};
    }
    default: {
      const std::vector<Expr> from =
          DrawOperands(draws_.OneIn(2) ? Kind::kNumeric : Kind::kFloat8, 0, 1);
      if (from.empty()) return {};
      return {Call(Op::kCast, int8, from)};
    }
  }
}

std::vector<Expr> ExpressionGenerator::DrawTimeFunction(Kind kind, int depth) {
  const std::vector<Expr> instant = DrawOperands(Kind::kTimestamptz, depth, 1);
  if (instant.empty()) return {};
  if (kind == Kind::kDate) return {Call(Op::kCast, {.kind = Kind::kDate}, instant)};
  if (kind == Kind::kNumeric) {
    static constexpr const char* kFields[] = {"year",   "quarter", "month",  "day", "hour",
                                              "minute", "dow",     "isodow", "doy", "epoch"};
    const std::string field = kFields[draws_.Below(std::size(kFields))];
    return {Call(Op::kExtract, {Kind::kNumeric, 38, field == "epoch" ? 6 : 0}, instant, field)};
  }
  static constexpr const char* kUnits[] = {"year", "quarter", "month", "week",
                                           "day",  "hour",    "minute"};
  return {Call(Op::kDateTrunc, {.kind = Kind::kTimestamptz}, instant,
               kUnits[draws_.Below(std::size(kUnits))])};
}

std::vector<Expr> ExpressionGenerator::DrawFunction(Kind kind, int depth) {
  switch (kind) {
    case Kind::kInt8:
      return DrawIntegerFunction(depth);
    case Kind::kText: {
      const std::vector<Expr> text = DrawOperands(Kind::kText, depth, 1);
      if (text.empty()) return {};
      return {Call(draws_.OneIn(2) ? Op::kLower : Op::kUpper, {.kind = Kind::kText}, text)};
    }
    case Kind::kFloat8: {
      const std::vector<Expr> number = DrawOperands(Kind::kFloat8, depth, 1);
      if (number.empty()) return {};
      return {
          Call(draws_.Of({Op::kRound, Op::kFloor, Op::kCeil}), {.kind = Kind::kFloat8}, number)};
    }
    case Kind::kNumeric: {
      if (draws_.OneIn(2)) return DrawTimeFunction(kind, depth);
      const std::vector<Expr> number = DrawOperands(Kind::kNumeric, depth, 1);
      if (number.empty()) return {};
      return {
          Call(draws_.Of({Op::kRound, Op::kFloor, Op::kCeil}), {Kind::kNumeric, 38, 0}, number)};
    }
    case Kind::kTimestamptz:
    case Kind::kDate:
      return DrawTimeFunction(kind, depth);
    case Kind::kBool:
      return {DrawCondition(0)};
    default:
      return {};
  }
}

std::vector<Expr> ExpressionGenerator::DrawScalar(Kind kind, int depth) {
  const bool is_number = kind == Kind::kInt8 || kind == Kind::kFloat8 || kind == Kind::kNumeric;
  if (is_number && draws_.OneIn(2)) return DrawArithmetic(kind, depth);
  return draws_.OneIn(2) ? DrawChoice(kind, depth) : DrawFunction(kind, depth);
}

std::vector<Expr> ExpressionGenerator::DrawPattern() {
  const std::vector<int> texts = ColumnsThat([](Kind kind) { return kind == Kind::kText; });
  if (texts.empty()) return {};
  const bool is_like = draws_.OneIn(2);
  static constexpr const char* kLikes[] = {"a%",    "%a%", "_",    "%", "a\\_b",
                                           "web/%", "__",  "%\n%", ""};
  static constexpr const char* kRegexes[] = {"^a", "a.b", "[0-9]+", "(web|api)", "^$", "i$", "."};
  const std::string pattern = is_like ? kLikes[draws_.Below(std::size(kLikes))]
                                      : kRegexes[draws_.Below(std::size(kRegexes))];
  const Type text = {.kind = Kind::kText};
  return {Condition(
      is_like ? Op::kLike : Op::kRegex,
      {ColumnExpr(draws_.Pick(texts)), Number(text, Datum::OfText(pattern), QuoteText(pattern))},
      "", draws_.OneIn(3))};
}

std::vector<Expr> ExpressionGenerator::DrawColumnComparison() {
  const Kind kind =
      draws_.Of({Kind::kInt8, Kind::kFloat8, Kind::kNumeric, Kind::kText, Kind::kTimestamptz,
                 Kind::kDate, Kind::kBool, Kind::kEnum, Kind::kUuid});
  const std::vector<Expr> sides = DrawOperands(kind, 1, 2);
  if (sides.empty()) return {};
  if (draws_.OneIn(3)) return {Condition(Op::kDistinct, sides, "", draws_.OneIn(2))};
  return {
      Condition(Op::kCompare, sides, draws_.Of<const char*>({"=", "<>", "<", "<=", ">", ">="}))};
}

}  // namespace sextant::oracle
