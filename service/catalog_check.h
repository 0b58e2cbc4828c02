#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "compute/column/table.h"
#include "compute/plan/catalog_check.h"
#include "compute/plan/metric_catalog.h"
#include "service/catalog/catalog.h"
#include "storage/dataset_spec.h"

namespace sextant {

/// Connects to the source of every dataset and checks that it has what the catalogue says, derived
/// columns, metrics, sets and dimensions included. Reads no rows. One line per problem, none when
/// all is well.
std::vector<std::string> CheckAgainstSources(const Catalog& catalog);

/// What of the catalogue's metrics, sets and dimensions does not fit the datasets as they are
/// loaded. Thread-safety: all methods may be called from any thread.
class LoadedCatalogCheck {
 public:
  /// `metrics` must outlive this.
  LoadedCatalogCheck(const MetricCatalog& metrics, CatalogPlaces places,
                     const StorageSpec& storage);

  /// The problems that are there with `tables` published and were not told before.
  std::vector<std::string> NewProblems(const std::vector<std::shared_ptr<const Table>>& tables);

 private:
  const MetricCatalog& metrics_;
  const CatalogPlaces places_;
  const std::vector<std::string> datasets_;
  std::mutex mutex_;
  SchemasByDataset schemas_;
  std::set<std::string> told_;
};

}  // namespace sextant
