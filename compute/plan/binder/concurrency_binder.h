#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/query.h"

namespace sextant {

/// The aggregate that a metric of form `concurrency` is. Its samples have no value, so nothing of
/// the metric may ask for one. Errors: INVALID_ARGUMENT, of `path`.concurrency where it has no
/// span, of `path`.domain, .clip and .empty where it has these. REQUIRES: metric.concurrency.
absl::StatusOr<AggregateCall> ConcurrencyCall(const Metric& metric, const std::string& path);

}  // namespace sextant
