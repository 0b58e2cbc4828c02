#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "compute/plan/metric_catalog.h"

namespace sextant {

/// Where a dataset has the periods of a calendar.
struct PeriodColumns {
  ColumnIndex start = 0;
  ColumnIndex end = 0;
  bool end_is_last_day = false;  // else it is where the next period starts
  std::optional<ColumnIndex> label;
};

/// Errors: INVALID_ARGUMENT, which names the calendar, for a column that `schema` lacks (with the
/// nearest ones) or of a type that does not fit: borders are instants or days, a last day is a day,
/// a label is a text.
absl::StatusOr<PeriodColumns> FindPeriodColumns(const CatalogCalendar& calendar,
                                                const Schema& schema);

}  // namespace sextant
