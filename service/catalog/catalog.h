#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/catalog_check.h"
#include "compute/plan/metric_catalog.h"
#include "storage/dataset_spec.h"

namespace sextant {

/// A catalogue that has been read and validated as far as files alone allow. Immutable.
struct Catalog {
  StorageSpec storage;
  MetricCatalog metrics;
  CatalogPlaces places;  // of `metrics`
};

/// One thing that is wrong in a catalogue.
struct CatalogError {
  std::string file;
  int line = 0;      // 1-based, 0 when there is no line
  std::string path;  // "datasets[0].columns.types.cost"
  std::string found;
  std::string allowed;
};

/// "file:line: path: found ..., allowed ..."
std::string ToString(const CatalogError& error);

/// A file of a catalogue, read.
struct CatalogFile {
  std::string name;  // for errors
  std::string text;
};

/// Reads `files` as one catalogue. `${NAME}` in sources is replaced from `environment`; elsewhere
/// it is refused. Errors: INVALID_ARGUMENT with every error found, one per line, by
/// ToString(CatalogError). Messages never contain the value of a variable.
absl::StatusOr<Catalog> ParseCatalog(const std::vector<CatalogFile>& files,
                                     const std::map<std::string, std::string>& environment);

/// The same of every *.yaml and *.yml of `directory`, in the order of their names. Errors: also
/// INVALID_ARGUMENT for a file that cannot be read or is larger than 1 MiB; NOT_FOUND for the
/// directory.
absl::StatusOr<Catalog> LoadCatalog(const std::string& directory,
                                    const std::map<std::string, std::string>& environment);

/// The same of the files alone: `${NAME}` in sources needs no value and stays as it is. To check a
/// catalogue where its secrets are not; not to load from.
absl::StatusOr<Catalog> LoadCatalogFiles(const std::string& directory);

}  // namespace sextant
