#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/operators/aggregate.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The column `name` as a value.
BoundValue ValueOfColumn(const Table& table, std::string_view name);

/// An aggregate of columns, with the result type that its kind has. Ends the test program when
/// there is no such column.
BoundAggregate AggregateOf(const Table& table, AggregateKind kind, std::string_view value,
                           std::string_view second = {});

struct RunAggregateOptions {
  /// The cell of each row; empty: all are in cell 0.
  std::vector<uint32_t> cells = {};
  uint32_t num_cells = 1;
  /// How many ranges the rows are cut into; their states are merged in order.
  uint32_t num_ranges = 1;
  bool is_ungrouped = false;
  uint64_t least_binned_rows = kLeastBinnedRows;
  /// nullptr: TestBudget().
  MemoryBudget* budget = nullptr;
};

/// The value of each cell as text: "-" where there is none, floats in shortest round-trip form,
/// decimals as scaled integers, uuids in canonical form, intervals as months/days/microseconds,
/// lists as {a,b}. Ranges give their states
/// the cells in unlike order, as ranges of a query do.
absl::StatusOr<std::vector<std::string>> TryRunAggregate(const BoundAggregate& aggregate,
                                                         const Table& table,
                                                         const RunAggregateOptions& options = {});
/// The same; ends the test program on an error.
std::vector<std::string> RunAggregate(const BoundAggregate& aggregate, const Table& table,
                                      const RunAggregateOptions& options = {});

}  // namespace sextant
