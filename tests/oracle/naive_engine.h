#pragma once

#include "tests/oracle/answer.h"
#include "tests/oracle/case.h"

namespace sextant::oracle {

/// Answers the request row by row: every sample of a cell is kept and aggregated at the end. Gives
/// up, with kTooLarge, on one whose samples would not fit in memory.
Answer AskNaively(const TableCase& table, const RequestCase& request);

}  // namespace sextant::oracle
