#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/exec/query_context.h"
#include "compute/operators/first_rows.h"
#include "compute/operators/metric_values.h"

namespace sextant {

/// The values of `columns` in `rows`, in that order, as a result has them: durations in seconds,
/// enums and texts as texts. Copies; columns are read by as many threads as have nothing to do.
/// Errors: those of the context, RESOURCE_EXHAUSTED.
absl::StatusOr<std::vector<MetricValues>> ReadColumns(QueryContext& context, const Table& table,
                                                      std::span<const ColumnIndex> columns,
                                                      std::span<const FirstRows::Row> rows);

}  // namespace sextant
