#pragma once

#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"

namespace sextant::oracle {

/// A tree over operands of these types, each at least once: numbers.
CellExpr DrawCellValue(Draws& draws, const std::vector<Type>& operands);

/// The sum of operands of these types; of those that have a value, unless `is_complete`.
CellExpr SumOfOperands(const std::vector<Type>& operands, bool is_complete);

}  // namespace sextant::oracle
