#include "service/catalog_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/derived_columns.h"
#include "storage/source_check.h"

namespace sextant {
namespace {

void CheckDataset(const SourceSpec& source, const DatasetSpec& dataset,
                  std::vector<std::string>& problems) {
  const absl::StatusOr<Schema> schema = DescribeDataset(source, dataset);
  if (!schema.ok()) {
    problems.push_back(absl::StrCat("dataset ", dataset.name, ": ", schema.status().message()));
    return;
  }
  const absl::Status derived = MakeDeriver(dataset, *schema).status();
  if (derived.ok()) return;
  problems.push_back(absl::StrCat("dataset ", dataset.name, ": ", derived.message()));
}

}  // namespace

std::vector<std::string> CheckAgainstSources(const Catalog& catalog) {
  std::vector<std::string> problems;
  for (const DatasetSpec& dataset : catalog.storage.datasets) {
    const auto source =
        std::find_if(catalog.storage.sources.begin(), catalog.storage.sources.end(),
                     [&](const SourceSpec& candidate) { return candidate.name == dataset.source; });
    // The catalogue has checked that the source of every dataset is declared.
    if (source != catalog.storage.sources.end()) CheckDataset(*source, dataset, problems);
  }
  return problems;
}

}  // namespace sextant
