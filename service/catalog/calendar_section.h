#pragma once

#include "compute/plan/metric_catalog.h"
#include "service/catalog/yaml_section.h"

namespace sextant {

/// Reads one entry of `calendars:`; names of datasets and columns stay unresolved.
CatalogCalendar ReadCalendar(const YamlSection& section);

}  // namespace sextant
