#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/oracle/case.h"

namespace sextant::oracle {

/// The tables that links of the table lead to, at any distance, and their bridges; each once.
std::vector<std::shared_ptr<const TableCase>> LinkedCases(const TableCase& table);

/// The table without the columns that come through links, and without links.
TableCase StoredCase(const TableCase& table);

/// The name of the rows with the columns that come through links: another table, where there are
/// links.
std::string RowsName(const TableCase& table);
/// A statement that makes it, by joins and subqueries. REQUIRES: the table has links.
std::string CreateRowsSql(const TableCase& table);

/// Whether a row of the link's target, whose columns are named without a table, belongs to a row of
/// `from`, whose columns begin with `row` ("t.", or nothing where their names are in scope).
std::string LinkSql(const LinkCase& link, const TableCase& from, const std::string& row);

}  // namespace sextant::oracle
