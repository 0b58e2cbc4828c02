#pragma once

#include "absl/status/statusor.h"
#include "compute/plan/rows_query.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// The query whose cell `request` picks, without what it asks of its cells; where it has no
/// metrics, with a count of the rows of its dataset. It is part of `request`. Errors:
/// INVALID_ARGUMENT where there is neither.
absl::StatusOr<const v1::QueryMetricsRequest*> TakeQueryOfCell(v1::QueryRowsRequest& request);

/// Which cell, and what of its rows; names stay unresolved. Errors: INVALID_ARGUMENT with the path
/// of the field.
absl::StatusOr<RowsQuery> RowsFromProto(const v1::QueryRowsRequest& request);

}  // namespace sextant
