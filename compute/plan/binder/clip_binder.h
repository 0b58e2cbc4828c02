#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// Whether quantiles and stride mean something. Errors: INVALID_ARGUMENT of "clip".
absl::Status CheckClip(const Clip& clip);

/// What clips an aggregate whose samples are those of `samples`, of the metric at `path`.
/// Errors: FAILED_PRECONDITION (CLIP_WITHOUT_INSTANT) of `path`.clip where the pin is no instant;
/// INVALID_ARGUMENT where the values are no numbers, or of more digits than are compared.
absl::StatusOr<BoundClip> BindClip(const Clip& clip, const BoundAggregate& samples,
                                   const std::string& path);

}  // namespace sextant
