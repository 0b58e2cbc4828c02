#include "compute/exec/finished_rows.h"

#include "compute/memory/status_macros.h"

namespace sextant {

absl::Status FinishedRows::ChargeTo(MemoryBudget& budget) {
  for (AxisColumn& axis : axes) {
    SEXTANT_RETURN_IF_ERROR(axis.values.ChargeTo(budget));
    SEXTANT_RETURN_IF_ERROR(axis.ranks.ChargeTo(budget));
  }
  for (MetricValues& metric : values) SEXTANT_RETURN_IF_ERROR(metric.ChargeTo(budget));
  SEXTANT_RETURN_IF_ERROR(intervals.ChargeTo(budget));
  return order.ChargeTo(budget);
}

size_t FinishedRows::reserved_bytes() const {
  size_t bytes = intervals.reserved_bytes() + order.reserved_bytes();
  for (const AxisColumn& axis : axes) {
    bytes += axis.values.reserved_bytes() + axis.ranks.reserved_bytes();
  }
  for (const MetricValues& metric : values) bytes += metric.reserved_bytes();
  return bytes;
}

}  // namespace sextant
