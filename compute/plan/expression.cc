#include "compute/plan/expression.h"

#include <utility>

namespace sextant {

Expression Expression::Column(std::string column, int position) {
  Expression expression;
  expression.kind = Kind::kColumn;
  expression.name = std::move(column);
  expression.position = position;
  return expression;
}

Expression Expression::Constant(Literal literal) {
  Expression expression;
  expression.kind = Kind::kLiteral;
  expression.position = literal.position;
  expression.literal = std::move(literal);
  return expression;
}

Expression Expression::Difference(Expression left, Expression right) {
  Expression expression;
  expression.kind = Kind::kCall;
  expression.name = "-";
  expression.position = left.position;
  expression.arguments.push_back(std::move(left));
  expression.arguments.push_back(std::move(right));
  return expression;
}

}  // namespace sextant
