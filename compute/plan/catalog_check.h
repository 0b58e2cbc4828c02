#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compute/column/schema.h"
#include "compute/plan/metric_catalog.h"

namespace sextant {

/// The schemas of datasets by their name, derived columns included.
using SchemasByDataset = std::map<std::string, std::shared_ptr<const Schema>>;

/// Where the entries of a catalogue are declared, "metrics.yaml:12", by their names.
struct CatalogPlaces {
  std::map<std::string, std::string> metrics = {};
  std::map<std::string, std::string> sets = {};
  std::map<std::string, std::string> dimensions = {};
  std::map<std::string, std::string> calendars = {};
};

/// Binds every metric, set, dimension and calendar of `catalog` against `schemas`, and tells what
/// does not fit: "metrics.yaml:12: metric 'revenue': expression: unknown column 'totl'; did you
/// mean ..". One line per problem, each once, none when all is well. What rests on a dataset that
/// `schemas` lacks is not judged. A set belongs to no dataset: it fits when all of its members fit
/// one, and is judged when all `datasets` have a schema. Cost: linear in the catalogue, times the
/// datasets for sets; reads no rows. Thread-safe.
std::vector<std::string> CheckCatalog(const MetricCatalog& catalog, const CatalogPlaces& places,
                                      const std::vector<std::string>& datasets,
                                      const SchemasByDataset& schemas);

}  // namespace sextant
