#include "service/catalog_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "service/derived_columns.h"
#include "storage/source_check.h"

namespace sextant {
namespace {

/// The message without the name of the dataset, where it begins with it: every line does.
std::string Detail(const DatasetSpec& dataset, const absl::Status& status) {
  absl::string_view message = status.message();
  absl::ConsumePrefix(&message, absl::StrCat("dataset '", dataset.name, "': "));
  return std::string(message);
}

void CheckDataset(const SourceSpec& source, const DatasetSpec& dataset,
                  std::vector<std::string>& problems) {
  const absl::StatusOr<Schema> schema = DescribeDataset(source, dataset);
  if (!schema.ok()) {
    problems.push_back(
        absl::StrCat("dataset ", dataset.name, ": ", Detail(dataset, schema.status())));
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
