#include "tests/oracle/cell_value_generator.h"

#include <algorithm>
#include <utility>

namespace sextant::oracle {
namespace {

constexpr int kMaxScale = 30;

int ScaleOf(const Type& type) { return type.kind == Kind::kNumeric ? type.scale : 0; }

Type PromotedType(CellExpr::Op op, const Type& a, const Type& b) {
  const bool is_float = IsFloat(a.kind) || IsFloat(b.kind) || op == CellExpr::Op::kDivide;
  if (is_float) return {.kind = Kind::kFloat8};
  if (IsInteger(a.kind) && IsInteger(b.kind)) return {.kind = Kind::kInt8};
  const int scale =
      op == CellExpr::Op::kMultiply ? ScaleOf(a) + ScaleOf(b) : std::max(ScaleOf(a), ScaleOf(b));
  return {Kind::kNumeric, 38, scale};
}

CellExpr DrawConstant(Draws& draws) {
  CellExpr constant = {.op = CellExpr::Op::kConstant};
  if (draws.OneIn(3)) {
    constant.text = draws.Of({"0.5", "2.5", "1.5"});
    constant.type = {Kind::kNumeric, 38, 1};
  } else {
    constant.text = draws.Of({"1", "2", "3", "100"});
  }
  return constant;
}

CellExpr Joined(Draws& draws, CellExpr left, CellExpr right) {
  CellExpr joined;
  joined.op = draws.Of({CellExpr::Op::kAdd, CellExpr::Op::kSubtract, CellExpr::Op::kMultiply,
                        CellExpr::Op::kDivide, CellExpr::Op::kDivide});
  joined.type = PromotedType(joined.op, left.type, right.type);
  if (ScaleOf(joined.type) > kMaxScale) {
    joined.op = CellExpr::Op::kAdd;
    joined.type = PromotedType(joined.op, left.type, right.type);
  }
  joined.args = {std::move(left), std::move(right)};
  return joined;
}

}  // namespace

CellExpr SumOfOperands(const std::vector<Type>& operands, bool is_complete) {
  CellExpr sum;
  CellExpr result = {.op = CellExpr::Op::kIfAny};
  result.args.emplace_back();
  for (size_t i = 0; i < operands.size(); ++i) {
    const CellExpr operand = {.operand = i, .type = operands[i]};
    result.args.push_back(operand);
    CellExpr value = operand;
    if (!is_complete) {
      value = {.op = CellExpr::Op::kOrZero, .type = operands[i], .args = {operand}};
    }
    if (i == 0) {
      sum = std::move(value);
      continue;
    }
    const Type type = PromotedType(CellExpr::Op::kAdd, sum.type, value.type);
    sum = {.op = CellExpr::Op::kAdd, .type = type, .args = {std::move(sum), std::move(value)}};
  }
  if (is_complete) return sum;
  result.type = sum.type;
  result.args[0] = std::move(sum);
  return result;
}

CellExpr DrawCellValue(Draws& draws, const std::vector<Type>& operands) {
  CellExpr tree = {.type = operands[0]};
  for (size_t i = 1; i < operands.size(); ++i) {
    tree = Joined(draws, std::move(tree), {.operand = i, .type = operands[i]});
  }
  if (operands.size() > 1 && !draws.OneIn(3)) return tree;
  return draws.OneIn(2) ? Joined(draws, DrawConstant(draws), std::move(tree))
                        : Joined(draws, std::move(tree), DrawConstant(draws));
}

}  // namespace sextant::oracle
