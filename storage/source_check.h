#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "storage/dataset_spec.h"

namespace sextant {

/// Connects to the source of `dataset` and describes what a load would give: the schema, or what is
/// wrong (a column that the source lacks, numeric without precision, no SELECT privilege). Reads no
/// rows. For `--check` and `sextant check`.
absl::StatusOr<Schema> DescribeDataset(const SourceSpec& source, const DatasetSpec& dataset);

}  // namespace sextant
