#include "compute/plan/catalog_check.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/period_columns.h"

namespace sextant {
namespace {

/// Nothing is computed, so it does not matter when now() is.
constexpr int64_t kAnyInstantUs = 1'700'000'000'000'000;

std::string PlaceOf(const std::map<std::string, std::string>& places, const std::string& name) {
  const auto place = places.find(name);
  return place == places.end() ? "" : place->second;
}

class CatalogCheck {
 public:
  CatalogCheck(const MetricCatalog& catalog, const CatalogPlaces& places,
               const std::vector<std::string>& datasets, const SchemasByDataset& schemas)
      : catalog_(catalog), places_(places), datasets_(datasets), schemas_(schemas) {
    for (const auto& [name, dimension] : catalog.dimensions()) {
      dimensions_.columns.emplace(name, dimension.columns);
    }
  }

  std::vector<std::string> Run() {
    for (const auto& [name, dimension] : catalog_.dimensions()) CheckDimension(dimension);
    for (const auto& [name, calendar] : catalog_.calendars()) CheckCalendar(calendar);
    for (const auto& [name, metric] : catalog_.metrics()) CheckMetric(name);
    const bool knows_all = std::all_of(
        datasets_.begin(), datasets_.end(),
        [&](const std::string& dataset) { return schemas_.find(dataset) != schemas_.end(); });
    if (knows_all) {
      for (const auto& [name, set] : catalog_.sets()) CheckSet(set);
    }
    return std::move(problems_);
  }

 private:
  /// Every line is of the catalogue.
  void Report(const std::string& place, absl::string_view message) {
    absl::ConsumePrefix(&message, "catalogue ");
    problems_.push_back(place.empty() ? std::string(message) : absl::StrCat(place, ": ", message));
  }

  void CheckDimension(const CatalogDimension& dimension) {
    for (const auto& [dataset, column] : dimension.columns) {
      const auto found = schemas_.find(dataset);
      if (found == schemas_.end()) continue;
      const std::string field =
          absl::StrCat("dimension '", dimension.name, "': dataset '", dataset, "'");
      const absl::Status status = ResolveColumn(*found->second, column, field, -1).status();
      if (!status.ok()) Report(PlaceOf(places_.dimensions, dimension.name), status.message());
    }
  }

  void CheckCalendar(const CatalogCalendar& calendar) {
    const auto found = schemas_.find(calendar.dataset);
    if (found == schemas_.end()) return;
    const absl::Status status = FindPeriodColumns(calendar, *found->second).status();
    if (!status.ok()) Report(PlaceOf(places_.calendars, calendar.name), status.message());
  }

  /// Whether a metric fits, as far as it can be judged.
  bool CheckMetric(const std::string& name) {
    if (const auto known = fits_.find(name); known != fits_.end()) return known->second;
    const absl::StatusOr<Metric> complete = catalog_.ResolveSample(name);
    absl::Status status = complete.status();
    if (status.ok()) {
      // A fault of a component is found again in all that rest on it.
      for (const Metric& component : complete->components) {
        if (!CheckMetric(component.name)) return fits_[name] = false;
      }
      status = BindMetric(*complete);
    }
    if (!status.ok()) Report(PlaceOf(places_.metrics, name), status.message());
    return fits_[name] = status.ok();
  }

  /// Of a metric that does not, a mean may well have no `at`: then it is not asked with a clip.
  static bool SaysClip(const Metric& metric) {
    return metric.clip.value_or(false) &&
           std::all_of(metric.components.begin(), metric.components.end(),
                       [](const Metric& one) { return one.clip.value_or(true); });
  }

  absl::Status BindMetric(const Metric& complete) const {
    Query query;
    query.metrics = {complete};
    if (SaysClip(complete)) query.clip.emplace();
    SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> datasets, DatasetsOf(query));
    std::vector<std::shared_ptr<const Schema>> schemas;
    for (const std::string& dataset : datasets) {
      const auto found = schemas_.find(dataset);
      if (found == schemas_.end()) return absl::OkStatus();
      schemas.push_back(found->second);
    }
    return Bind(query, schemas, kAnyInstantUs, {}, dimensions_).status();
  }

  /// The faults of `set` in `dataset`, one per member at most.
  std::vector<absl::Status> FaultsIn(const CatalogSet& set, const std::string& dataset) const {
    std::vector<absl::Status> faults;
    Query query;
    query.metrics = {{.name = "n", .dataset = dataset, .expression = "count(*)"}};
    GroupAxis axis;
    axis.kind = GroupAxis::Kind::kSets;
    axis.name = set.name;
    axis.is_from_catalog = true;
    for (const SetMember& member : set.members) {
      axis.members = {member};
      query.group_by = {axis};
      const std::vector<std::shared_ptr<const Schema>> schemas = {schemas_.at(dataset)};
      const absl::Status status = Bind(query, schemas, kAnyInstantUs, {}, dimensions_).status();
      if (!status.ok()) faults.push_back(status);
    }
    return faults;
  }

  /// Tells the faults in the dataset that the set fits best.
  void CheckSet(const CatalogSet& set) {
    std::optional<std::vector<absl::Status>> fewest;
    std::string nearest;
    for (const std::string& dataset : datasets_) {
      std::vector<absl::Status> faults = FaultsIn(set, dataset);
      if (fewest && fewest->size() <= faults.size()) continue;
      fewest = std::move(faults);
      nearest = dataset;
    }
    if (!fewest) return;
    for (const absl::Status& fault : *fewest) {
      Report(PlaceOf(places_.sets, set.name),
             datasets_.size() == 1
                 ? std::string(fault.message())
                 : absl::StrCat(fault.message(), "; it fits no dataset, and '", nearest, "' best"));
    }
  }

  const MetricCatalog& catalog_;
  const CatalogPlaces& places_;
  const std::vector<std::string>& datasets_;
  const SchemasByDataset& schemas_;
  Dimensions dimensions_;
  std::map<std::string, bool> fits_;  // by metric, of those that were checked
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> CheckCatalog(const MetricCatalog& catalog, const CatalogPlaces& places,
                                      const std::vector<std::string>& datasets,
                                      const SchemasByDataset& schemas) {
  return CatalogCheck(catalog, places, datasets, schemas).Run();
}

}  // namespace sextant
