#pragma once

#include "absl/status/status.h"
#include "compute/plan/binder/bind_scope.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Binds the filters of `query`, typed and text, in every dataset. Errors: those of BindPredicate
/// and BindScope::CheckNames.
absl::Status BindFilters(const Query& query, const BindScope& scope, BoundQuery& bound);

}  // namespace sextant
