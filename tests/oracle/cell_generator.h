#pragma once

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"
#include "tests/oracle/expression_generator.h"

namespace sextant::oracle {

/// Draws how the cells of a request are made: its axes.
class CellGenerator {
 public:
  CellGenerator(Draws& draws, const TableCase& table, ExpressionGenerator& expressions,
                RequestCase& request)
      : draws_(draws), table_(table), expressions_(expressions), request_(request) {}

  void DrawAxes();

 private:
  bool DrawColumnAxis();
  bool DrawBins();
  void DrawSets();

  Draws& draws_;
  const TableCase& table_;
  ExpressionGenerator& expressions_;
  RequestCase& request_;
};

}  // namespace sextant::oracle
