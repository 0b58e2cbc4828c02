#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/column/table_links.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// The columns of a table whose values are a key.
struct KeyColumns {
  const Table& table;
  const RowNumbers& numbers;
  std::span<const ColumnIndex> columns;
};

/// Equal keys of two tables have equal numbers, below `num_keys`; kNone where a part of the key is
/// NULL, and on the left where no row of the right has the key. By RowNumbers.
struct KeyNumbers {
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  TrackedVector<uint32_t> left;
  TrackedVector<uint32_t> right;
  uint64_t num_keys = 0;
};

/// Where both tables have tenants, the tenant is a part of the key, by the text that PostgreSQL
/// prints for it. Cost: linear; some nanoseconds a value where the integers of the right lie
/// close together or texts have dictionaries, else a hash of each. Errors: RESOURCE_EXHAUSTED from
/// `budget`. REQUIRES: pairs of columns compare (BindLinks).
absl::StatusOr<KeyNumbers> NumberKeys(const KeyColumns& left, const KeyColumns& right,
                                      MemoryBudget& budget);

}  // namespace sextant
