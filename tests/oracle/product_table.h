#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compute/column/table.h"
#include "storage/dataset_spec.h"
#include "tests/oracle/case.h"

namespace sextant::oracle {

/// The dataset of a table with its links, without the columns that are the oracle's.
DatasetSpec SpecOf(const TableCase& table);

/// Loads the tables of cases from PostgreSQL through the product's own COPY path, in chunks of
/// `chunk_rows`, without the columns that are the oracle's; the result is in the order of `tables`.
/// Then deletes the rows of deleted_ids as a refresh does: by new versions of their chunks. Tables
/// that are linked are loaded without them; what links lead to must be among `tables`.
/// Ends the test program when a load fails.
std::vector<std::shared_ptr<const Table>> LoadTables(const std::string& conninfo,
                                                     const std::vector<const TableCase*>& tables,
                                                     uint32_t chunk_rows);

}  // namespace sextant::oracle
