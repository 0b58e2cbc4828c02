#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/column/table_links.h"

namespace sextant {

/// The values of column `column` of `target` in the rows that the rows of chunk `chunk` lead to, of
/// the same layout and with the same dictionary; NULL where a row leads to none. REQUIRES: `rows`
/// is kOne and to `target`; no list. Errors: RESOURCE_EXHAUSTED from `budget`.
absl::StatusOr<std::shared_ptr<const Column>> GatherAttribute(const LinkRows& rows, uint32_t chunk,
                                                              uint32_t num_rows,
                                                              const Table& target,
                                                              ColumnIndex column,
                                                              MemoryBudget& budget);

}  // namespace sextant
