#pragma once

#include <string>

#include "tests/oracle/case.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {

/// An aggregate as SQL over the samples of a cell.
struct AggregateSql {
  std::string value;      // canonical text (datum.h)
  std::string condition;  // of a row, to be a sample
  /// The figures of ToleranceOf.
  std::string count;
  std::string sum_of_magnitudes;
  std::string sum_of_squares;
};
AggregateSql WriteAggregate(const ExpressionWriter& writer, const AggregateExpr& aggregate);

}  // namespace sextant::oracle
