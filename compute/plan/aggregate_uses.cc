#include "compute/plan/aggregate_uses.h"

#include <set>
#include <variant>

namespace sextant {
namespace {

void Collect(const BoundExpression& expression, std::set<uint32_t>& columns);

void Collect(const BoundValue& value, std::set<uint32_t>& columns) {
  if (value.expression != nullptr) return Collect(*value.expression, columns);
  columns.insert(value.column);
  if (value.minus) columns.insert(*value.minus);
}

void Collect(const BoundPredicate& predicate, std::set<uint32_t>& columns) {
  std::visit(
      [&](const auto& node) {
        if constexpr (requires { node.value.column; }) Collect(node.value, columns);
        if constexpr (requires { node.left; }) {
          Collect(node.left, columns);
          Collect(node.right, columns);
        }
        if constexpr (requires { node.children; }) {
          for (const BoundPredicate& child : node.children) Collect(child, columns);
        }
      },
      predicate.node);
}

void Collect(const BoundExpression& expression, std::set<uint32_t>& columns) {
  if (expression.op == ExpressionOp::kColumn) columns.insert(expression.column);
  for (const BoundExpression& argument : expression.arguments) Collect(argument, columns);
  for (const BoundPredicate& condition : expression.conditions) Collect(condition, columns);
}

}  // namespace

std::vector<uint32_t> AggregatesOf(const BoundExpression& expression) {
  std::set<uint32_t> columns;
  Collect(expression, columns);
  return {columns.begin(), columns.end()};
}

std::vector<uint32_t> ColumnsOf(const BoundValue& value) {
  std::set<uint32_t> columns;
  Collect(value, columns);
  return {columns.begin(), columns.end()};
}

std::vector<uint32_t> ColumnsOf(const BoundPredicate& condition) {
  std::set<uint32_t> columns;
  Collect(condition, columns);
  return {columns.begin(), columns.end()};
}

}  // namespace sextant
