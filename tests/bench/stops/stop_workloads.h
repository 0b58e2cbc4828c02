#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/plan/query.h"

namespace sextant::stops {

/// A query most of whose time goes into one phase.
struct Workload {
  std::string name;
  Query query;
};

/// `num_rows` rows: keys that are all distinct, as numbers and as text, columns of few and of many
/// values, floats, times and lists.
absl::StatusOr<std::shared_ptr<const Table>> MakeStopTable(uint64_t num_rows, MemoryBudget& budget);

std::vector<Workload> MakeWorkloads();

}  // namespace sextant::stops
