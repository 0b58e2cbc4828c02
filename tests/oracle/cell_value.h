#pragma once

#include <vector>

#include "tests/oracle/answer.h"
#include "tests/oracle/case.h"

namespace sextant::oracle {

/// What arithmetic over aggregates comes to.
struct CellOutcome {
  AnswerValue value = {};
  bool has_failed = false;  // operands are there, and the operation on them failed
  /// A part failed, so that whether the whole did is for nobody to say.
  bool is_doubtful = false;
};

/// The tree over the values of its lanes, with the errors that they may have: + - * of integers in
/// int64, of decimals exactly, else in float64; / always in float64; overflow and division by zero
/// have no value. A tolerance that is infinite says that nothing is known.
CellOutcome ComputeCell(const CellExpr& tree, const std::vector<AnswerValue>& lanes);

}  // namespace sextant::oracle
