#include "service/catalog_check.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "compute/plan/link_binder.h"
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

/// Null when the dataset has a problem.
std::shared_ptr<const Schema> CheckDataset(const SourceSpec& source, const DatasetSpec& dataset,
                                           std::vector<std::string>& problems) {
  const absl::StatusOr<Schema> schema = DescribeDataset(source, dataset);
  if (!schema.ok()) {
    problems.push_back(
        absl::StrCat("dataset ", dataset.name, ": ", Detail(dataset, schema.status())));
    return nullptr;
  }
  const auto deriver = MakeDeriver(dataset, *schema);
  if (!deriver.ok()) {
    problems.push_back(absl::StrCat("dataset ", dataset.name, ": ", deriver.status().message()));
    return nullptr;
  }
  std::vector<Field> fields = schema->fields();
  if (*deriver != nullptr) {
    fields.insert(fields.end(), (*deriver)->fields().begin(), (*deriver)->fields().end());
  }
  return std::make_shared<const Schema>(std::move(fields), schema->tenant_column(),
                                        schema->key_columns());
}

/// Replaces the schemas of a group by those with links, where all are known.
void LinkSchemas(const StorageSpec& storage, const std::string& group, SchemasByDataset& schemas,
                 std::vector<std::string>& problems) {
  std::vector<LinkingDataset> datasets;
  for (const DatasetSpec& dataset : storage.datasets) {
    if (dataset.group != group) continue;
    const auto schema = schemas.find(dataset.name);
    if (schema == schemas.end()) return;
    datasets.push_back({dataset.name, schema->second, dataset.links, dataset.children});
  }
  const auto links = BindLinks(datasets);
  if (!links.ok()) {
    problems.emplace_back(links.status().message());
    return;
  }
  const auto children = BindChildColumns(datasets, *links);
  if (!children.ok()) {
    problems.emplace_back(children.status().message());
    return;
  }
  std::vector<std::shared_ptr<const Schema>> linked = LinkedSchemas(datasets, *links, *children);
  for (size_t i = 0; i < datasets.size(); ++i) schemas[datasets[i].name] = std::move(linked[i]);
}

std::vector<std::string> DatasetNames(const StorageSpec& storage) {
  std::vector<std::string> names;
  for (const DatasetSpec& dataset : storage.datasets) names.push_back(dataset.name);
  return names;
}

}  // namespace

std::vector<std::string> CheckAgainstSources(const Catalog& catalog) {
  std::vector<std::string> problems;
  SchemasByDataset schemas;
  for (const DatasetSpec& dataset : catalog.storage.datasets) {
    const auto source =
        std::find_if(catalog.storage.sources.begin(), catalog.storage.sources.end(),
                     [&](const SourceSpec& candidate) { return candidate.name == dataset.source; });
    // The catalogue has checked that the source of every dataset is declared.
    if (source == catalog.storage.sources.end()) continue;
    auto schema = CheckDataset(*source, dataset, problems);
    if (schema != nullptr) schemas.emplace(dataset.name, std::move(schema));
  }
  for (const GroupSpec& group : catalog.storage.groups) {
    LinkSchemas(catalog.storage, group.name, schemas, problems);
  }
  for (std::string& problem :
       CheckCatalog(catalog.metrics, catalog.places, DatasetNames(catalog.storage), schemas)) {
    problems.push_back(std::move(problem));
  }
  return problems;
}

LoadedCatalogCheck::LoadedCatalogCheck(const MetricCatalog& metrics, CatalogPlaces places,
                                       const StorageSpec& storage)
    : metrics_(metrics), places_(std::move(places)), datasets_(DatasetNames(storage)) {}

std::vector<std::string> LoadedCatalogCheck::NewProblems(
    const std::vector<std::shared_ptr<const Table>>& tables) {
  const std::lock_guard lock(mutex_);
  bool has_changed = false;
  for (const std::shared_ptr<const Table>& table : tables) {
    std::shared_ptr<const Schema>& known = schemas_[table->identity().dataset];
    if (known != nullptr && *known == table->schema()) continue;
    known = table->shared_schema();
    has_changed = true;
  }
  std::vector<std::string> problems;
  if (!has_changed) return problems;
  for (std::string& problem : CheckCatalog(metrics_, places_, datasets_, schemas_)) {
    if (told_.insert(problem).second) problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace sextant
