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
  /// Of what runs: when, within its interval, and how long that is.
  int64_t starts_us = 0;
  int64_t ends_us = 0;
  uint64_t interval_us = 0;
};

/// How a sum went (rule 2).
struct SumOutcome {
  Answer::Outcome outcome = Answer::Outcome::kRows;  // kOutOfRange: it does not fit
  bool came_back = false;                            // it fits in 128 bits, a part of it does not
};

/// The aggregate of the samples of a cell. `outcome` is set by sums.
AnswerValue AggregateNaively(const TableCase& table, const AggregateExpr& aggregate,
                             const std::vector<Sample>& samples, SumOutcome* outcome);

}  // namespace sextant::oracle
