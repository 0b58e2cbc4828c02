#pragma once

#include <functional>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"
#include "tests/oracle/literal_generator.h"
#include "tests/oracle/value_generator.h"

namespace sextant::oracle {

/// Expressions over the columns of a table.
class ExpressionGenerator {
 public:
  ExpressionGenerator(Draws& draws, const TableCase& table, const TimeFocus& focus,
                      const std::string& zone)
      : draws_(draws),
        table_(table),
        focus_(focus),
        zone_(zone),
        literals_(draws, table, focus, zone) {}

  /// A condition of at most `depth` levels of AND, OR and NOT.
  Expr DrawCondition(int depth);
  /// Whether linked rows satisfy a condition, or whether there are any. REQUIRES: there are links.
  Expr DrawLinkCondition();
  /// A value of a row whose type `fits`: a column, a difference, or more. Nothing when no column
  /// does.
  std::vector<Expr> DrawValue(const std::function<bool(Kind)>& fits, int depth);

  /// `value op literal`, as a condition has it.
  SampleCondition DrawSampleCondition(const Expr& value);

  Expr ColumnExpr(int column) const;
  /// Columns whose type, once read, `fits`.
  std::vector<int> ColumnsThat(const std::function<bool(Kind)>& fits) const;

  /// A computed value of the kind: kInt8, kFloat8, kNumeric, kText, kTimestamptz, kDate, kBool.
  /// Nothing when the columns do not suffice.
  std::vector<Expr> DrawScalar(Kind kind, int depth);

 private:
  Expr DrawLeaf();
  std::vector<Expr> DrawOperand(Kind kind, int depth);
  std::vector<Expr> DrawOperands(Kind kind, int depth, size_t count);
  std::vector<Expr> DrawArithmetic(Kind kind, int depth);
  std::vector<Expr> DrawChoice(Kind kind, int depth);
  std::vector<Expr> DrawFunction(Kind kind, int depth);
  std::vector<Expr> DrawIntegerFunction(int depth);
  std::vector<Expr> DrawTimeFunction(Kind kind, int depth);
  std::vector<Expr> DrawComputed();
  std::vector<Expr> DrawPattern();
  std::vector<Expr> DrawColumnComparison();
  Expr DrawListLeaf(int column);
  Expr DrawComparison(const Expr& value, int column);
  Expr DrawIn(const Expr& value, int column);
  Expr DrawBetween(const Expr& value, int column);
  std::vector<Expr> DrawDifference(const std::function<bool(Kind)>& fits);

  Draws& draws_;
  const TableCase& table_;
  const TimeFocus& focus_;
  const std::string& zone_;
  LiteralGenerator literals_;
};

}  // namespace sextant::oracle
