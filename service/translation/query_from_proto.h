#pragma once

#include "absl/status/statusor.h"
#include "compute/exec/query_context.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/metric_catalog.h"
#include "compute/plan/query.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// A request in the terms of the domain.
struct TranslatedQuery {
  Query query;
  Priority priority = Priority::kInteractive;
  v1::ResultFormat format = v1::RESULT_FORMAT_COLUMNS;  // never UNSPECIFIED
};

/// Reads `request`: names of columns stay unresolved, constants untyped; metrics and sets of
/// `catalog` are put in. Finds what can be said of the message
/// alone: absent parts, numbers out of range, unknown week days, and the limits on metrics, filter
/// nodes and depth, and lists.
/// Errors: INVALID_ARGUMENT with the path of the field, NOT_FOUND for a metric. Cost: linear in the
/// message; call it on a pool thread. Thread-safe.
absl::StatusOr<TranslatedQuery> QueryFromProto(const v1::QueryMetricsRequest& request,
                                               const MetricCatalog& catalog,
                                               const QueryLimits& limits);

/// Whether the axes that the request calls elements of a list are lists: the domain tells them from
/// columns by their types only. An axis that it calls a column may be either.
/// Errors: INVALID_ARGUMENT with the path of the axis.
absl::Status CheckAxes(const v1::QueryMetricsRequest& request, const BoundQuery& bound);

}  // namespace sextant
