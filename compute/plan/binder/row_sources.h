#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/query.h"

namespace sextant {

/// Whose rows some metrics of a query read: a dataset's own, or, with `per`, rows derived of those
/// that pass `filter` (rule 23).
struct RowSource {
  std::string dataset;
  std::shared_ptr<const PerKey> per;  // null: its own
  std::string filter;                 // with `per`
  bool is_from_catalog = false;       // with `per`
  /// Of the first metric that reads them, for errors.
  std::string metric;
  std::string path;

  bool IsReadBy(const Metric& one) const;
};

/// Those of the metrics of `query`, components too, each once, in the order of their first use.
/// Errors: INVALID_ARGUMENT when there is no metric, or one without a dataset.
absl::StatusOr<std::vector<RowSource>> RowSourcesOf(const Query& query);

/// Which of `sources` the metric reads. REQUIRES: one, and that it is no metric of metrics.
size_t SourceIndex(std::span<const RowSource> sources, const Metric& metric);

}  // namespace sextant
