#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/metric_catalog.h"
#include "compute/plan/query.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// The metrics that `request` asks: those of `catalog` by name, inline ones as defined, each with
/// the metrics that it rests on (of the request, else of the catalogue).
/// Errors: INVALID_ARGUMENT with the path of the field, NOT_FOUND for a name. Thread-safe.
absl::StatusOr<std::vector<Metric>> MetricsFromProto(const v1::QueryMetricsRequest& request,
                                                     const MetricCatalog& catalog,
                                                     const QueryLimits& limits);

/// INVALID_ARGUMENT when `text` is longer than expression text may be (rule 24); its field is
/// `part` of `field`.
absl::Status CheckExpressionText(const std::string& text, const std::string& field,
                                 const char* part = "");

}  // namespace sextant
