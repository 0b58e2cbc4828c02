#include "service/catalog/catalog.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/nearest_names.h"
#include "service/catalog/calendar_section.h"
#include "service/catalog/dataset_section.h"
#include "service/catalog/link_section.h"
#include "service/catalog/metric_section.h"
#include "service/catalog/refused_text.h"
#include "service/catalog/yaml_section.h"

namespace sextant {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kMaxFileBytes = 1 << 20;

/// An entry of the catalogue and where it stands, for the checks across files.
template <typename Spec>
struct Placed {
  Spec spec;
  YamlSection section;
};

struct Draft {
  std::vector<Placed<SourceSpec>> sources;
  std::vector<Placed<DatasetSpec>> datasets;
  std::vector<Placed<GroupSpec>> groups;
  std::vector<Placed<CatalogMetric>> metrics;
  std::vector<Placed<CatalogSet>> sets;
  std::vector<Placed<CatalogDimension>> dimensions;
  std::vector<Placed<CatalogCalendar>> calendars;
  std::vector<CatalogError> errors;
};

absl::StatusOr<std::vector<fs::path>> CatalogFiles(const std::string& directory) {
  std::error_code error;
  std::vector<fs::path> files;
  fs::directory_iterator entries(directory, error);
  if (error) {
    return absl::NotFoundError(absl::StrCat("catalogue folder '", directory, "': ", error.message(),
                                            "; a readable folder is needed"));
  }
  for (const fs::directory_entry& entry : entries) {
    const std::string extension = entry.path().extension().string();
    const bool is_yaml = extension == ".yaml" || extension == ".yml";
    if (is_yaml && entry.is_regular_file(error)) files.push_back(entry.path());
  }
  if (files.empty()) {
    return absl::NotFoundError(
        absl::StrCat("catalogue folder '", directory,
                     "': found no *.yaml or *.yml file; at least one is needed"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

void ReadDocument(const std::string& file, const YAML::Node& document,
                  const std::map<std::string, std::string>* environment, Draft& draft) {
  YamlSection root(file, "", document, draft.errors);
  root.AllowKeys({"sources", "datasets", "groups", "metrics", "sets", "dimensions", "calendars"});
  for (const YamlSection& section : root.Sections("sources")) {
    draft.sources.push_back({ReadSource(section, environment), section});
  }
  for (const YamlSection& section : root.Sections("datasets")) {
    draft.datasets.push_back({ReadDataset(section), section});
  }
  for (const YamlSection& section : root.Sections("groups")) {
    draft.groups.push_back({ReadGroup(section), section});
  }
  for (const YamlSection& section : root.Sections("metrics")) {
    draft.metrics.push_back({ReadMetric(section), section});
  }
  for (const YamlSection& section : root.Sections("sets")) {
    draft.sets.push_back({ReadSet(section), section});
  }
  for (const YamlSection& section : root.Sections("dimensions")) {
    draft.dimensions.push_back({ReadDimension(section), section});
  }
  for (const YamlSection& section : root.Sections("calendars")) {
    draft.calendars.push_back({ReadCalendar(section), section});
  }
}

/// The seam of yaml-cpp's exceptions.
void ReadText(const CatalogFile& file, const std::map<std::string, std::string>* environment,
              Draft& draft) {
  try {
    ReadDocument(file.name, YAML::Load(file.text), environment, draft);
  } catch (const YAML::Exception& exception) {
    draft.errors.push_back({file.name, exception.mark.is_null() ? 0 : exception.mark.line + 1, "",
                            absl::StrCat("text that is not YAML (", exception.msg, ")"),
                            "YAML 1.2"});
  }
}

/// What cannot be read is reported, and is then no file of the catalogue.
std::vector<CatalogFile> ReadFiles(const std::vector<fs::path>& paths, Draft& draft) {
  std::vector<CatalogFile> files;
  for (const fs::path& path : paths) {
    std::error_code error;
    const uintmax_t size_bytes = fs::file_size(path, error);
    if (error || size_bytes > kMaxFileBytes) {
      draft.errors.push_back(
          {path.string(), 0, "", error ? error.message() : absl::StrCat(size_bytes, " bytes"),
           absl::StrCat("a readable file of at most ", kMaxFileBytes, " bytes")});
      continue;
    }
    std::ifstream stream(path);
    std::stringstream text;
    text << stream.rdbuf();
    files.push_back({path.string(), text.str()});
  }
  return files;
}

template <typename Spec>
const std::string& NameOf(const Spec& spec) {
  return spec.name;
}
const std::string& NameOf(const CatalogMetric& metric) { return metric.metric.name; }

template <typename Spec>
std::vector<std::string> NamesOf(const std::vector<Placed<Spec>>& entries) {
  std::vector<std::string> names;
  for (const Placed<Spec>& entry : entries) names.push_back(NameOf(entry.spec));
  return names;
}

template <typename Spec>
void CheckUniqueNames(const std::vector<Placed<Spec>>& entries) {
  std::map<std::string, const YamlSection*> first;
  for (const Placed<Spec>& entry : entries) {
    const std::string& name = NameOf(entry.spec);
    if (name.empty()) continue;
    const auto [other, is_new] = first.emplace(name, &entry.section);
    if (is_new) continue;
    entry.section.Report("name",
                         absl::StrCat("'", name, "', which ", other->second->file(), ":",
                                      other->second->line(), " has already"),
                         "a name of its own");
  }
}

void CheckReference(const YamlSection& section, const std::string& key, const std::string& name,
                    const std::vector<std::string>& names) {
  if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return;
  section.Report(
      key, absl::StrCat("'", name, "'", DidYouMean(name, names)),
      names.empty() ? "a declared name, and none is declared" : absl::StrJoin(names, ", "));
}

void CheckAcross(Draft& draft) {
  CheckUniqueNames(draft.sources);
  CheckUniqueNames(draft.datasets);
  CheckUniqueNames(draft.groups);
  const std::vector<std::string> sources = NamesOf(draft.sources);
  const std::vector<std::string> groups = NamesOf(draft.groups);
  std::map<std::string, std::string> source_of_group;
  for (const Placed<DatasetSpec>& dataset : draft.datasets) {
    CheckReference(dataset.section, "source", dataset.spec.source, sources);
    if (dataset.spec.group.empty()) continue;
    CheckReference(dataset.section, "group", dataset.spec.group, groups);
    const auto [other, is_new] = source_of_group.emplace(dataset.spec.group, dataset.spec.source);
    if (!is_new && other->second != dataset.spec.source) {
      dataset.section.Report(
          "source", absl::StrCat("'", dataset.spec.source, "' in group '", dataset.spec.group, "'"),
          absl::StrCat("'", other->second,
                       "', like the group's other datasets: they share one snapshot"));
    }
  }
}

void CheckMetricNames(Draft& draft) {
  CheckUniqueNames(draft.metrics);
  CheckUniqueNames(draft.sets);
  CheckUniqueNames(draft.dimensions);
  CheckUniqueNames(draft.calendars);
  const std::vector<std::string> datasets = NamesOf(draft.datasets);
  for (const Placed<CatalogMetric>& metric : draft.metrics) {
    CheckReference(metric.section, "dataset", metric.spec.metric.dataset, datasets);
  }
  for (const Placed<CatalogDimension>& dimension : draft.dimensions) {
    for (const auto& [dataset, column] : dimension.spec.columns) {
      CheckReference(dimension.section.Section("columns"), dataset, dataset, datasets);
    }
  }
  for (const Placed<CatalogCalendar>& calendar : draft.calendars) {
    CheckReference(calendar.section, "dataset", calendar.spec.dataset, datasets);
  }
}

/// REQUIRES: no error so far.
void CheckLinksAcross(const Draft& draft) {
  std::vector<const DatasetSpec*> datasets;
  for (const Placed<DatasetSpec>& dataset : draft.datasets) datasets.push_back(&dataset.spec);
  for (const Placed<DatasetSpec>& dataset : draft.datasets) {
    CheckLinks(dataset.section, dataset.spec, datasets);
  }
}

/// Whether `metric` itself names only metrics that exist: a name that is none is then told where it
/// is written, and not again for all that rest on it.
bool NamesOnlyMetrics(const Metric& metric, const MetricCatalog& catalog) {
  const absl::StatusOr<std::vector<std::string>> operands = OperandsOf(metric);
  return operands.ok() &&
         std::all_of(operands->begin(), operands->end(), [&](const std::string& name) {
           return catalog.metrics().find(name) != catalog.metrics().end();
         });
}

/// How a metric of metrics is defined: the key, and its text.
std::pair<std::string, std::string> FormOf(const Metric& metric) {
  if (metric.ratio) {
    return {"ratio", absl::StrCat(metric.ratio->numerator, " / ", metric.ratio->denominator)};
  }
  if (metric.threshold) return {"threshold", metric.threshold->of};
  if (metric.cumulative) return {"cumulative", metric.cumulative->of};
  if (metric.histogram) return {"histogram", metric.histogram->of};
  if (metric.sum_of) return {"sum_of", absl::StrJoin(metric.sum_of->names, ", ")};
  return {"derived", metric.derived};
}

/// The metrics as one catalogue; every name that a metric rests on leads to another, without a
/// cycle. REQUIRES: names are unique.
MetricCatalog MakeMetricCatalog(const Draft& draft) {
  std::vector<CatalogMetric> metrics;
  std::vector<CatalogSet> sets;
  std::vector<CatalogDimension> dimensions;
  std::vector<CatalogCalendar> calendars;
  for (const auto& metric : draft.metrics) metrics.push_back(metric.spec);
  for (const auto& set : draft.sets) sets.push_back(set.spec);
  for (const auto& dimension : draft.dimensions) dimensions.push_back(dimension.spec);
  for (const auto& calendar : draft.calendars) calendars.push_back(calendar.spec);
  MetricCatalog catalog(std::move(metrics), std::move(sets), std::move(dimensions),
                        std::move(calendars));
  for (const Placed<CatalogMetric>& metric : draft.metrics) {
    const Metric& spec = metric.spec.metric;
    const absl::Status status = catalog.ResolveSample(spec.name).status();
    if (status.ok() || (absl::IsNotFound(status) && NamesOnlyMetrics(spec, catalog))) continue;
    const auto [form, text] = FormOf(spec);
    ReportRefused(metric.section, form, text, status, "names of metrics, without a cycle");
  }
  return catalog;
}

template <typename Spec>
std::map<std::string, std::string> PlacesOf(const std::vector<Placed<Spec>>& entries) {
  std::map<std::string, std::string> places;
  for (const Placed<Spec>& entry : entries) {
    places.emplace(NameOf(entry.spec),
                   absl::StrCat(entry.section.file(), ":", entry.section.line()));
  }
  return places;
}

/// A dataset without a group is a group of its own, named as the dataset.
void AddImpliedGroups(Draft& draft, StorageSpec& storage) {
  std::set<std::string> names;
  for (const GroupSpec& group : storage.groups) names.insert(group.name);
  for (size_t i = 0; i < storage.datasets.size(); ++i) {
    DatasetSpec& dataset = storage.datasets[i];
    if (!dataset.group.empty()) continue;
    dataset.group = dataset.name;
    if (names.insert(dataset.name).second) {
      storage.groups.push_back({dataset.name, std::nullopt});
    } else {
      draft.datasets[i].section.Report("name",
                                       absl::StrCat("'", dataset.name, "', the name of a group"),
                                       "'group:' to join it, or another name");
    }
  }
}

absl::StatusOr<Catalog> FinishCatalog(const std::vector<CatalogFile>& files,
                                      const std::map<std::string, std::string>* environment,
                                      Draft draft) {
  for (const CatalogFile& file : files) ReadText(file, environment, draft);
  CheckAcross(draft);
  CheckMetricNames(draft);
  if (draft.errors.empty()) CheckLinksAcross(draft);

  Catalog catalog;
  if (draft.errors.empty()) catalog.metrics = MakeMetricCatalog(draft);
  catalog.places = {PlacesOf(draft.metrics), PlacesOf(draft.sets), PlacesOf(draft.dimensions),
                    PlacesOf(draft.calendars)};
  for (Placed<SourceSpec>& entry : draft.sources)
    catalog.storage.sources.push_back(std::move(entry.spec));
  for (Placed<DatasetSpec>& entry : draft.datasets)
    catalog.storage.datasets.push_back(std::move(entry.spec));
  for (Placed<GroupSpec>& entry : draft.groups)
    catalog.storage.groups.push_back(std::move(entry.spec));
  AddImpliedGroups(draft, catalog.storage);
  if (draft.errors.empty() && catalog.storage.datasets.empty()) {
    draft.errors.push_back(
        {files.empty() ? "" : files[0].name, 0, "datasets", "none in any file", "at least one"});
  }
  if (draft.errors.empty()) return catalog;
  std::vector<std::string> lines;
  for (const CatalogError& error : draft.errors) lines.push_back(ToString(error));
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

absl::StatusOr<Catalog> ReadCatalog(const std::string& directory,
                                    const std::map<std::string, std::string>* environment) {
  const absl::StatusOr<std::vector<fs::path>> paths = CatalogFiles(directory);
  if (!paths.ok()) return paths.status();
  Draft draft;
  const std::vector<CatalogFile> files = ReadFiles(*paths, draft);
  return FinishCatalog(files, environment, std::move(draft));
}

}  // namespace

std::string ToString(const CatalogError& error) {
  std::string text = error.file;
  if (error.line > 0) absl::StrAppend(&text, ":", error.line);
  if (!error.path.empty()) absl::StrAppend(&text, ": ", error.path);
  absl::StrAppend(&text, ": found ", error.found, ", allowed: ", error.allowed);
  return text;
}

absl::StatusOr<Catalog> ParseCatalog(const std::vector<CatalogFile>& files,
                                     const std::map<std::string, std::string>& environment) {
  return FinishCatalog(files, &environment, Draft());
}

absl::StatusOr<Catalog> LoadCatalog(const std::string& directory,
                                    const std::map<std::string, std::string>& environment) {
  return ReadCatalog(directory, &environment);
}

absl::StatusOr<Catalog> LoadCatalogFiles(const std::string& directory) {
  return ReadCatalog(directory, nullptr);
}

}  // namespace sextant
