#pragma once

#include <string>

#include "compute/plan/query.h"
#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"

namespace sextant::oracle {

/// Metrics of two levels (rule 23): the oracles ask a table; the product has a dataset with several
/// rows per row of it, and makes these by a metric's `per`. Some columns are the same in all rows
/// of a key, some come out of an aggregate beside values that must not, and rows that the metrics'
/// filter leaves out have anything.

/// Says how the dataset has each column.
void SplitIntoKeys(Draws& draws, TableCase& table);

/// The dataset, without rows: its columns are in the same places, those that it does not have are
/// without a name. REQUIRES: table.has_keys.
TableCase KeyedCase(const TableCase& table);
/// A statement that makes it of the table of the case.
std::string CreateKeyedSql(const TableCase& table);

/// Whether the dataset has every column that the request reads.
bool CanAskPerKey(const TableCase& table, const RequestCase& request);
/// Lets the product make the rows of the metric, but not those of its components, by `per`.
void AskPerKey(const TableCase& table, Metric& metric);

}  // namespace sextant::oracle
