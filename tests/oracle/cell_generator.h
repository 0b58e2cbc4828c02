#pragma once

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"
#include "tests/oracle/expression_generator.h"

namespace sextant::oracle {

/// Draws how the cells of a request are made: its axes, what is kept of them, totals.
class CellGenerator {
 public:
  CellGenerator(Draws& draws, const TableCase& table, ExpressionGenerator& expressions,
                RequestCase& request)
      : draws_(draws), table_(table), expressions_(expressions), request_(request) {}

  void DrawAxes();
  /// What is kept, filled and summed up of the cells. After axes, series and metrics.
  void DrawShape(int64_t num_intervals);

 private:
  bool DrawColumnAxis();
  bool DrawBins();
  bool KeepsARow(const Expr& condition) const;
  void DrawSets();
  void DrawTotals();
  void DrawTopN();
  void DrawHaving();
  std::string DrawNumber(const MetricSpec& metric);

  Draws& draws_;
  const TableCase& table_;
  ExpressionGenerator& expressions_;
  RequestCase& request_;
};

}  // namespace sextant::oracle
