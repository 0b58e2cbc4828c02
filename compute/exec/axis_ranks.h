#pragma once

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "compute/exec/finished_result.h"
#include "compute/exec/query_context.h"
#include "compute/operators/axis_coder.h"

namespace sextant {

/// Codes of the cells of one pass and dataset on an axis.
struct AxisSource {
  const AxisCoder* coder = nullptr;
  const AxisState* state = nullptr;
  std::span<const uint32_t> codes;  // all 0 where the axis is summed up
};

/// Orders the values that cells have on a group axis (text by bytes, enums and sets as declared,
/// NaN greatest, NULL last) and copies each once: values of several sources that are equal have one
/// rank. `ranks` of the result has the cells of all sources, one after another.
/// Errors: those of the context, RESOURCE_EXHAUSTED.
absl::StatusOr<AxisColumn> RankAxis(QueryContext& context, const DataType& type,
                                    std::span<const AxisSource> sources);

}  // namespace sextant
