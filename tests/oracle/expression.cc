#include "tests/oracle/expression.h"

namespace sextant::oracle {

std::string OperatorName(const Expr& expr) {
  static constexpr const char* kNames[] = {
      "column",   "literal",     "+",          "-",           "*",
      "/",        "%",           "unary -",    "abs",         "round",
      "floor",    "ceil",        "lower",      "upper",       "length",
      "coalesce", "nullif",      "greatest",   "least",       "CASE",
      "cast",     "extract",     "date_trunc", "cardinality", "array_length",
      "compare",  "IS DISTINCT", "IN",         "BETWEEN",     "IS NULL",
      "IS TRUE",  "IS FALSE",    "LIKE",       "~",           "&&",
      "@>",       "op ANY",      "AND",        "OR",          "NOT",
      "exists"};
  if (expr.op == Op::kCompare) return expr.name;
  if (expr.op == Op::kListCompare) return expr.flag ? "op ALL" : "op ANY";
  if (expr.op == Op::kLike && expr.flag) return "ILIKE";
  if (expr.op == Op::kRegex && expr.flag) return "~*";
  return kNames[static_cast<size_t>(expr.op)];
}

void CollectOperators(const Expr& expr, std::vector<OperatorUse>& uses) {
  const bool is_leaf = expr.op == Op::kColumn || expr.op == Op::kLiteral;
  const bool is_tree = expr.op == Op::kAnd || expr.op == Op::kOr || expr.op == Op::kNot;
  Kind kind = is_tree || expr.args.empty() ? expr.type.kind : expr.args[0].type.kind;
  if (expr.op == Op::kListCompare) kind = expr.args[1].type.element;
  if (!is_leaf) uses.push_back({OperatorName(expr), kind});
  for (const Expr& arg : expr.args) CollectOperators(arg, uses);
}

}  // namespace sextant::oracle
