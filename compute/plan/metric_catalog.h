#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/metric_parameters.h"
#include "compute/plan/query.h"

namespace sextant {

/// A metric of the catalogue. What it rests on, if it is a metric of metrics, is known by name, so
/// its `components` are empty. Its texts have `$name` for its parameters.
struct CatalogMetric {
  Metric metric;
  std::string description;
  std::vector<MetricParameter> parameters = {};
};

/// A named axis of groups that may overlap.
struct CatalogSet {
  std::string name;
  std::string description;
  std::vector<SetMember> members;
};

/// One name for the same thing in several datasets (rule 19).
struct CatalogDimension {
  std::string name;
  std::string description;
  std::map<std::string, std::string> columns;  // dataset -> column
};

/// A dataset whose rows are periods of time, one after another without gaps: a series of intervals
/// by the name of the calendar.
struct CatalogCalendar {
  std::string name;
  std::string description;
  std::string dataset;
  std::string start;     // its column: an instant, or a day, which begins with its midnight
  std::string end;       // likewise: where the next period starts; or
  std::string last_day;  // a day: the last one that is of the period
  std::string label;     // a text, or empty
};

/// The names that `metric` rests on, each once, in the order of their first use; none of a metric
/// that is an `expression`. Errors: INVALID_ARGUMENT when `derived` is no expression.
absl::StatusOr<std::vector<std::string>> OperandsOf(const Metric& metric);

/// What a catalogue declares of metrics: `metrics:`, `sets:`, `dimensions:` and `calendars:`.
/// Immutable after construction, so safe for any thread.
class MetricCatalog {
 public:
  /// Most metrics that one metric may rest on, over all levels.
  static constexpr size_t kMaxComponents = 256;

  MetricCatalog() = default;
  /// REQUIRES: names are unique within their kind.
  MetricCatalog(std::vector<CatalogMetric> metrics, std::vector<CatalogSet> sets,
                std::vector<CatalogDimension> dimensions,
                std::vector<CatalogCalendar> calendars = {});

  /// In the order of their names.
  const std::map<std::string, CatalogMetric>& metrics() const { return metrics_; }
  const std::map<std::string, CatalogSet>& sets() const { return sets_; }
  const std::map<std::string, CatalogDimension>& dimensions() const { return dimensions_; }
  const std::map<std::string, CatalogCalendar>& calendars() const { return calendars_; }

  /// `metric` with the components that it rests on, over all levels: those of `local`, else those
  /// of this catalogue, which rest on what the catalogue has, whatever `local` calls so. What has
  /// components is complete.
  /// Errors: NOT_FOUND for a name that neither has, with the nearest ones; INVALID_ARGUMENT for a
  /// cycle (it is spelled out) and more components than kMaxComponents.
  absl::StatusOr<Metric> Complete(const Metric& metric,
                                  const std::map<std::string, Metric>& local = {}) const;
  /// The metric called `name`, complete, with `parameters` for its constants; what it rests on has
  /// the defaults of its own. Errors: as above; those of WithParameters.
  absl::StatusOr<Metric> Resolve(const std::string& name,
                                 const std::map<std::string, std::string>& parameters = {}) const;
  /// The same with its defaults, or, where it has none, with any constant: what it is made of.
  absl::StatusOr<Metric> ResolveSample(const std::string& name) const;

 private:
  std::map<std::string, CatalogMetric> metrics_;
  std::map<std::string, CatalogSet> sets_;
  std::map<std::string, CatalogDimension> dimensions_;
  std::map<std::string, CatalogCalendar> calendars_;
};

}  // namespace sextant
