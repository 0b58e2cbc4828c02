#include "compute/plan/binder/row_sources.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

size_t Find(std::span<const RowSource> sources, const Metric& metric) {
  const auto found = std::find_if(sources.begin(), sources.end(),
                                  [&](const RowSource& source) { return source.IsReadBy(metric); });
  return static_cast<size_t>(found - sources.begin());
}

/// Of metric number `index` of the query. Paths are made where they are needed: most queries have
/// few sources.
absl::Status AddSources(const Metric& metric, size_t index, const std::string& below,
                        std::vector<RowSource>& sources) {
  if (!metric.IsOfMetrics()) {
    if (metric.dataset.empty()) {
      return FieldError(absl::StrCat("metrics[", index, "].dataset"),
                        "no dataset is named; allowed: the name of one");
    }
    if (Find(sources, metric) < sources.size()) return absl::OkStatus();
    RowSource& source = sources.emplace_back();
    source.dataset = metric.dataset;
    if (metric.per == nullptr) return absl::OkStatus();
    source.per = metric.per;
    source.filter = metric.filter;
    source.is_from_catalog = metric.is_from_catalog;
    source.metric = metric.name;
    source.path = absl::StrCat("metrics[", index, "]", below);
    return absl::OkStatus();
  }
  for (size_t i = 0; i < metric.components.size(); ++i) {
    SEXTANT_RETURN_IF_ERROR(AddSources(metric.components[i], index,
                                       absl::StrCat(below, ".components[", i, "]"), sources));
  }
  return absl::OkStatus();
}

}  // namespace

bool RowSource::IsReadBy(const Metric& one) const {
  if (one.dataset != dataset || (one.per == nullptr) != (per == nullptr)) return false;
  return per == nullptr || (one.filter == filter && one.is_from_catalog == is_from_catalog &&
                            (one.per == per || *one.per == *per));
}

absl::StatusOr<std::vector<RowSource>> RowSourcesOf(const Query& query) {
  if (query.metrics.empty()) {
    return FieldError("metrics", "no metric is asked; allowed: one or more");
  }
  std::vector<RowSource> sources;
  for (size_t i = 0; i < query.metrics.size(); ++i) {
    SEXTANT_RETURN_IF_ERROR(AddSources(query.metrics[i], i, "", sources));
  }
  if (sources.empty()) {
    return FieldError("metrics", "no metric reads a dataset; allowed: one or more");
  }
  return sources;
}

size_t SourceIndex(std::span<const RowSource> sources, const Metric& metric) {
  const size_t index = Find(sources, metric);
  SEXTANT_CHECK(index < sources.size()) << metric.dataset;
  return index;
}

absl::StatusOr<std::vector<std::string>> DatasetsOf(const Query& query) {
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<RowSource> sources, RowSourcesOf(query));
  std::vector<std::string> names;
  for (const RowSource& source : sources) {
    if (std::find(names.begin(), names.end(), source.dataset) == names.end()) {
      names.push_back(source.dataset);
    }
  }
  return names;
}

}  // namespace sextant
