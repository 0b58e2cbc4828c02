#pragma once

#include "compute/plan/metric_catalog.h"
#include "service/catalog/yaml_section.h"

namespace sextant {

/// Reads one entry of `metrics:`, as far as it alone can be judged: its texts are parsed, names of
/// datasets, columns and other metrics stay unresolved.
CatalogMetric ReadMetric(const YamlSection& section);

/// Reads one entry of `sets:`.
CatalogSet ReadSet(const YamlSection& section);

/// Reads one entry of `dimensions:`.
CatalogDimension ReadDimension(const YamlSection& section);

}  // namespace sextant
