#pragma once

#include <string>
#include <vector>

#include "tests/oracle/answer.h"
#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"

namespace sextant::oracle {

/// Now and then: asks for histograms in place of metrics of the request that are one aggregate of
/// one number, or such over windows, and puts what the product adds behind them: more metrics, with
/// their definitions. REQUIRES: nothing else was put behind metrics.
void DrawHistograms(Draws& draws, const TableCase& table, RequestCase& request);
/// The request without them; false: it has none.
bool DropHistograms(RequestCase& request);

/// The counts or the edges of one of `numbers`, ascending, at least one, by comparing each sample
/// with each edge. Not known where the bins are automatic and their number is within rounding of a
/// whole one.
AnswerValue NaiveHistogram(const AggregateExpr& aggregate, const std::vector<double>& numbers);

/// The same as SQL over the samples of a cell, numbers in float8; NULL where PostgreSQL cannot say.
std::string HistogramOracleSql(const AggregateExpr& aggregate, const std::string& number);
/// Functions that it uses.
std::string HistogramPreludeSql();

}  // namespace sextant::oracle
