#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/metric_catalog.h"
#include "sextant/v1/catalog_service.pb.h"

namespace sextant {

/// The metric called `name` as the catalogue defines it.
/// Errors: NOT_FOUND with the nearest names.
absl::StatusOr<v1::Metric> MetricToProto(const MetricCatalog& catalog, const std::string& name);

/// The names of all metrics that `name` rests on, over all levels, ascending. Errors: as above.
absl::StatusOr<std::vector<std::string>> ComponentsOf(const MetricCatalog& catalog,
                                                      const std::string& name);

v1::Calendar CalendarToProto(const CatalogCalendar& calendar);

}  // namespace sextant
