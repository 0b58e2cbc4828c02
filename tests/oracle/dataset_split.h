#pragma once

#include <string>
#include <vector>

#include "compute/plan/binder.h"
#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"

namespace sextant::oracle {

/// Several datasets in one request (rule 19): the oracles ask one table, of which each metric sees
/// the rows of its dataset, so that values join because they are in one column. The product has the
/// rows of each dataset in a table of its own, whose columns have other names and other codes.

/// Gives most rows to the first dataset and says which columns each has, by which name.
void SplitTable(Draws& draws, TableCase& table);

/// The table of one of the datasets (0, 1), without rows: its columns are in the same places, those
/// that it does not have are without a name.
TableCase DatasetCase(const TableCase& table, int dataset);
/// A statement that makes it of the table of the case.
std::string CreateDatasetSql(const TableCase& table, int dataset);
/// The names of the request for the columns that both have, where they are not those of the
/// columns.
Dimensions DimensionsOf(const TableCase& table);

/// Whether the dataset has every column of it; -1: whether both do.
bool Has(const TableCase& table, int dataset, const Expr& expr);
bool Has(const TableCase& table, int dataset, const MetricSpec& metric);
bool Has(const TableCase& table, int dataset, const AxisSpec& axis);
/// Lets the metric see the rows of the dataset only.
void AskOf(const TableCase& table, int dataset, MetricSpec& metric);

}  // namespace sextant::oracle
