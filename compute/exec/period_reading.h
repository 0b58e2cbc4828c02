#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/column/tenant_scope.h"
#include "compute/memory/memory_budget.h"
#include "compute/plan/metric_catalog.h"

namespace sextant {

/// Most periods of a calendar: days of a thousand years.
inline constexpr size_t kMaxPeriods = 366'000;

/// The periods of a calendar: the rows of its dataset in `scope`, in the order of their starts. A
/// day begins with its midnight in `zone` (rule 10); a period of days that the zone skipped is
/// none. An end that is NULL leaves the last period open: it ends with the last instant.
///
/// Errors:  FAILED_PRECONDITION, which names the calendar and the period, where a start is NULL, or
///          an end before the last one, a period ends before it starts or is empty, or does not
///          start where the one before ends; for no periods and for more than kMaxPeriods rows.
///          INVALID_ARGUMENT as FindPeriodColumns; RESOURCE_EXHAUSTED from `budget`, which is
///          charged while rows are read; those of AskToGoOn.
/// Cost:    reads and sorts all rows in scope. Thread-safe.
absl::StatusOr<std::shared_ptr<const PeriodCalendar>> ReadPeriods(const CatalogCalendar& calendar,
                                                                  const TenantScope& scope,
                                                                  const absl::TimeZone& zone,
                                                                  MemoryBudget& budget);

}  // namespace sextant
