#pragma once

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "compute/exec/query_context.h"
#include "compute/operators/metric_values.h"

namespace sextant {

/// Of fewer values, what the calling of another thread costs is not made good.
inline constexpr size_t kLeastSharedValues = size_t{1} << 15;

/// Appends `size` values to `values`: append(begin, end, own) appends those with the numbers from
/// `begin` to `end` to `own`. Of many it is called for one block after another, by as many threads
/// as have nothing to do (RunParts), each with values of its own; their order is that of the
/// numbers. Errors: those of `append`, RESOURCE_EXHAUSTED.
absl::Status AppendInParts(
    QueryContext& context, size_t size, MetricValues& values,
    absl::FunctionRef<absl::Status(size_t begin, size_t end, MetricValues& own)> append);

}  // namespace sextant
