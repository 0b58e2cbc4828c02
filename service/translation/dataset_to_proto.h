#pragma once

#include <cstdint>

#include "compute/column/table.h"
#include "compute/exec/distinct_counting.h"
#include "sextant/v1/dataset.pb.h"
#include "storage/dataset_spec.h"
#include "storage/dataset_status.h"

namespace sextant {

/// A dataset without its columns and rows.
v1::Dataset DatasetToProto(const DatasetSpec& spec, const DatasetStatus& status);

/// Adds the columns of `schema`.
void AddColumns(const Schema& schema, v1::Dataset& dataset);

/// Adds the indexes that columns of `table` have or may get, with sizes that are of all its rows:
/// not for one tenant's eyes.
void AddIndexes(const Table& table, v1::Dataset& dataset);

/// Adds the statistics of each column of `table`, with values and numbers that are of all its rows:
/// not for one tenant's eyes. `counts` are of its columns, or empty: not counted yet.
void AddStatistics(const Table& table, const DistinctCounts& counts, v1::Dataset& dataset);

/// The dataset as its operator sees it; `now_wall_us` gives ages.
v1::DatasetStatus StatusToProto(const DatasetStatus& status, int64_t now_wall_us);

}  // namespace sextant
