#include "tests/oracle/expression_generator.h"

#include <algorithm>

namespace sextant::oracle {

Expr ExpressionGenerator::ColumnExpr(int column) const {
  Expr expr;
  expr.op = Op::kColumn;
  expr.column = column;
  expr.type = table_.columns[static_cast<size_t>(column)].type;
  if (expr.type.kind == Kind::kTimestamp) expr.type.kind = Kind::kTimestamptz;
  return expr;
}

std::vector<int> ExpressionGenerator::ColumnsThat(const std::function<bool(Kind)>& fits) const {
  std::vector<int> columns;
  for (size_t i = 0; i < table_.columns.size(); ++i) {
    const int column = static_cast<int>(i);
    if (fits(ColumnExpr(column).type.kind)) columns.push_back(column);
  }
  return columns;
}

Expr ExpressionGenerator::DrawCondition(int depth) {
  if (depth == 0 || draws_.OneIn(3)) return DrawLeaf();
  if (draws_.OneIn(5)) return Condition(Op::kNot, {DrawCondition(depth - 1)});
  std::vector<Expr> children;
  for (uint64_t i = 2 + draws_.Below(3); i > 0; --i) children.push_back(DrawCondition(depth - 1));
  return Condition(draws_.OneIn(3) ? Op::kAnd : Op::kOr, std::move(children));
}

Expr ExpressionGenerator::DrawLeaf() {
  if (!table_.links.empty() && draws_.OneIn(4)) return DrawLinkCondition();
  int column = static_cast<int>(draws_.Index(table_.columns.size()));
  if (column == 0) column = static_cast<int>(draws_.Index(table_.columns.size()));
  Expr value = ColumnExpr(column);
  if (value.type.kind == Kind::kList) {
    return draws_.OneIn(5) ? Condition(Op::kIsNull, {value}, "", draws_.OneIn(2))
                           : DrawListLeaf(column);
  }
  if (draws_.OneIn(3)) {
    const std::vector<Expr> special =
        draws_.OneIn(3) ? DrawPattern()
                        : (draws_.OneIn(2) ? DrawColumnComparison() : DrawComputed());
    if (!special.empty()) return special[0];
  }
  if (draws_.OneIn(8)) {
    const bool any = draws_.OneIn(2);
    const std::vector<Expr> difference =
        DrawDifference([any](Kind kind) { return any || kind == Kind::kDuration; });
    if (!difference.empty()) return DrawComparison(difference[0], -1);
  }
  if (value.type.kind == Kind::kBool && draws_.OneIn(3)) {
    if (draws_.OneIn(3)) return value;
    return Condition(draws_.OneIn(2) ? Op::kIsTrue : Op::kIsFalse, {value}, "", draws_.OneIn(3));
  }
  switch (draws_.Below(8)) {
    case 0:
      return Condition(Op::kIsNull, {value}, "", draws_.OneIn(2));
    case 1:
    case 2:
      return DrawIn(value, column);
    case 3:
      return DrawBetween(value, column);
    default:
      return DrawComparison(value, column);
  }
}

std::vector<Expr> ExpressionGenerator::DrawComputed() {
  const Kind kind = draws_.Of(
      {Kind::kInt8, Kind::kFloat8, Kind::kNumeric, Kind::kText, Kind::kTimestamptz, Kind::kDate});
  const std::vector<Expr> value = DrawScalar(kind, 1);
  if (value.empty()) return {};
  if (draws_.OneIn(6)) return {Condition(Op::kIsNull, value, "", draws_.OneIn(2))};
  if (draws_.OneIn(4)) return {DrawIn(value[0], -1)};
  return {DrawComparison(value[0], -1)};
}

Expr ExpressionGenerator::DrawComparison(const Expr& value, int column) {
  const std::string op = draws_.Of<const char*>({"=", "=", "<>", "<", "<=", ">", ">="});
  return Condition(Op::kCompare, {value, literals_.For(value.type, column, false)}, op);
}

SampleCondition ExpressionGenerator::DrawSampleCondition(const Expr& value) {
  const Expr comparison = DrawComparison(value, value.op == Op::kColumn ? value.column : -1);
  return {comparison.name, comparison.args[1]};
}

Expr ExpressionGenerator::DrawIn(const Expr& value, int column) {
  Expr in = Condition(Op::kIn, {value}, "", draws_.OneIn(3));
  for (uint64_t i = 2 + draws_.Below(4); i > 0; --i) {
    in.args.push_back(literals_.For(value.type, column, true));
  }
  return in;
}

Expr ExpressionGenerator::DrawBetween(const Expr& value, int column) {
  Expr low = literals_.For(value.type, column, false);
  Expr high = literals_.For(value.type, column, false);
  const bool can_order = !low.literal.is_null && !high.literal.is_null && low.type == high.type;
  if (can_order && CompareDatums(low.type.kind, low.literal, high.literal) > 0)
    std::swap(low, high);
  return Condition(Op::kBetween, {value, low, high}, "", draws_.OneIn(4));
}

Expr ExpressionGenerator::DrawListLeaf(int column) {
  const Expr list = ColumnExpr(column);
  const Type element = {.kind = list.type.element};
  if (draws_.OneIn(3)) {
    // A float8 that stands for several integers is refused.
    const bool as_list = element.kind == Kind::kInt8;
    Expr literal = literals_.For(element, column, as_list);
    while (literal.literal.is_null || !literal.name.empty()) {
      literal = literals_.For(element, column, as_list);
    }
    if (draws_.OneIn(2)) return Condition(Op::kListCompare, {literal, list}, "=");
    const std::string op = draws_.Of<const char*>({"=", "<>", "<", "<=", ">", ">="});
    return Condition(Op::kListCompare, {literal, list}, op, draws_.OneIn(2));
  }
  Expr match = Condition(draws_.OneIn(2) ? Op::kOverlaps : Op::kContains, {list});
  for (uint64_t i = draws_.OneIn(20) ? 0 : 1 + draws_.Below(3); i > 0; --i) {
    // Of constants only: now() is one of them, what is before it is none.
    Expr literal = literals_.For(element, column, true);
    while (!literal.name.empty()) literal = literals_.For(element, column, true);
    match.args.push_back(std::move(literal));
  }
  return match;
}

std::vector<Expr> ExpressionGenerator::DrawDifference(const std::function<bool(Kind)>& fits) {
  std::vector<Expr> found;
  if (!table_.differences.empty() && fits(Kind::kDuration) && draws_.OneIn(2)) {
    const NamedDifference& named = draws_.Pick(table_.differences);
    return {{.op = Op::kSubtract,
             .type = {.kind = Kind::kDuration},
             .name = named.name,
             .args = {ColumnExpr(named.end), ColumnExpr(named.start)}}};
  }
  // Kinds of differences are equally likely, though columns of some kinds are few.
  const Kind wanted = draws_.Of(
      {Kind::kInt8, Kind::kFloat8, Kind::kNumeric, Kind::kInt4, Kind::kDuration, Kind::kDuration});
  for (int attempt = 0; attempt < 60 && found.empty(); ++attempt) {
    const Expr a = ColumnExpr(static_cast<int>(draws_.Index(table_.columns.size())));
    const Expr b = ColumnExpr(static_cast<int>(draws_.Index(table_.columns.size())));
    Expr difference = {.op = Op::kSubtract, .type = {}, .args = {a, b}};
    const auto exact = [](const Type& type) {
      return IsInteger(type.kind) || (type.kind == Kind::kNumeric && type.precision <= 12);
    };
    if (IsInteger(a.type.kind) && IsInteger(b.type.kind)) {
      difference.type.kind = Kind::kInt8;
    } else if (IsFloat(a.type.kind) || IsFloat(b.type.kind)) {
      if (!IsNumber(a.type.kind) || !IsNumber(b.type.kind)) continue;
      difference.type.kind = Kind::kFloat8;
    } else if (exact(a.type) && exact(b.type) && a.type.kind != Kind::kInt8 &&
               b.type.kind != Kind::kInt8) {
      difference.type = {Kind::kNumeric, 18, std::max(a.type.scale, b.type.scale)};
    } else if (a.type.kind == Kind::kDate && b.type.kind == Kind::kDate) {
      difference.type.kind = Kind::kInt4;
    } else if (a.type.kind == Kind::kTimestamptz && b.type.kind == Kind::kTimestamptz) {
      difference.type.kind = Kind::kDuration;
    } else {
      continue;
    }
    const bool is_wanted = attempt > 40 || difference.type.kind == wanted;
    if (is_wanted && fits(difference.type.kind)) found.push_back(difference);
  }
  return found;
}

std::vector<Expr> ExpressionGenerator::DrawValue(const std::function<bool(Kind)>& fits, int depth) {
  if (depth > 0 && draws_.OneIn(3)) {
    for (int attempt = 0; attempt < 4; ++attempt) {
      const Kind kind = draws_.Of({Kind::kInt8, Kind::kFloat8, Kind::kNumeric, Kind::kText,
                                   Kind::kTimestamptz, Kind::kDate});
      if (!fits(kind)) continue;
      std::vector<Expr> value = DrawScalar(kind, depth - 1);
      if (!value.empty()) return value;
    }
  }
  if (draws_.OneIn(4)) {
    const bool any = draws_.OneIn(2);
    std::vector<Expr> difference =
        DrawDifference([&](Kind kind) { return fits(kind) && (any || kind == Kind::kDuration); });
    if (!difference.empty()) return difference;
  }
  const std::vector<int> columns = ColumnsThat(fits);
  if (columns.empty()) return {};
  return {ColumnExpr(draws_.Pick(columns))};
}

}  // namespace sextant::oracle
