#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/query.h"
#include "sextant/v1/filter.pb.h"

namespace sextant {

/// Reads the typed filter of a request; `field` is its path, for errors. Never deeper in recursion
/// than the limit on depth.
/// Errors: INVALID_ARGUMENT with the path of the node: one that is empty, a limit that is exceeded,
/// a list of several kinds, an operator that is not given.
absl::StatusOr<Predicate> FilterFromProto(const v1::Filter& filter, const std::string& field,
                                          const QueryLimits& limits);

/// Reads one constant; `field` is its path. Errors: INVALID_ARGUMENT where there is none.
absl::StatusOr<Literal> LiteralFromProto(const v1::Value& value, const std::string& field);

}  // namespace sextant
