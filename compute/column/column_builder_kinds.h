#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/column_builder.h"

namespace sextant {

// The builders behind MakeColumnBuilder, one file each. `budget` must outlive them.

std::unique_ptr<ColumnBuilder> MakeIntegerColumnBuilder(DataType type, MemoryBudget& budget);
std::unique_ptr<ColumnBuilder> MakeFloatColumnBuilder(DataType type, MemoryBudget& budget);
std::unique_ptr<ColumnBuilder> MakeWideColumnBuilder(DataType type, MemoryBudget& budget);
/// json, bytea.
std::unique_ptr<ColumnBuilder> MakeBytesColumnBuilder(DataType type, MemoryBudget& budget);
/// Until when a text column that began as bytes may go over to codes.
enum class TextSwitch {
  kAnyChunk,    // earlier chunks follow by Recode
  kFirstChunk,  // elements of lists
};
absl::StatusOr<std::unique_ptr<ColumnBuilder>> MakeTextColumnBuilder(DataType type,
                                                                     TextSwitch allowed,
                                                                     MemoryBudget& budget);
/// REQUIRES: labels are not repeated.
absl::StatusOr<std::unique_ptr<ColumnBuilder>> MakeEnumColumnBuilder(const Field& field,
                                                                     MemoryBudget& budget);
std::unique_ptr<ColumnBuilder> MakeListColumnBuilder(DataType type,
                                                     std::unique_ptr<ColumnBuilder> elements,
                                                     MemoryBudget& budget);

}  // namespace sextant
