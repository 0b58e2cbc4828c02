#include "compute/plan/metric_catalog.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

void AddNames(const Expression& expression, std::vector<std::string>& names);

void AddNames(const Predicate& predicate, std::vector<std::string>& names) {
  for (const Predicate& child : predicate.children) AddNames(child, names);
  const bool has_value = predicate.kind != Predicate::Kind::kAnd &&
                         predicate.kind != Predicate::Kind::kOr &&
                         predicate.kind != Predicate::Kind::kNot;
  if (has_value) AddNames(predicate.value, names);
  for (const Expression& other : predicate.other) AddNames(other, names);
}

void AddNames(const Expression& expression, std::vector<std::string>& names) {
  const bool is_new = std::find(names.begin(), names.end(), expression.name) == names.end();
  if (expression.kind == Expression::Kind::kColumn && is_new) names.push_back(expression.name);
  for (const Expression& argument : expression.arguments) AddNames(argument, names);
  for (const Predicate& condition : expression.conditions) AddNames(condition, names);
}

/// Completes one metric; knows the way that led to it.
class Completion {
 public:
  Completion(const std::map<std::string, CatalogMetric>& catalog,
             const std::map<std::string, Metric>& local)
      : catalog_(catalog), local_(local) {}

  /// A metric of the request, or of the catalogue: what this rests on is of the catalogue too.
  absl::StatusOr<Metric> Complete(Metric metric, bool is_of_catalog) {
    if (!metric.components.empty()) return metric;
    SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> operands, OperandsOf(metric));
    way_.push_back({metric.name, is_of_catalog});
    for (const std::string& operand : operands) {
      const auto local = local_.find(operand);
      const bool is_local = !is_of_catalog && local != local_.end();
      SEXTANT_RETURN_IF_ERROR(CheckWay({operand, !is_local}));
      Metric found;
      if (is_local) {
        found = local->second;
      } else {
        SEXTANT_ASSIGN_OR_RETURN(found, Find(operand));
      }
      SEXTANT_RETURN_IF_ERROR(Count(1 + NumComponents(found)));
      SEXTANT_ASSIGN_OR_RETURN(Metric component, Complete(std::move(found), !is_local));
      metric.components.push_back(std::move(component));
    }
    way_.pop_back();
    return metric;
  }

  absl::StatusOr<Metric> Find(const std::string& name,
                              const std::map<std::string, std::string>& parameters = {}) const {
    if (const auto found = catalog_.find(name); found != catalog_.end()) {
      return WithParameters(found->second.metric, found->second.parameters, parameters);
    }
    return Unknown(name);
  }

 private:
  struct Step {
    std::string name;
    bool is_of_catalog;
    friend bool operator==(const Step&, const Step&) = default;
  };

  absl::Status CheckWay(const Step& next) const {
    const auto again = std::find(way_.begin(), way_.end(), next);
    if (again == way_.end()) return absl::OkStatus();
    const std::string cycle =
        absl::StrJoin(again, way_.end(), " -> ",
                      [](std::string* out, const Step& step) { absl::StrAppend(out, step.name); });
    return absl::InvalidArgumentError(absl::StrCat("metric '", next.name,
                                                   "' rests on itself: ", cycle, " -> ", next.name,
                                                   "; allowed: no cycle"));
  }

  static size_t NumComponents(const Metric& metric) {
    size_t num = metric.components.size();
    for (const Metric& component : metric.components) num += NumComponents(component);
    return num;
  }

  absl::Status Count(size_t num_more) {
    num_components_ += num_more;
    if (num_components_ <= MetricCatalog::kMaxComponents) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("metric '", way_.front().name, "' rests on more than ",
                     MetricCatalog::kMaxComponents, " metrics; allowed: at most that many"));
  }

  absl::Status Unknown(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& [known, metric] : local_) names.push_back(known);
    for (const auto& [known, metric] : catalog_) names.push_back(known);
    const std::string shown = name.substr(0, 64);
    ErrorDetail detail;
    detail.reason = "METRIC_NOT_FOUND";
    detail.resource_type = "metric";
    detail.resource_name = shown;
    detail.nearest = NearestNames(shown, names);
    return WithDetail(absl::NotFoundError(absl::StrCat("there is no metric '", shown, "'",
                                                       DidYouMean(shown, names),
                                                       "; allowed: ", ListedNames(names))),
                      detail);
  }

  const std::map<std::string, CatalogMetric>& catalog_;
  const std::map<std::string, Metric>& local_;
  std::vector<Step> way_;
  size_t num_components_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> OperandsOf(const Metric& metric) {
  std::vector<std::string> names;
  if (metric.ratio) {
    names.push_back(metric.ratio->numerator);
    if (metric.ratio->denominator != names[0]) names.push_back(metric.ratio->denominator);
  } else if (metric.threshold) {
    names.push_back(metric.threshold->of);
  } else if (metric.cumulative) {
    names.push_back(metric.cumulative->of);
  } else if (metric.histogram) {
    names.push_back(metric.histogram->of);
  } else if (metric.sum_of) {
    for (const std::string& name : metric.sum_of->names) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  } else if (!metric.derived.empty()) {
    SEXTANT_ASSIGN_OR_RETURN(const Expression derived, ParseValue(metric.derived, "derived"));
    AddNames(derived, names);
  }
  return names;
}

MetricCatalog::MetricCatalog(std::vector<CatalogMetric> metrics, std::vector<CatalogSet> sets,
                             std::vector<CatalogDimension> dimensions,
                             std::vector<CatalogCalendar> calendars) {
  for (CatalogMetric& metric : metrics) {
    const std::string name = metric.metric.name;
    SEXTANT_CHECK(metrics_.emplace(name, std::move(metric)).second) << "two metrics '" << name;
  }
  for (CatalogSet& set : sets) {
    const std::string name = set.name;
    SEXTANT_CHECK(sets_.emplace(name, std::move(set)).second) << "two sets '" << name;
  }
  for (CatalogDimension& dimension : dimensions) {
    const std::string name = dimension.name;
    SEXTANT_CHECK(dimensions_.emplace(name, std::move(dimension)).second)
        << "two dimensions '" << name;
  }
  for (CatalogCalendar& calendar : calendars) {
    const std::string name = calendar.name;
    SEXTANT_CHECK(calendars_.emplace(name, std::move(calendar)).second)
        << "two calendars '" << name;
  }
}

absl::StatusOr<Metric> MetricCatalog::Complete(const Metric& metric,
                                               const std::map<std::string, Metric>& local) const {
  return Completion(metrics_, local).Complete(metric, /*is_of_catalog=*/false);
}

absl::StatusOr<Metric> MetricCatalog::ResolveSample(const std::string& name) const {
  const auto found = metrics_.find(name);
  return found == metrics_.end() ? Resolve(name)
                                 : Resolve(name, SampleValues(found->second.parameters));
}

absl::StatusOr<Metric> MetricCatalog::Resolve(
    const std::string& name, const std::map<std::string, std::string>& parameters) const {
  const std::map<std::string, Metric> local;
  Completion completion(metrics_, local);
  SEXTANT_ASSIGN_OR_RETURN(const Metric metric, completion.Find(name, parameters));
  return completion.Complete(metric, /*is_of_catalog=*/true);
}

}  // namespace sextant
