#pragma once

#include <vector>

#include "tests/oracle/answer.h"
#include "tests/oracle/case.h"

namespace sextant::oracle {

/// A row's contribution to a cell: the values of the aggregate's arguments and of its order key.
struct Sample {
  std::vector<Datum> args;
  Datum order_key;
  Datum id;  // of kTopValues: what breaks ties
};

/// The aggregate of the samples of a cell. `outcome` is set by a sum that does not fit (rule 2).
AnswerValue AggregateNaively(const TableCase& table, const AggregateExpr& aggregate,
                             const std::vector<Sample>& samples, Answer::Outcome* outcome);

}  // namespace sextant::oracle
